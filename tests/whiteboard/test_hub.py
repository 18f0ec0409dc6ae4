"""The asynchronous face: real time, a store that takes its time, and the end of the process."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
import structlog

from tests.whiteboard.hub_world import Disk, DiskFull, FakeChannel, FakeWire, document
from tests.whiteboard.updates import block, made, update
from whiteboard import (
    BoardConfig,
    BoardHub,
    ClientId,
    Epoch,
    LoggedUpdate,
    Member,
    MetaChanges,
    PageNumber,
    PageStart,
    PersonKey,
    Role,
    RoomKey,
    Snapshot,
    StoredMeta,
    StoredPage,
)
from whiteboard.room.jobs import Append, BeginEpoch, GiveClients, KeepSnapshot, LoadPage, SaveMeta
from whiteboard.wire.frames import AckFrame, UpdateFrame, write

ROOM = RoomKey("room")


class AsyncDisk:
    """A disk behind both protocols; each call gives the others a turn."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    async def load(self, _room: RoomKey, page: PageNumber) -> StoredPage:
        """A page."""
        await asyncio.sleep(0)
        found = self.disk.carry_out(LoadPage(page))
        assert isinstance(found, StoredPage)
        return found

    async def append(self, _room: RoomKey, page: PageNumber, epoch: Epoch, updates: Sequence[LoggedUpdate]) -> None:
        """Adds to the log."""
        await asyncio.sleep(0)
        self.disk.carry_out(Append(page, epoch, updates))

    async def give_clients(
        self, _room: RoomKey, page: PageNumber, epoch: Epoch, clients: Mapping[ClientId, PersonKey]
    ) -> None:
        """Binds client ids."""
        await asyncio.sleep(0)
        self.disk.carry_out(GiveClients(page, epoch, clients))

    async def keep_snapshot(self, _room: RoomKey, page: PageNumber, epoch: Epoch, snapshot: Snapshot) -> None:
        """A snapshot."""
        self.disk.carry_out(KeepSnapshot(page, epoch, snapshot))

    async def begin_epoch(
        self,
        _room: RoomKey,
        page: PageNumber,
        epoch: Epoch,
        clients: Mapping[ClientId, PersonKey],
        snapshot: Snapshot,
    ) -> None:
        """An epoch."""
        self.disk.carry_out(BeginEpoch(page, PageStart(epoch, clients, snapshot)))


class AsyncMeta:
    """The rows of the same disk."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.loads = 0

    async def load(self, _room: RoomKey) -> StoredMeta:
        """Everything."""
        self.loads += 1
        await asyncio.sleep(0)
        if self.disk.broken:
            raise DiskFull
        return self.disk.meta()

    async def save(self, _room: RoomKey, changes: MetaChanges) -> None:
        """Rows."""
        await asyncio.sleep(0)
        self.disk.carry_out(SaveMeta(changes))


def now_ms() -> int:
    """A clock that does not go back."""
    return 1_800_000_000_000 + int(time.monotonic() * 1000)


@asynccontextmanager
async def running(disk: Disk, config: BoardConfig | None = None) -> AsyncIterator[tuple[BoardHub, AsyncMeta]]:
    """A hub that runs; closed at the end."""
    meta = AsyncMeta(disk)
    hub = BoardHub(AsyncDisk(disk), meta, FakeWire(), now_ms, config)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(hub.run())
        yield hub, meta
        hub.close()


async def until(true: Callable[[], bool]) -> None:
    """Gives the hub its turns until something has happened."""
    async with asyncio.timeout(5):
        # What is waited for is a fake's plain state, which tells nobody when it changes.
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def drawn(hub: BoardHub) -> tuple[FakeChannel, int, bytes]:
    """A tutor who has drawn one shape on a new page; not yet acknowledged."""
    room = await hub.room(ROOM)
    tutor = FakeChannel("tutor")
    assert room.join(tutor, Member(PersonKey("tutor"), Role.TUTOR, "Tutor"), now_ms())
    room.text(tutor, json.dumps({"type": "board_add", "id": 1, "title": "B"}), now_ms())
    await until(lambda: tutor.count("done") == 1)
    room.text(tutor, json.dumps({"type": "page_add", "id": 2, "board": tutor.last("done")["board"]}), now_ms())
    await until(lambda: tutor.count("done") == 2)
    page = tutor.last("done")["page"]
    room.text(tutor, json.dumps({"type": "open", "page": page}), now_ms())
    await until(lambda: tutor.count("opened") == 1)
    body = update(block(tutor.last("opened")["client"], 0, made("tutor-aa")))
    room.binary(tutor, write(UpdateFrame(page, Epoch(1), 1, body)), now_ms())
    return tutor, page, body


async def test_an_update_is_stored_and_acknowledged_by_itself() -> None:
    async with running(Disk()) as (hub, _):
        tutor, page, body = await drawn(hub)
        await until(lambda: bool(tutor.of(AckFrame)))
        assert [shape.id for shape in await hub.shapes(ROOM, PageNumber(page))] == ["tutor-aa"]
        assert set(document(tutor, page, [body])) == {"tutor-aa"}
        counts = hub.snapshot()
        assert (counts["rooms"], counts["connected"], counts["open_pages"], counts["unstored"]) == (1, 1, 1, 0)
        assert counts["updates_in"] == 1


async def test_what_is_not_yet_stored_is_stored_before_the_end() -> None:
    disk = Disk()
    async with running(disk, BoardConfig(log_ms=60_000)) as (hub, _):
        _, page, _ = await drawn(hub)
        assert disk.documents[page].log == []
    assert [one.seq for one in disk.documents[page].log] == [1]
    assert [one.seq for one in disk.documents[page].snapshots] == [1]


async def test_a_disk_that_fails_ends_neither_the_hub_nor_its_end() -> None:
    disk = Disk()
    async with running(disk, BoardConfig(retry_ms=10)) as (hub, _):
        tutor, page, _ = await drawn(hub)
        disk.broken = True
        await until(lambda: hub.snapshot().get("store_failures", 0) > 1)
        disk.broken = False
        await until(lambda: bool(tutor.of(AckFrame)))
        disk.broken = True
    assert len(disk.documents[page].log) == 1


async def test_a_room_is_loaded_once_for_all_who_come_at_once_and_unloaded_after_the_last() -> None:
    disk = Disk()
    async with running(disk, BoardConfig(idle_s=0, look_ms=20)) as (hub, meta):
        tutor, page, _ = await drawn(hub)
        rooms = await asyncio.gather(*(hub.room(ROOM) for _ in range(5)))
        assert {id(room) for room in rooms} == {id(rooms[0])}
        assert meta.loads == 1
        rooms[0].leave(tutor, now_ms())
        await until(lambda: hub.snapshot()["rooms"] == 0)
        assert [one.seq for one in disk.documents[page].snapshots] == [1]
        assert (await hub.room(ROOM)).connections == 0
        assert meta.loads == 2


async def test_an_unknown_page_has_no_shapes_and_an_unreadable_room_says_so() -> None:
    disk = Disk()
    async with running(disk) as (hub, _):
        with pytest.raises(KeyError):
            await hub.shapes(ROOM, PageNumber(77))
        disk.broken = True
        with pytest.raises(DiskFull):
            await hub.room(RoomKey("other"))
        disk.broken = False
        assert (await hub.room(RoomKey("other"))).connections == 0


async def test_a_room_that_fails_is_given_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk()
    async with running(disk) as (hub, _):
        tutor, page, _ = await drawn(hub)
        await until(lambda: bool(tutor.of(AckFrame)))
        room = await hub.room(ROOM)

        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(room, "advance", fail)
        with structlog.testing.capture_logs() as logs:
            await until(lambda: tutor.closed == 1012)
        assert [one["event"] for one in logs] == ["room_failed"]
        assert hub.snapshot()["rooms_abandoned"] == 1
        again = await hub.room(ROOM)
        assert again is not room
        assert [shape.id for shape in await hub.shapes(ROOM, PageNumber(page))] == ["tutor-aa"]
