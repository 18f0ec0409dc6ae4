"""kill -9 while people draw: what was acknowledged is there afterwards, nothing twice, and all go on by themselves."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from server.access import Access, Role, wall_clock_ms
from server.settings import AccessConfig, Secret, StorageConfig
from server.storage import create_institution, create_room, open_database
from server.storage.board_tables import board_update
from tests.server.boards.client import Closed, Sheet, at_board
from tests.server.boards.conftest import first_page

ROUNDS = int(os.environ.get("BOARD_KILLS", "50"))
DRAWERS = 4
UNDER_WAY = 3
"""Strokes of one person that wait for their acknowledgement."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass(slots=True)
class Killable:
    """The server, which comes back on the same port."""

    parent: asyncio.subprocess.Process
    port: int = 0
    pid: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Starts a server."""
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        self.parent.stdin.write(f"{self.port}\n".encode())
        async with asyncio.timeout(50):
            while not (line := await self.parent.stdout.readline()).startswith(b"listening "):
                assert line, "the server's parent has ended"
        self.port, self.pid = (int(word) for word in line.split()[1:])
        self.up.set()

    def kill(self) -> None:
        """Takes the server's breath away."""
        self.up.clear()
        os.kill(self.pid, signal.SIGKILL)


@asynccontextmanager
async def killable(storage: StorageConfig, files: Path) -> AsyncIterator[Killable]:
    """A server that can be killed and started again."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.server.boards.serve_again",
        storage.url,
        str(files),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    server = Killable(parent)
    try:
        yield server
    finally:
        if server.up.is_set():
            server.kill()
        assert parent.stdin is not None
        parent.stdin.close()
        async with asyncio.timeout(10):
            await parent.wait()


@dataclass(slots=True)
class Drawer:
    """A person who draws without pause, and goes on where the server broke off."""

    name: str
    token: str
    page: int
    sheets: dict[int, Sheet] = field(default_factory=dict)
    drawn: int = 0
    breaks: int = 0

    @property
    def sheet(self) -> Sheet:
        """The page that is drawn on."""
        return self.sheets.setdefault(self.page, Sheet(self.page))

    async def draw_until(self, done: asyncio.Event, server: Killable, acked: asyncio.Queue[str]) -> None:
        """Draws; after `done` only what is still unacknowledged is brought home."""
        async with aiohttp.ClientSession() as http:
            while not done.is_set() or self.sheet.unsent:
                await server.up.wait()
                try:
                    async with at_board(server.url, http, self.token, self.sheets) as client:
                        sheet = await client.open(self.page)
                        await client.send(sheet)
                        while not done.is_set():
                            self.drawn += 1
                            known = len(sheet.acked)
                            await client.draw(sheet, f"{self.name}-{self.drawn:06}")
                            await client.until(lambda sheet=sheet: len(sheet.unsent) < UNDER_WAY or sheet.nacks)
                            assert sheet.nacks == []
                            for _ in range(len(sheet.acked) - known):
                                acked.put_nowait(self.name)
                        await client.stored(sheet)
                except (aiohttp.ClientError, Closed, ConnectionError):
                    self.breaks += 1


async def _people(storage: StorageConfig) -> list[str]:
    async with open_database(storage) as database:
        access = Access(database, AccessConfig(public_url="http://127.0.0.1", master_key=Secret("k" * 64)))
        now = wall_clock_ms()
        owner = await database.write(lambda c: create_institution(c, "Academy", (), now))
        room = await database.write(lambda c: create_room(c, owner.id, "Valuation", "valuation", now))
        tokens = []
        for number in range(DRAWERS + 1):
            minted = await access.mint_ticket(
                room, role=Role.OFFICER if number else Role.TUTOR, name=f"Person {number}"
            )
            tokens.append((await access.redeem_ticket(minted.secret)).token)
        return tokens


async def test_what_was_acknowledged_survives_many_kills_and_nothing_is_doubled(
    sqlite_config: StorageConfig, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    tutor_token, *tokens = await _people(sqlite_config)
    async with killable(sqlite_config, tmp_path / "files") as server, aiohttp.ClientSession() as http:
        await server.start()
        async with at_board(server.url, http, tutor_token) as tutor:
            board = (await tutor.ask("board_add", title="Board"))["board"]
            first = await first_page(tutor, "own")
            second = (await tutor.ask("page_add", board=board))["page"]
            assert (await tutor.ask("rights", page=second, mode="own"))["type"] == "done"
        drawers = [Drawer(f"drawer-{n}", token, (first, second)[n % 2]) for n, token in enumerate(tokens)]
        done: asyncio.Event = asyncio.Event()
        acked: asyncio.Queue[str] = asyncio.Queue()
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            for drawer in drawers:
                tasks.create_task(drawer.draw_until(done, server, acked))
            for _ in range(ROUNDS):
                while not acked.empty():
                    acked.get_nowait()
                async with asyncio.timeout(30):
                    for _ in range(dice.randint(1, 24)):
                        await acked.get()
                server.kill()
                await server.start()
            done.set()
        took_s = asyncio.get_running_loop().time() - began
        documents: dict[int, dict[str, bytes]] = {}
        async with at_board(server.url, http, tutor_token) as reader:
            for page in (first, second):
                documents[page] = (await reader.open(page)).shapes
    async with open_database(sqlite_config) as database:
        logged = await database.read(lambda c: [bytes(data) for data in c.scalars(select(board_update.c.data))])
    drawn = sum(drawer.drawn for drawer in drawers)
    print(f"{ROUNDS} kills in {took_s:.1f} s, {drawn} strokes, {sum(d.breaks for d in drawers)} broken connections")
    for drawer in drawers:
        expected = {f"{drawer.name}-{number:06}" for number in range(1, drawer.drawn + 1)}
        assert drawer.sheet.acked == expected
        assert {key for key in documents[drawer.page] if key.startswith(drawer.name)} == expected
    times = Counter(key for data in logged for key in _keys(data))
    assert set(times.values()) == {1}
    assert len(times) == drawn == len(logged)


def _keys(data: bytes) -> list[str]:
    """The ids of the shapes that an update of a drawer holds."""
    return [part[:15].decode() for part in data.split(b"\x01e\x0f")[1:]]
