"""Session tokens of a class that comes at once."""

import asyncio

import pytest

from server.access import Access, AccessRefused, RefusalCode, Role
from server.storage import Database, ReadFailed, Room, StorageFault
from server.storage.writer import T, Work


async def tokens(access: Access, room: Room, count: int) -> list[str]:
    """Session tokens of so many officers."""
    tickets = [await access.mint_ticket(room, role=Role.OFFICER, name=f"Officer {n}") for n in range(count)]
    return [(await access.redeem_ticket(ticket.secret)).token for ticket in tickets]


class Readings:
    """Counts the readings of a database, and can hold or fail them."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.fails = False
        self.begun = asyncio.Event()
        self.may_go = asyncio.Event()
        self.may_go.set()
        self._read = database.read
        monkeypatch.setattr(database, "read", self.read)

    async def read(self, query: Work[T]) -> T:
        """As the database does."""
        self.count += 1
        self.begun.set()
        # The others get their turn, as while a real database reads.
        await asyncio.sleep(0)
        await self.may_go.wait()
        if self.fails:
            raise ReadFailed(StorageFault.IO_ERROR, "The disk does not work.")
        return await self._read(query)


async def test_a_class_that_comes_at_once_is_let_in_by_two_readings(
    access: Access, room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await tokens(access, room, 8)
    readings = Readings(database, monkeypatch)
    asked = [*held, "x" * 43, held[0]]
    outcomes = await asyncio.gather(*(access.grant(token) for token in asked), return_exceptions=True)
    unknown = outcomes.pop(8)
    assert isinstance(unknown, AccessRefused)
    assert unknown.code is RefusalCode.TOKEN_INVALID
    assert [grant.name for grant in outcomes if not isinstance(grant, BaseException)] == [
        *(f"Officer {n}" for n in range(8)),
        "Officer 0",
    ]
    assert readings.count <= 2


async def test_who_gives_up_waiting_keeps_nobody_else_from_being_answered(
    access: Access, room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = await tokens(access, room, 3)
    readings = Readings(database, monkeypatch)
    readings.may_go.clear()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(access.grant(token)) for token in (one, two, three)]
        await readings.begun.wait()
        waiting[0].cancel()
        waiting[1].cancel()
        readings.may_go.set()
        assert (await waiting[2]).name == "Officer 2"
    assert (await access.grant(one)).name == "Officer 0"


async def test_a_database_that_fails_is_everyones_failure_and_nobodys_afterwards(
    access: Access, room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await tokens(access, room, 4)
    readings = Readings(database, monkeypatch)
    readings.fails = True
    outcomes = await asyncio.gather(*(access.grant(token) for token in held), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ReadFailed] * 4
    assert readings.count <= 2
    readings.fails = False
    assert [(await access.grant(token)).name for token in held] == [f"Officer {n}" for n in range(4)]


async def test_an_answer_is_never_older_than_its_question(access: Access, room: Room) -> None:
    (token,) = await tokens(access, room, 1)
    grant = await access.grant(token)
    await access.forget(grant.token_id)
    with pytest.raises(AccessRefused):
        await access.grant(token)
