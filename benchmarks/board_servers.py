"""The three servers of the board benchmark, each as a process of its own on one core, with a page to draw on."""

import asyncio
import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.interop.live_server import LiveServer, free_port

RIVALS = Path(__file__).resolve().parent / "rivals"
AUTHORS, OFFICERS = 10, 140
"""Persons of the class; each may hold four connections, so that 500 receivers fit."""


@dataclass(slots=True)
class BoardServer:
    """A server that listens. `tokens` are only looked at by Muster."""

    dialect: str
    address: str
    pid: int
    page: int = 1
    tokens: list[str] = field(default_factory=lambda: ["none"])

    def rss_kib(self) -> int:
        """Resident memory of the process, KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@asynccontextmanager
async def muster(core: int) -> AsyncIterator[BoardServer]:
    """The whole server with its database, and a page on which everyone draws."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        async with LiveServer(data, prefix=["taskset", "-c", str(core)]) as server:
            async with aiohttp.ClientSession(server.url) as http:
                tokens = [await _token(http, server.links["tutor"]) for _ in range(AUTHORS)]
                tokens += [await _token(http, server.links["officer"]) for _ in range(OFFICERS)]
                page = await _page(http, tokens[0])
            yield BoardServer("muster", server.url.removeprefix("http://"), server.pid, page, tokens)


@asynccontextmanager
async def rival(name: str, core: int) -> AsyncIterator[BoardServer]:
    """One of the servers of rivals/, in memory, without rights or log."""
    port = free_port()
    command = ["taskset", "-c", str(core), "node", f"{name}.mjs", str(port)]
    process = await asyncio.create_subprocess_exec(*command, cwd=RIVALS, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None, "piped"
    try:
        assert await process.stdout.readline() == b"listening\n", f"{name} did not start"
        yield BoardServer(name, f"127.0.0.1:{port}", process.pid)
    finally:
        process.kill()
        await process.wait()


def install_rivals() -> None:
    """Fetches the other servers, as locked, where they are missing. None of their install scripts is run."""
    if not (RIVALS / "node_modules").exists():
        environment = {**os.environ, "npm_config_loglevel": "error"}
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=RIVALS, env=environment, check=True, stdout=subprocess.DEVNULL)


def stroke_cost(name: str) -> dict[str, int]:
    """Bytes of one stroke of 40 points with this rival: `sent` by its author in all, and `stored` in the document."""
    said = subprocess.run(["node", "stroke.mjs", name], cwd=RIVALS, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, int] = json.loads(said)
    return found


async def _token(http: aiohttp.ClientSession, link: str) -> str:
    invitation = link.partition("#invitation=")[2]
    # What a browser keeps, so that the same guest is known again.
    body = {"invitation": invitation, "name": "Officer", "guest_key": secrets.token_urlsafe(24)}
    for _ in range(100):
        async with http.post("/api/session", json=body) as response:
            if response.status == 429:
                # The server's own limit on exchanges of a link, which the benchmark leaves on.
                await asyncio.sleep(float(response.headers["Retry-After"]))
                continue
            response.raise_for_status()
            return str((await response.json())["token"])
    raise RuntimeError("the server refused too many exchanges of a link")


async def _page(http: aiohttp.ClientSession, token: str) -> int:
    async with http.ws_connect("/ws/board") as socket:
        await socket.send_json({"type": "hello", "token": token, "tab": "benchmark"})
        welcome = await _told(socket, "welcome")
        if welcome["boards"]:
            board = welcome["boards"][0]["id"]
        else:
            await socket.send_json({"type": "board_add", "id": 1, "title": "Benchmark"})
            board = (await _told(socket, "done"))["board"]
        await socket.send_json({"type": "page_add", "id": 2, "board": board})
        page: int = (await _told(socket, "done"))["page"]
        await socket.send_json({"type": "rights", "id": 3, "page": page, "mode": "own"})
        await _told(socket, "done")
        return page


async def _told(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                told: dict[str, Any] = json.loads(message.data)
                if told["type"] == "refused":
                    raise RuntimeError(f"the server refused: {message.data}")
                if told["type"] == kind:
                    return told
    raise RuntimeError(f"the socket ended before {kind!r}: {socket.close_code}")
