"""Boards, pages, groups and turns, and what was when: stored and read back on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from server.storage import BoardHistory, BoardMetaStore, BoardStore, Database, Room
from tests.server.conftest import NOW
from tests.server.storage.test_boards import ANA, BEN, E1, E2, ONE, TWO, snapshot, updates
from whiteboard import (
    BoardId,
    BoardRow,
    GroupId,
    GroupRow,
    MetaChanges,
    Mode,
    PageNumber,
    PageRow,
    Paper,
    PersonKey,
    RoomKey,
    RoomRow,
    Rule,
    Slide,
    StoredPage,
    TurnRow,
)

BOARD = BoardRow(
    id=BoardId("b"), title="Tariff «1»", position="a0", mode=Mode.OWN, rules=(Rule.parse("role:officer", "locked"),)
)
PAGE = PageRow(
    number=ONE,
    board=BoardId("b"),
    epoch=E1,
    title="First",
    position="a0",
    width=1600,
    height=900,
    paper=Paper.GRID,
    slide=Slide("01file", 3),
    mode=Mode.SHARED,
    rules=(Rule.parse("person:ana", "tutors"), Rule.parse("group:g", "own")),
)
COPY = replace(PAGE, number=TWO, slide=None, copy_of=ONE, owner=PersonKey("ana"), shown=True, rules=())
GROUP = GroupRow(id=GroupId("g"), name="Table 1", persons=(PersonKey("ana"), PersonKey("ben")))


@pytest.fixture
def key(room: Room) -> RoomKey:
    """The room."""
    return RoomKey(room.id)


@pytest.fixture
def meta(database: Database) -> BoardMetaStore:
    """The store."""
    return BoardMetaStore(database)


@pytest.fixture
async def pages(database: Database) -> AsyncIterator[BoardStore]:
    """The log beside it."""
    opened = BoardStore(database)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(opened.run())
        yield opened
        opened.close()


async def test_a_room_without_boards_has_no_rows(meta: BoardMetaStore, key: RoomKey) -> None:
    stored = await meta.load(key)
    assert (stored.room, list(stored.boards), list(stored.pages), list(stored.groups)) == (None, [], [], [])


async def test_rows_come_back_as_they_were_saved(meta: BoardMetaStore, key: RoomKey) -> None:
    common = RoomRow(save_at_end=True, turn=TWO, next_page=3)
    await meta.save(key, MetaChanges(room=common, boards=[BOARD], pages=[PAGE, COPY], groups=[GROUP]))
    stored = await meta.load(key)
    assert stored.room == common
    assert list(stored.boards) == [BOARD]
    assert sorted(stored.pages, key=lambda page: page.number) == [PAGE, COPY]
    assert list(stored.groups) == [GROUP]


async def test_the_same_changes_may_come_again_and_others_write_over_them(meta: BoardMetaStore, key: RoomKey) -> None:
    first = MetaChanges(room=RoomRow(), boards=[BOARD], pages=[PAGE], groups=[GROUP])
    await meta.save(key, first)
    await meta.save(key, first)
    changed, gone = replace(PAGE, title="Second", removed_at=NOW), replace(BOARD, removed_at=NOW)
    await meta.save(key, MetaChanges(boards=[gone], pages=[changed], groups_gone=[GROUP.id]))
    stored = await meta.load(key)
    assert (list(stored.boards), list(stored.pages), list(stored.groups)) == ([gone], [changed], [])


async def test_a_late_save_does_not_bring_an_old_epoch_back(
    meta: BoardMetaStore, pages: BoardStore, key: RoomKey
) -> None:
    await meta.save(key, MetaChanges(boards=[BOARD], pages=[PAGE]))
    await pages.begin_epoch(key, ONE, E2, {}, snapshot(0))
    await meta.save(key, MetaChanges(pages=[replace(PAGE, title="Late")]))
    [stored] = (await meta.load(key)).pages
    assert (stored.epoch, stored.title) == (E2, "Late")


async def test_a_copy_begins_with_what_its_page_had(meta: BoardMetaStore, pages: BoardStore, key: RoomKey) -> None:
    begun = StoredPage(E1, {ANA: PersonKey("ana"), BEN: PersonKey("ben")}, snapshot(0), ())
    changes = MetaChanges(boards=[BOARD], pages=[PAGE, COPY], begun={TWO: begun})
    await meta.save(key, changes)
    await meta.save(key, changes)
    assert await pages.load(key, TWO) == replace(begun, tail=[])
    assert await pages.load(key, ONE) == StoredPage(E1, {}, None, [])


async def test_turns_of_a_window_come_with_the_one_before_it(
    meta: BoardMetaStore, database: Database, key: RoomKey
) -> None:
    turns = [
        TurnRow(None if number == 3 else PageNumber(number), PersonKey("eva"), NOW + number * 1000)
        for number in range(1, 6)
    ]
    for turn in turns:
        await meta.save(key, MetaChanges(turns=[turn]))
        await meta.save(key, MetaChanges(turns=[turn]))
    history = BoardHistory(database)
    assert list(await history.turns(key, NOW + 3000, NOW + 5000)) == turns[1:4]
    assert list(await history.turns(key, 0, NOW + 1001)) == turns[:1]


async def test_a_page_is_found_as_it_was_at_a_time(
    meta: BoardMetaStore, pages: BoardStore, database: Database, key: RoomKey
) -> None:
    await meta.save(key, MetaChanges(boards=[BOARD], pages=[PAGE, COPY]))
    await pages.give_clients(key, ONE, E1, {ANA: PersonKey("ana")})
    await pages.append(key, ONE, E1, updates(1, 9))
    await pages.keep_snapshot(key, ONE, E1, snapshot(4))
    await pages.begin_epoch(key, ONE, E2, {}, replace(snapshot(0), at_ms=NOW + 50))
    history = BoardHistory(database)
    clients = {ANA: PersonKey("ana")}
    assert await history.page_at(key, ONE, E1, NOW + 3) == StoredPage(E1, clients, None, updates(1, 3))
    assert await history.page_at(key, ONE, E1, NOW + 6) == StoredPage(E1, clients, snapshot(4), updates(5, 2))
    assert await history.page_at(key, ONE, E2, NOW + 49) is None
    assert await history.page_at(key, PageNumber(9), E1, NOW) is None
    assert list(await history.updates(key, ONE, E1, NOW + 3, NOW + 6)) == updates(3, 3)
    assert list(await history.updates(key, PageNumber(9), E1, NOW, NOW + 6)) == []
    assert list(await history.pages_of(key, NOW + 60, NOW + 90)) == [(ONE, E2), (TWO, E1)]
    assert list(await history.pages_of(key, NOW + 5, NOW + 90)) == [(ONE, E1), (TWO, E1)]
