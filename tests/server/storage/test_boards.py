"""The boards' pages: what was committed is read back as it was, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest
from sqlalchemy import func, insert, select, update

from server.storage import Conflict, Database, ReadFailed, Room, SessionId, WriteFailed
from server.storage.board_log import BoardLog, BoardLogConfig, PageId
from server.storage.board_tables import board, board_page, board_session, board_snapshot, board_update
from server.storage.boards import BoardStore
from server.storage.errors import StorageFault
from server.storage.tables import session
from tests.server.conftest import NOW
from whiteboard.ids import ClientId, Epoch, PageNumber, PersonKey, RoomKey, Seq
from whiteboard.ports import LoggedUpdate, Snapshot

ONE, TWO = PageNumber(1), PageNumber(2)
E1, E2 = Epoch(1), Epoch(2)
ANA, BEN = ClientId(4_000_000_000), ClientId(7)


def updates(first: int, count: int = 1, client: ClientId = ANA, person: str = "ana") -> list[LoggedUpdate]:
    """Log rows with consecutive numbers."""
    return [
        LoggedUpdate(Seq(seq), NOW + seq, client, PersonKey(person), b"stroke %d" % seq)
        for seq in range(first, first + count)
    ]


def snapshot(seq: int) -> Snapshot:
    """A page's document up to `seq`."""
    return Snapshot(Seq(seq), NOW + seq, b"state %d" % seq * 100, b"index %d" % seq)


@pytest.fixture
async def key(database: Database, room: Room) -> RoomKey:
    """A room with two pages."""
    values = {"board_id": "b", "epoch": 1, "title": "", "width": 1600, "height": 900, "paper": "blank"}
    rights = {"mode": "own", "rules": [], "shown": False, "handed_out": False}

    def fill(connection: object) -> None:
        connection.execute(  # type: ignore[attr-defined]  # a Connection
            insert(board).values(room_id=room.id, id="b", title="Board", position="a", mode="own", rules=[])
        )
        rows = [{"room_id": room.id, "number": n, "position": f"a{n}", **values, **rights} for n in (ONE, TWO)]
        connection.execute(insert(board_page), rows)  # type: ignore[attr-defined]  # a Connection

    await database.write(fill)
    return RoomKey(room.id)


class Sessions:
    """Which session goes on; the test changes it."""

    def __init__(self) -> None:
        self.current: SessionId | None = None

    def __call__(self, _room: RoomKey) -> SessionId | None:
        return self.current


@pytest.fixture
def sessions() -> Sessions:
    """The session that goes on."""
    return Sessions()


@pytest.fixture
async def store(database: Database, sessions: Sessions) -> AsyncIterator[BoardStore]:
    """A store whose log runs."""
    opened = BoardStore(database, sessions)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(opened.run())
        yield opened
        opened.close()


async def test_a_new_page_has_an_empty_log(store: BoardStore, key: RoomKey) -> None:
    page = await store.load(key, ONE)
    assert (page.epoch, page.clients, page.snapshot, list(page.tail)) == (E1, {}, None, [])


async def test_an_unknown_page_is_a_key_error(store: BoardStore, key: RoomKey) -> None:
    with pytest.raises(KeyError):
        await store.load(key, PageNumber(99))


async def test_what_was_appended_is_read_back_in_order_with_its_persons(store: BoardStore, key: RoomKey) -> None:
    await store.give_clients(key, ONE, E1, {ANA: PersonKey("ana"), BEN: PersonKey("ben")})
    await store.append(key, ONE, E1, updates(1, 3))
    await store.append(key, ONE, E1, updates(4, 1, BEN, "ben"))
    page = await store.load(key, ONE)
    assert list(page.tail) == [*updates(1, 3), *updates(4, 1, BEN, "ben")]
    assert page.clients == {ANA: "ana", BEN: "ben"}


async def test_a_seq_that_is_taken_is_a_conflict_and_stores_nothing(store: BoardStore, key: RoomKey) -> None:
    await store.append(key, ONE, E1, updates(1, 2))
    with pytest.raises(Conflict):
        await store.append(key, ONE, E1, updates(2, 2))
    assert [one.seq for one in (await store.load(key, ONE)).tail] == [1, 2]


async def test_appends_of_many_pages_share_a_unit_and_one_pages_fault_spares_the_others(
    store: BoardStore, key: RoomKey
) -> None:
    await store.append(key, ONE, E1, updates(1))
    before = store.log.units
    outcomes = await asyncio.gather(
        *(store.append(key, TWO, E1, updates(n)) for n in range(1, 9)),
        store.append(key, ONE, E1, updates(1)),
        store.append(key, ONE, E1, updates(2)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [*([type(None)] * 8), Conflict, type(None)]
    assert len((await store.load(key, TWO)).tail) == 8
    assert [one.seq for one in (await store.load(key, ONE)).tail] == [1, 2]
    await asyncio.gather(*(store.append(key, TWO, E1, updates(n)) for n in range(9, 29)))
    assert store.log.units <= before + 9 + 2


async def test_a_client_id_belongs_to_one_person_for_ever(store: BoardStore, key: RoomKey) -> None:
    await store.give_clients(key, ONE, E1, {ANA: PersonKey("ana")})
    await store.give_clients(key, ONE, E1, {ANA: PersonKey("ana")})
    with pytest.raises(Conflict):
        await store.give_clients(key, ONE, E1, {ANA: PersonKey("eve"), BEN: PersonKey("ben")})
    assert (await store.load(key, ONE)).clients == {ANA: "ana"}


async def test_a_page_is_its_newest_snapshot_and_the_log_after_it(store: BoardStore, key: RoomKey) -> None:
    await store.append(key, ONE, E1, updates(1, 5))
    await store.keep_snapshot(key, ONE, E1, snapshot(3))
    page = await store.load(key, ONE)
    assert page.snapshot == snapshot(3)
    assert [one.seq for one in page.tail] == [4, 5]


async def test_older_snapshots_go_and_log_rows_stay(store: BoardStore, key: RoomKey, database: Database) -> None:
    await store.append(key, ONE, E1, updates(1, 9))
    for seq in (2, 4, 6, 8):
        await store.keep_snapshot(key, ONE, E1, snapshot(seq))
    assert await database.read(lambda c: list(c.scalars(select(board_snapshot.c.seq)))) == [6, 8]
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(board_update))) == 9


async def test_a_damaged_snapshot_is_passed_over(store: BoardStore, key: RoomKey, database: Database) -> None:
    await store.append(key, ONE, E1, updates(1, 9))
    for seq in (4, 8):
        await store.keep_snapshot(key, ONE, E1, snapshot(seq))
    damage = update(board_snapshot).where(board_snapshot.c.seq == 8).values(state=b"x\x9cbroken")
    await database.write(lambda c: c.execute(damage))
    page = await store.load(key, ONE)
    assert page.snapshot == snapshot(4)
    assert [one.seq for one in page.tail] == [5, 6, 7, 8, 9]
    await database.write(lambda c: c.execute(update(board_snapshot).values(state=b"x\x9cbroken")))
    page = await store.load(key, ONE)
    assert page.snapshot is None
    assert len(page.tail) == 9


async def test_a_snapshot_that_is_read_back_otherwise_is_not_kept(
    store: BoardStore, key: RoomKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.append(key, ONE, E1, updates(1, 9))
    await store.keep_snapshot(key, ONE, E1, snapshot(4))
    monkeypatch.setattr("server.storage.boards.unpack", lambda _packed: snapshot(3))
    with pytest.raises(WriteFailed) as failed:
        await store.keep_snapshot(key, ONE, E1, snapshot(8))
    assert failed.value.reason is StorageFault.CORRUPT
    monkeypatch.undo()
    assert (await store.load(key, ONE)).snapshot == snapshot(4)


async def test_a_new_epoch_begins_with_its_snapshot_and_keeps_the_old_log(
    store: BoardStore, key: RoomKey, database: Database
) -> None:
    await store.append(key, ONE, E1, updates(1, 3))
    await store.begin_epoch(key, ONE, E2, {BEN: PersonKey("ben")}, snapshot(0))
    await store.append(key, ONE, E2, updates(1, 2, BEN, "ben"))
    page = await store.load(key, ONE)
    assert (page.epoch, page.snapshot, page.clients) == (E2, snapshot(0), {BEN: "ben"})
    assert list(page.tail) == updates(1, 2, BEN, "ben")
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(board_update))) == 5


async def test_an_epoch_that_is_over_takes_no_more(store: BoardStore, key: RoomKey) -> None:
    await store.begin_epoch(key, ONE, E2, {}, snapshot(0))
    with pytest.raises(Conflict):
        await store.append(key, ONE, E1, updates(1))
    with pytest.raises(Conflict):
        await store.begin_epoch(key, ONE, E1, {}, snapshot(0))
    with pytest.raises(Conflict):
        await store.begin_epoch(key, ONE, E2, {}, snapshot(0))


async def test_what_an_epoch_began_with_is_never_deleted_nor_made_up(
    store: BoardStore, key: RoomKey, database: Database
) -> None:
    await store.begin_epoch(key, ONE, E2, {}, snapshot(0))
    await store.append(key, ONE, E2, updates(1, 9))
    for seq in (2, 4, 6):
        await store.keep_snapshot(key, ONE, E2, snapshot(seq))
    assert await database.read(lambda c: list(c.scalars(select(board_snapshot.c.seq)))) == [0, 4, 6]
    await database.write(lambda c: c.execute(update(board_snapshot).values(index=b"")))
    with pytest.raises(ReadFailed) as failed:
        await store.load(key, ONE)
    assert failed.value.reason is StorageFault.CORRUPT


async def test_the_log_knows_its_session(
    store: BoardStore, key: RoomKey, database: Database, sessions: Sessions
) -> None:
    rows = [{"id": name, "room_id": key, "state": "ended", "started_at": NOW} for name in ("monday", "tuesday")]
    await database.write(lambda c: c.execute(insert(session), rows))
    await store.append(key, ONE, E1, updates(1, 2))
    for name, first in (("monday", 3), ("tuesday", 7)):
        sessions.current = SessionId(name)
        await store.append(key, ONE, E1, updates(first, 2))
        await store.append(key, ONE, E1, updates(first + 2, 2))
    spans = await database.read(
        lambda c: c.execute(select(board_session.c.first_seq, board_session.c.session_id)).all()
    )
    assert [tuple(span) for span in spans] == [(3, "monday"), (7, "tuesday")]


async def test_a_log_that_waits_too_long_refuses_instead_of_growing(database: Database) -> None:
    log = BoardLog(database, BoardLogConfig(waiting_bytes=20))
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(log.append(PageId(1), E1, None, updates(1, 2)))
        await asyncio.sleep(0)
        with pytest.raises(WriteFailed) as refused:
            await log.append(PageId(1), E1, None, updates(3))
        assert refused.value.reason is StorageFault.OVERLOADED
        waiting.cancel()


async def test_what_waits_when_the_log_closes_is_stored_first(database: Database, key: RoomKey) -> None:
    store = BoardStore(database)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(store.append(key, ONE, E1, updates(1)))
        await store.load(key, ONE)
        assert store.log.waiting == 1
        store.close()
        tasks.create_task(store.run())
        await waiting
    with pytest.raises(WriteFailed):
        await store.append(key, ONE, E1, updates(2))
    assert len((await store.load(key, ONE)).tail) == 1


async def test_a_snapshot_of_which_only_the_answer_was_lost_can_be_stored_again(
    store: BoardStore, key: RoomKey
) -> None:
    await store.append(key, ONE, E1, updates(1, 5))
    await store.keep_snapshot(key, ONE, E1, snapshot(5))
    await store.keep_snapshot(key, ONE, E1, snapshot(5))
    page = await store.load(key, ONE)
    assert page.snapshot == snapshot(5)
    assert page.tail == []


async def test_rows_that_a_driver_does_not_take_fail_alone_and_the_log_goes_on(store: BoardStore, key: RoomKey) -> None:
    await store.load(key, ONE)
    bad = LoggedUpdate(Seq(2**70), NOW, ANA, PersonKey("ana"), b"stroke")
    async with asyncio.TaskGroup() as tasks:
        good = tasks.create_task(store.append(key, TWO, E1, updates(1)))
        refused = tasks.create_task(_outcome(store.append(key, ONE, E1, [bad])))
    assert good.exception() is None
    assert isinstance(refused.result(), WriteFailed)
    await store.append(key, ONE, E1, updates(1))
    assert [one.seq for one in (await store.load(key, ONE)).tail] == [1]


async def _outcome(act: Awaitable[None]) -> Exception | None:
    try:
        await act
    except Exception as error:
        return error
    return None
