"""kill -9 of the server: what was acknowledged is there afterwards, and people come back as the same ones."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.access import Access, Role, wall_clock_ms
from server.attendance import Attendance, EventKind
from server.settings import AccessConfig, Secret, StorageConfig
from server.storage import Room, create_institution, create_room, open_database
from tests.server.running import Stage, page

pytestmark = pytest.mark.slow


@asynccontextmanager
async def _server(url: str, port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.server.serve_for_kill",
        url,
        str(port),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(50):
            async for line in process.stdout:
                if line.startswith(b"listening "):
                    break
        yield process, int(line.split()[1])
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def _tokens(storage: StorageConfig) -> tuple[Room, list[str]]:
    async with open_database(storage) as database:
        access = Access(database, AccessConfig(public_url="http://127.0.0.1", master_key=Secret("k" * 64)))
        now = wall_clock_ms()
        owner = await database.write(lambda c: create_institution(c, "Academy", (), now))
        room = await database.write(lambda c: create_room(c, owner.id, "Valuation", "valuation", now))
        tokens = []
        for name, role in (("Tutor", Role.TUTOR), ("Ana", Role.OFFICER), ("Ben", Role.OFFICER)):
            minted = await access.mint_ticket(room, role=role, name=name)
            tokens.append((await access.redeem_ticket(minted.secret)).token)
        return room, tokens


async def _join_all(port: int, tokens: list[str], *, kill: asyncio.subprocess.Process | None = None) -> list[Any]:
    stage = cast(Stage, SimpleNamespace(url=f"http://127.0.0.1:{port}"))
    states = []
    async with asyncio.TaskGroup() as tabs:

        async def sit(number: int, token: str) -> None:
            async with page(stage, token, f"tab-0000000{number}") as tab:
                states.append(await tab.join())
                if len(states) == len(tokens) and kill is not None:
                    kill.send_signal(signal.SIGKILL)
                if kill is not None:
                    async with asyncio.timeout(20):
                        await tab.gone.wait()

        for number, token in enumerate(tokens):
            tabs.create_task(sit(number, token))
    return states


async def test_acknowledged_joins_survive_and_people_are_the_same(sqlite_config: StorageConfig) -> None:
    _, tokens = await _tokens(sqlite_config)
    async with _server(sqlite_config.url, 0) as (process, port):
        before = await _join_all(port, tokens, kill=process)
        assert await process.wait() == -signal.SIGKILL
    async with _server(sqlite_config.url, 0) as (_, port):
        after = await _join_all(port, tokens)
    assert {s["you"]["participant"] for s in before} == {s["you"]["participant"] for s in after}
    [session] = {s["session"]["id"] for s in [*before, *after]}
    async with open_database(sqlite_config) as database:
        events = await Attendance(database, wall_clock_ms).events(session)
    joins = [e for e in events if e.kind is EventKind.JOIN]
    crashes = [e for e in events if e.kind is EventKind.LEAVE and e.data["reason"] == "crash"]
    assert len(joins) == 6
    assert {e.conn_id for e in crashes[:3]} == {e.conn_id for e in joins[:3]}
