"""Presence: the units of work of joining, leaving and ending. Rows and their events change together."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from server.attendance.events import EventKind, LeaveReason, append
from server.storage import ConnId, ParticipantId, PersonId, RoomId, SessionId, live_session, new_id
from server.storage.tables import conn, event, participant, session

_COMES_BACK = frozenset({LeaveReason.CRASH, LeaveReason.MOVED})
"""Leaves that were the server's doing, not the person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A connection that is in. Times in Unix ms. `returned`: the participant was in the session before."""

    session_id: SessionId
    session_started_at: int
    participant_id: ParticipantId
    person_id: PersonId
    conn_id: ConnId
    joined_at: int
    returned: bool
    hand_at: int | None = None
    """When the hand went up that the participant had up when the server went away."""


@dataclass(frozen=True, slots=True)
class Left:
    """A connection that is out. `participant_gone`: it was the participant's last one."""

    participant_id: ParticipantId
    participant_gone: bool


# Made once: building a statement costs several times what running it does, and each join runs these.
_NEW_CONN = insert(conn)
_NEW_PARTICIPANT = insert(participant)
_LATEST_SEAT = (
    select(participant.c.id, participant.c.joined_at, participant.c.left_at, participant.c.left_reason)
    .where(participant.c.session_id == bindparam("session_id"), participant.c.person_id == bindparam("person_id"))
    .order_by(participant.c.left_at.is_(None).desc(), participant.c.left_at.desc())
    .limit(1)
)

_LATEST_HAND = (
    select(event.c.at_ms, event.c.data)
    .where(event.c.session_id == bindparam("session_id"), event.c.person_id == bindparam("person_id"))
    .where(event.c.kind == EventKind.HAND.value, event.c.at_ms >= bindparam("joined_at"))
    .order_by(event.c.seq.desc())
    .limit(1)
)


def join(
    connection: Connection, room_id: RoomId, person_id: PersonId, *, name: str, role: str, tab: str, now: int
) -> Joined:
    """
    Opens a connection of a person in the room's live session, starting one if need be. A second tab, and who
    comes back after a crash or a drain of the server, is the same participant.
    """
    live = live_session(connection, room_id)
    if live is None:
        session_id, started_at = SessionId(new_id(now)), now
        connection.execute(insert(session).values(id=session_id, room_id=room_id, state="live", started_at=now))
    else:
        session_id, started_at = live.id, live.started_at
        if live.empty_since is not None:
            connection.execute(update(session).where(session.c.id == session_id).values(empty_since=None))
    participant_id, joined_at, returned = _seat(connection, session_id, person_id, name, role, now)
    conn_id = ConnId(new_id(now))
    row = {"id": conn_id, "participant_id": participant_id, "tab": tab, "opened_at": now, "last_seen": now}
    connection.execute(_NEW_CONN, row)
    data = {"participant": participant_id, "role": role}
    append(connection, session_id, EventKind.JOIN, now, person_id=person_id, conn_id=conn_id, data=data)
    return Joined(
        session_id=session_id,
        session_started_at=started_at,
        participant_id=participant_id,
        person_id=person_id,
        conn_id=conn_id,
        joined_at=joined_at,
        returned=returned,
        hand_at=_hand_at(connection, session_id, person_id, joined_at) if returned else None,
    )


def leave(connection: Connection, conn_id: ConnId, reason: LeaveReason, at_ms: int) -> Left | None:
    """Closes a connection at `at_ms` (for a timeout: when it was last seen). None when it is closed already."""
    found = connection.execute(
        select(participant.c.id, participant.c.session_id, participant.c.person_id)
        .join(conn, conn.c.participant_id == participant.c.id)
        .where(conn.c.id == conn_id, conn.c.closed_at.is_(None))
    ).first()
    if found is None:
        return None
    participant_id, session_id, person_id = found
    connection.execute(update(conn).where(conn.c.id == conn_id).values(closed_at=at_ms, close_reason=reason.value))
    data = {"participant": participant_id, "reason": reason.value}
    append(connection, session_id, EventKind.LEAVE, at_ms, person_id=person_id, conn_id=conn_id, data=data)
    open_conns = connection.scalar(
        select(func.count()).where(conn.c.participant_id == participant_id, conn.c.closed_at.is_(None))
    )
    if open_conns:
        return Left(ParticipantId(participant_id), False)
    last_close = connection.scalar(select(func.max(conn.c.closed_at)).where(conn.c.participant_id == participant_id))
    connection.execute(
        update(participant)
        .where(participant.c.id == participant_id)
        .values(left_at=last_close, left_reason=reason.value)
    )
    _note_if_empty(connection, SessionId(session_id))
    return Left(ParticipantId(participant_id), True)


def end_session(connection: Connection, session_id: SessionId, now: int) -> bool:
    """Ends a live session: everyone in it has left with `ended`. False when it is over already."""
    ended = connection.execute(
        update(session)
        .where(session.c.id == session_id, session.c.state == "live")
        .values(state="ended", ended_at=now, end_reason="ended")
    )
    if ended.rowcount == 0:
        return False
    open_conns = connection.scalars(
        select(conn.c.id)
        .join(participant, conn.c.participant_id == participant.c.id)
        .where(participant.c.session_id == session_id, conn.c.closed_at.is_(None))
        .order_by(conn.c.id)
    ).all()
    for conn_id in open_conns:
        leave(connection, ConnId(conn_id), LeaveReason.ENDED, now)
    return True


def end_empty(connection: Connection, empty_timer_ms: int, now: int) -> list[SessionId]:
    """Ends the live sessions that have been empty for `empty_timer_ms`, at the time when the last one left."""
    due = connection.execute(
        select(session.c.id, session.c.empty_since)
        .where(session.c.state == "live", session.c.empty_since <= now - empty_timer_ms)
        .order_by(session.c.id)
    ).all()
    for session_id, empty_since in due:
        connection.execute(
            update(session)
            .where(session.c.id == session_id)
            .values(state="ended", ended_at=empty_since, end_reason="empty")
        )
    return [SessionId(session_id) for session_id, _ in due]


def see(connection: Connection, last_seen: Mapping[ConnId, int]) -> None:
    """Notes when each live connection was last heard of (Unix ms). Never moves a time back."""
    if not last_seen:
        return
    statement = (
        update(conn)
        .where(conn.c.id == bindparam("seen_id"), conn.c.closed_at.is_(None), conn.c.last_seen < bindparam("seen_at"))
        .values(last_seen=bindparam("seen_at"))
    )
    connection.execute(statement, [{"seen_id": key, "seen_at": at} for key, at in last_seen.items()])


def _seat(
    connection: Connection, session_id: SessionId, person_id: PersonId, name: str, role: str, now: int
) -> tuple[ParticipantId, int, bool]:
    latest = connection.execute(_LATEST_SEAT, {"session_id": session_id, "person_id": person_id}).first()
    if latest is not None and (latest.left_at is None or latest.left_reason in _COMES_BACK):
        connection.execute(
            update(participant)
            .where(participant.c.id == latest.id)
            .values(left_at=None, left_reason=None, name=name, role=role)
        )
        return ParticipantId(latest.id), latest.joined_at, True
    participant_id = ParticipantId(new_id(now))
    row = {"id": participant_id, "session_id": session_id, "person_id": person_id, "name": name, "role": role}
    connection.execute(_NEW_PARTICIPANT, {**row, "joined_at": now})
    return participant_id, now, False


def _hand_at(connection: Connection, session_id: SessionId, person_id: PersonId, joined_at: int) -> int | None:
    keys = {"session_id": session_id, "person_id": person_id, "joined_at": joined_at}
    found = connection.execute(_LATEST_HAND, keys).first()
    return found.at_ms if found is not None and found.data.get("raised") is True else None


def _note_if_empty(connection: Connection, session_id: SessionId) -> None:
    present = connection.scalar(
        select(func.count()).where(participant.c.session_id == session_id, participant.c.left_at.is_(None))
    )
    if not present:
        last = connection.scalar(select(func.max(participant.c.left_at)).where(participant.c.session_id == session_id))
        connection.execute(update(session).where(session.c.id == session_id).values(empty_since=last))
