"""A whole Muster server as a process of its own, for tests that look from outside."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15
LINK = re.compile(r"(tutor|officer)\b.*?(https?://\S+/join#invitation=\S+)", re.IGNORECASE)


def free_port() -> int:
    """A port that is free for TCP and UDP now; the system does not give it again soon."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class LiveServer:
    """`muster serve` on loopback with a data folder of its own. `kill` and `start` again keep ports and data."""

    def __init__(
        self, data_dir: Path, *, environment: dict[str, str] | None = None, prefix: Sequence[str] = ()
    ) -> None:
        self.data_dir = data_dir
        self.http_port = free_port()
        self.media_port = free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.links: dict[str, str] = {}
        self.output: list[str] = []
        self._prefix = list(prefix)
        self._environment = {
            **os.environ,
            "MUSTER_HTTP_PORT": str(self.http_port),
            "MUSTER_MEDIA_PORT": str(self.media_port),
            "MUSTER_MEDIA_ANNOUNCED": "127.0.0.1",
            "MUSTER_LIMITS_JOINS_PER_MINUTE": "100000",
            "MUSTER_DATA_DIR": str(data_dir),
            **(environment or {}),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._readers = asyncio.TaskGroup()
        self._ready = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._readers.__aenter__()
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await self._readers.__aexit__(kind, error, trace)

    @property
    def pid(self) -> int:
        assert self._process is not None, "started"
        return self._process.pid

    async def start(self) -> None:
        """Returns when both links are printed; fails with the output when the process ends before."""
        self._ready.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._prefix,
            sys.executable,
            "-m",
            "server",
            "serve",
            cwd=REPOSITORY,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._readers.create_task(self._read(self._process))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._ready.wait()
        except TimeoutError:
            await self.kill()
        assert {"tutor", "officer"} <= self.links.keys(), "".join(self.output)

    async def command(self, *arguments: str) -> str:
        """Runs `muster …` with this server's settings, as an operator does beside it; returns what it says."""
        process = await asyncio.create_subprocess_exec(
            *self._prefix,
            sys.executable,
            "-m",
            "server",
            *arguments,
            cwd=REPOSITORY,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(START_TIMEOUT_S):
            said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def stop(self) -> int:
        """Drains like Ctrl-C; returns the exit code."""
        return await self._end(signal.SIGINT)

    async def kill(self) -> int:
        """As a crash does: no time to write anything."""
        return await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                code = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            code = await self._process.wait()
        self._process = None
        return code

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "piped"
        async for raw in process.stdout:
            line = raw.decode(errors="replace")
            self.output.append(line)
            if found := LINK.search(line):
                self.links[found.group(1).lower()] = found.group(2)
            if {"tutor", "officer"} <= self.links.keys():
                self._ready.set()
        self._ready.set()
