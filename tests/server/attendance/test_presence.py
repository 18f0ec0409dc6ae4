"""Joining, leaving, ending, and what a crash leaves open."""

from server.access import Access, Role
from server.attendance import Attendance, EventKind, Joined, LeaveReason, Recovered
from server.storage import Database, PersonId, Room, live_session
from tests.server.conftest import NOW, HandClock


async def enter(access: Access, attendance: Attendance, room: Room, name: str = "Ana", tab: str = "t1") -> Joined:
    """A person comes through a ticket and joins."""
    ticket = await access.mint_ticket(room, role=Role.OFFICER, name=name, subject=name)
    entry = await access.redeem_ticket(ticket.secret)
    return await attendance.join(room.id, entry.grant.person_id, name=name, role="officer", tab=tab)


async def test_a_join_starts_the_session_and_writes_its_event(
    access: Access, attendance: Attendance, room: Room, database: Database
) -> None:
    joined = await enter(access, attendance, room)
    live = await database.read(lambda c: live_session(c, room.id))
    assert live is not None
    assert (live.id, live.started_at) == (joined.session_id, NOW)
    [event] = await attendance.events(joined.session_id)
    assert (event.kind, event.person_id, event.conn_id, event.at_ms) == (
        EventKind.JOIN,
        joined.person_id,
        joined.conn_id,
        NOW,
    )


async def test_two_tabs_are_one_participant_who_is_gone_with_the_last(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    first = await enter(access, attendance, room, tab="t1")
    second = await enter(access, attendance, room, tab="t2")
    assert first.participant_id == second.participant_id
    assert first.conn_id != second.conn_id
    left = await attendance.leave(first.conn_id, LeaveReason.LEFT)
    assert left is not None
    assert not left.participant_gone
    left = await attendance.leave(second.conn_id, LeaveReason.TIMEOUT, at_ms=NOW - 5)
    assert left is not None
    assert left.participant_gone
    kinds = [(event.kind, event.data.get("reason")) for event in await attendance.events(first.session_id)]
    assert kinds == [
        (EventKind.JOIN, None),
        (EventKind.JOIN, None),
        (EventKind.LEAVE, "left"),
        (EventKind.LEAVE, "timeout"),
    ]


async def test_leaving_twice_writes_one_event(access: Access, attendance: Attendance, room: Room) -> None:
    joined = await enter(access, attendance, room)
    assert await attendance.leave(joined.conn_id, LeaveReason.LEFT) is not None
    assert await attendance.leave(joined.conn_id, LeaveReason.TIMEOUT) is None
    assert len(await attendance.events(joined.session_id)) == 2


async def test_who_left_and_comes_again_is_a_new_participant_of_the_same_person(
    access: Access, attendance: Attendance, room: Room
) -> None:
    first = await enter(access, attendance, room)
    await attendance.leave(first.conn_id, LeaveReason.LEFT)
    second = await enter(access, attendance, room)
    assert second.person_id == first.person_id
    assert second.session_id == first.session_id
    assert second.participant_id != first.participant_id
    assert not second.returned


async def test_ending_sends_everybody_out_once(access: Access, attendance: Attendance, room: Room) -> None:
    ana = await enter(access, attendance, room, "Ana")
    await enter(access, attendance, room, "Ben")
    assert await attendance.end_session(ana.session_id)
    assert not await attendance.end_session(ana.session_id)
    leaves = [event for event in await attendance.events(ana.session_id) if event.kind is EventKind.LEAVE]
    assert [event.data["reason"] for event in leaves] == ["ended", "ended"]
    assert (await enter(access, attendance, room)).session_id != ana.session_id


async def test_an_empty_session_ends_after_its_timer_unless_somebody_returns(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    first = await enter(access, attendance, room)
    await attendance.leave(first.conn_id, LeaveReason.LEFT)
    clock.push(299)
    assert await attendance.see({}) == []
    second = await enter(access, attendance, room)
    clock.push(10)
    assert await attendance.see({}) == []
    await attendance.leave(second.conn_id, LeaveReason.LEFT)
    clock.push(301)
    assert await attendance.see({}) == [first.session_id]


async def test_recovery_closes_at_last_seen_and_a_second_run_changes_nothing(
    access: Access, attendance: Attendance, room: Room, clock: HandClock, database: Database
) -> None:
    ana = await enter(access, attendance, room, "Ana")
    ben = await enter(access, attendance, room, "Ben")
    await attendance.see({ana.conn_id: NOW + 20_000, ben.conn_id: NOW + 10_000})
    clock.push(60)
    assert await attendance.recover() == Recovered(conns=2, participants=2, sessions=0)
    before = await attendance.events(ana.session_id)
    assert await attendance.recover() == Recovered(conns=0, participants=0, sessions=0)
    assert await attendance.events(ana.session_id) == before
    leaves = {event.person_id: event for event in before if event.kind is EventKind.LEAVE}
    assert leaves[ana.person_id].at_ms == NOW + 20_000
    assert leaves[ben.person_id].data["reason"] == "crash"
    live = await database.read(lambda c: live_session(c, room.id))
    assert live is not None
    assert live.empty_since == NOW + 20_000


async def test_who_comes_back_after_a_crash_is_the_same_participant(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    before = await enter(access, attendance, room)
    clock.push(5)
    await attendance.recover()
    after = await enter(access, attendance, room)
    assert after.returned
    assert after.participant_id == before.participant_id
    assert after.joined_at == before.joined_at


async def test_who_comes_back_after_a_drain_is_the_same_participant(
    access: Access, attendance: Attendance, room: Room, clock: HandClock
) -> None:
    before = await enter(access, attendance, room)
    await attendance.leave(before.conn_id, LeaveReason.MOVED)
    clock.push(5)
    after = await enter(access, attendance, room)
    assert after.returned
    assert after.participant_id == before.participant_id


async def test_recovery_ends_a_session_that_was_empty_for_longer_than_its_timer(
    access: Access, attendance: Attendance, room: Room, clock: HandClock, database: Database
) -> None:
    await enter(access, attendance, room)
    clock.push(3600)
    assert await attendance.recover() == Recovered(conns=1, participants=1, sessions=1)
    assert await database.read(lambda c: live_session(c, room.id)) is None


async def test_last_seen_never_moves_back(access: Access, attendance: Attendance, room: Room) -> None:
    joined = await enter(access, attendance, room)
    await attendance.see({joined.conn_id: NOW + 9_000})
    await attendance.see({joined.conn_id: NOW + 1_000})
    await attendance.recover()
    assert (await attendance.events(joined.session_id))[-1].at_ms == NOW + 9_000


async def test_events_are_in_the_order_of_their_commits(access: Access, attendance: Attendance, room: Room) -> None:
    joined = await enter(access, attendance, room)
    for up in (True, False):
        await attendance.record(
            joined.session_id, EventKind.HAND, person_id=PersonId(joined.person_id), data={"up": up}
        )
    events = await attendance.events(joined.session_id)
    assert [event.data.get("up") for event in events] == [None, True, False]
    assert await attendance.events(joined.session_id, after_seq=events[1].seq) == events[2:]
