"""Tickets, invitations and session tokens."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, update

from server.access import Access, AccessRefused, RefusalCode, Role
from server.attendance import EMPTY_TIMER_S, Attendance, LeaveReason
from server.settings import AccessConfig
from server.storage import Database, Room, create_institution, create_room, open_database
from server.storage import tables as t
from tests.server.conftest import NOW, HandClock

KEY = "k" * 22


async def refusal(call: Awaitable[object]) -> RefusalCode:
    """The code with which a call is refused."""
    with pytest.raises(AccessRefused) as refused:
        await call
    assert str(refused.value)
    return refused.value.code


async def test_a_ticket_becomes_a_session_once(access: Access, room: Room) -> None:
    ticket = await access.mint_ticket(room, role=Role.TUTOR, name=" Ana ", subject="7", muted=True)
    assert ticket.url == f"https://class.example/join#ticket={ticket.secret}"
    assert ticket.expires_at == NOW + 60_000
    entry = await access.redeem_ticket(ticket.secret)
    grant = await access.grant(entry.token)
    assert grant == entry.grant
    assert (grant.room.id, grant.name, grant.role, grant.muted) == (room.id, "Ana", Role.TUTOR, True)
    assert grant.expires_at == NOW + 12 * 3600 * 1000
    assert await refusal(access.redeem_ticket(ticket.secret)) is RefusalCode.TICKET_USED


async def test_of_fifty_at_the_same_time_one_gets_in(access: Access, room: Room) -> None:
    ticket = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
    outcomes = await asyncio.gather(*(access.redeem_ticket(ticket.secret) for _ in range(50)), return_exceptions=True)
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, AccessRefused)]
    assert refused == [RefusalCode.TICKET_USED] * 49


async def test_of_two_servers_on_one_database_one_lets_the_ticket_in(
    access: Access, room: Room, database: Database, access_config: AccessConfig, clock: HandClock
) -> None:
    async with open_database(database._config) as second:
        other = Access(second, access_config, clock)
        for _ in range(5):
            ticket = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
            outcomes = await asyncio.gather(
                *(gate.redeem_ticket(ticket.secret) for gate in (access, other) * 5), return_exceptions=True
            )
            assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1


async def test_an_expired_or_unknown_ticket_says_so(access: Access, room: Room, clock: HandClock) -> None:
    ticket = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
    clock.push(60)
    assert await refusal(access.redeem_ticket(ticket.secret)) is RefusalCode.TICKET_EXPIRED
    assert await refusal(access.redeem_ticket("nonsense")) is RefusalCode.TICKET_UNKNOWN
    assert await refusal(access.redeem_ticket("\ud800")) is RefusalCode.TICKET_UNKNOWN


async def test_no_secret_is_stored(access: Access, room: Room, database: Database) -> None:
    ticket = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
    invitation = await access.mint_invitation(room, role=Role.OFFICER)
    tokens = [(await access.redeem_ticket(ticket.secret)).token]
    tokens.append((await access.redeem_invitation(invitation.secret, "Ben", KEY)).token)

    def everything(connection: Connection) -> str:
        return repr([connection.execute(select(table)).all() for table in t.metadata.sorted_tables])

    stored = await database.read(everything)
    assert "Ben" in stored
    for secret in (ticket.secret, invitation.secret, KEY, *tokens):
        assert secret not in stored


async def test_the_same_guest_key_is_the_same_person_and_another_is_not(access: Access, room: Room) -> None:
    invitation = await access.mint_invitation(room, role=Role.OFFICER)
    first = (await access.redeem_invitation(invitation.secret, "Ana", KEY)).grant
    again = (await access.redeem_invitation(invitation.secret, "Ana B.", KEY)).grant
    other = (await access.redeem_invitation(invitation.secret, "Ana", "j" * 22)).grant
    assert first.person_id == again.person_id
    assert again.name == "Ana B."
    assert other.person_id != first.person_id


async def test_a_subject_is_one_person_within_its_institution_only(
    access: Access, room: Room, database: Database
) -> None:

    other = await database.write(lambda c: create_institution(c, "Other", (), NOW))
    there = await database.write(lambda c: create_room(c, other.id, "Law", "law", NOW))
    people = []
    for place in (room, room, there):
        ticket = await access.mint_ticket(place, role=Role.OFFICER, name="Ana", subject="7")
        people.append((await access.redeem_ticket(ticket.secret)).grant.person_id)
    assert people[0] == people[1] != people[2]


async def test_an_invitation_ends_and_can_be_unknown(access: Access, room: Room, clock: HandClock) -> None:
    invitation = await access.mint_invitation(room, role=Role.OFFICER, expires_in_s=3600)
    assert await refusal(access.redeem_invitation("nope", "Ana", KEY)) is RefusalCode.INVITATION_UNKNOWN
    assert await refusal(access.redeem_invitation(invitation.secret, "\n", KEY)) is RefusalCode.NAME_INVALID
    assert await refusal(access.redeem_invitation(invitation.secret, "Ana", "short")) is RefusalCode.INVALID
    clock.push(3600)
    assert await refusal(access.redeem_invitation(invitation.secret, "Ana", KEY)) is RefusalCode.INVITATION_EXPIRED


async def test_a_link_gives_no_role_outside_of_rooms(access: Access, room: Room) -> None:
    for role in (Role.OPERATOR, Role.COORDINATOR, Role.EMBEDDER, Role.ANONYMOUS):
        assert await refusal(access.mint_ticket(room, role=role, name="Ana")) is RefusalCode.INVALID
        assert await refusal(access.mint_invitation(room, role=role)) is RefusalCode.INVALID


async def test_a_subject_is_short_and_printable(access: Access, room: Room) -> None:
    for subject in ("", "x" * 201, "a\x00b", "\ud800"):
        assert await refusal(access.mint_ticket(room, role=Role.OFFICER, name="Ana", subject=subject)) is (
            RefusalCode.INVALID
        )


async def test_a_token_ends_by_time_and_by_being_forgotten(access: Access, room: Room, clock: HandClock) -> None:
    invitation = await access.mint_invitation(room, role=Role.OFFICER)
    first = await access.redeem_invitation(invitation.secret, "Ana", KEY)
    second = await access.redeem_invitation(invitation.secret, "Ben", "j" * 22)
    await access.forget(first.grant.token_id)
    assert await refusal(access.grant(first.token)) is RefusalCode.TOKEN_INVALID
    assert await refusal(access.grant("x" * 43)) is RefusalCode.TOKEN_INVALID
    clock.push(12 * 3600)
    assert await refusal(access.grant(second.token)) is RefusalCode.TOKEN_EXPIRED


async def test_the_removed_stay_out_of_this_session_whatever_they_come_with(
    access: Access, attendance: Attendance, room: Room
) -> None:
    invitation = await access.mint_invitation(room, role=Role.OFFICER)
    ben = await access.redeem_invitation(invitation.secret, "Ben", KEY)
    second_tab = await access.redeem_invitation(invitation.secret, "Ben", KEY)
    joined = await attendance.join(room.id, ben.grant.person_id, name="Ben", role="officer", tab="t")
    await access.remove(room.id, ben.grant.person_id, None)
    for token in (ben.token, second_tab.token):
        assert await refusal(access.grant(token)) is RefusalCode.REMOVED
    assert await refusal(access.redeem_invitation(invitation.secret, "Carl", KEY)) is RefusalCode.REMOVED
    await attendance.end_session(joined.session_id)
    assert await refusal(access.grant(ben.token)) is RefusalCode.TOKEN_INVALID
    assert (await access.redeem_invitation(invitation.secret, "Ben", KEY)).grant.person_id == ben.grant.person_id


async def test_a_refused_entry_does_not_spend_the_ticket(
    access: Access,
    attendance: Attendance,
    room: Room,
    access_config: AccessConfig,
    database: Database,
    clock: HandClock,
) -> None:
    small = Access(database, replace(access_config, room_capacity=1), clock)
    seats = [await small.mint_ticket(room, role=Role.OFFICER, name=name, subject=name) for name in ("Ana", "Ben")]
    ana = (await small.redeem_ticket(seats[0].secret)).grant
    joined = await attendance.join(room.id, ana.person_id, name="Ana", role="officer", tab="t")
    assert await refusal(small.redeem_ticket(seats[1].secret)) is RefusalCode.ROOM_FULL
    back = await small.mint_ticket(room, role=Role.OFFICER, name="Ana", subject="Ana")
    assert (await small.redeem_ticket(back.secret)).grant.person_id == ana.person_id
    await attendance.end_session(joined.session_id)
    assert (await small.redeem_ticket(seats[1].secret)).grant.name == "Ben"


async def test_a_closed_room_lets_nobody_in(access: Access, room: Room, database: Database) -> None:
    ticket = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
    inside = await access.redeem_ticket((await access.mint_ticket(room, role=Role.OFFICER, name="Ben")).secret)
    await database.write(lambda c: c.execute(update(t.room).values(closed_at=NOW)))
    assert await refusal(access.redeem_ticket(ticket.secret)) is RefusalCode.ROOM_CLOSED
    assert await refusal(access.grant(inside.token)) is RefusalCode.ROOM_CLOSED


async def test_an_old_token_does_not_resurrect_an_ended_class_after_a_restart(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    # Nothing but the database remembers here that the class was ended, as after a restart.
    invitation = await access.mint_invitation(room, role=Role.OFFICER)
    stale = await access.redeem_invitation(invitation.secret, "Ben", KEY)
    tutor = await access.redeem_ticket((await access.mint_ticket(room, role=Role.TUTOR, name="Tina")).secret)
    assert await access.grant(stale.token) == stale.grant
    clock.push(1)
    joined = await attendance.join(room.id, tutor.grant.person_id, name="Tina", role="tutor", tab="t")
    clock.push(1)
    assert await access.grant(stale.token) == stale.grant
    await attendance.end_session(joined.session_id)
    assert await refusal(access.grant(stale.token)) is RefusalCode.ROOM_CLOSED
    assert await access.grant(tutor.token) == tutor.grant
    clock.push(1)
    fresh = await access.redeem_invitation(invitation.secret, "Ben", KEY)
    assert await access.grant(fresh.token) == fresh.grant
    assert await refusal(access.grant(stale.token)) is RefusalCode.ROOM_CLOSED
    await attendance.join(room.id, tutor.grant.person_id, name="Tina", role="tutor", tab="t")
    assert await access.grant(stale.token) == stale.grant


async def test_a_class_that_ran_empty_takes_its_people_back(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    officer = await access.redeem_ticket((await access.mint_ticket(room, role=Role.OFFICER, name="Ben")).secret)
    clock.push(1)
    joined = await attendance.join(room.id, officer.grant.person_id, name="Ben", role="officer", tab="t")
    clock.push(1)
    await attendance.leave(joined.conn_id, LeaveReason.LEFT)
    clock.push(EMPTY_TIMER_S + 1)
    assert await attendance.see({}) == [joined.session_id]
    assert await access.grant(officer.token) == officer.grant


async def test_what_ended_long_ago_is_purged_and_the_rest_stays(access: Access, room: Room, clock: HandClock) -> None:
    old = await access.mint_ticket(room, role=Role.OFFICER, name="Ana")
    entry = await access.redeem_ticket((await access.mint_ticket(room, role=Role.OFFICER, name="Ben")).secret)
    clock.push(12 * 3600)
    assert await access.purge() == 0
    clock.push(24 * 3600 - 1)
    fresh = await access.mint_ticket(room, role=Role.OFFICER, name="Carl")
    assert await access.purge() == 2
    assert await refusal(access.redeem_ticket(old.secret)) is RefusalCode.TICKET_UNKNOWN
    assert await refusal(access.grant(entry.token)) is RefusalCode.TOKEN_EXPIRED
    clock.push(2)
    assert await access.purge() == 1
    assert await refusal(access.grant(entry.token)) is RefusalCode.TOKEN_INVALID
    assert (await access.redeem_ticket(fresh.secret)).grant.name == "Carl"
