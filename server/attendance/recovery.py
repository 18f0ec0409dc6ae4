"""Recovery at the start, before the listener opens: closes what a crash left open. Running it again changes nothing."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from server.attendance.events import LeaveReason
from server.attendance.presence import end_empty, leave
from server.storage import ConnId
from server.storage.tables import conn, participant, session


@dataclass(frozen=True, slots=True)
class Recovered:
    """How much was closed."""

    conns: int
    participants: int
    sessions: int


def recover(connection: Connection, empty_timer_ms: int, now: int) -> Recovered:
    """
    A unit of work: every open connection leaves with `crash` at the time when it was last seen; a session that
    has been empty for longer than its timer ends, a younger one waits for its people to come back.
    """
    open_conns = connection.execute(
        select(conn.c.id, conn.c.last_seen).where(conn.c.closed_at.is_(None)).order_by(conn.c.last_seen, conn.c.id)
    ).all()
    participants = 0
    for conn_id, last_seen in open_conns:
        left = leave(connection, ConnId(conn_id), LeaveReason.CRASH, last_seen)
        participants += left is not None and left.participant_gone
    _close_stray(connection)
    return Recovered(len(open_conns), participants, len(end_empty(connection, empty_timer_ms, now)))


def _close_stray(connection: Connection) -> None:
    # Ours never writes such rows; a restored or hand-edited database may hold them, and they would block for ever.
    connection.execute(
        update(participant)
        .where(participant.c.left_at.is_(None))
        .where(~select(conn.c.id).where(conn.c.participant_id == participant.c.id, conn.c.closed_at.is_(None)).exists())
        .values(left_at=participant.c.joined_at, left_reason=LeaveReason.CRASH.value)
    )
    connection.execute(
        update(session)
        .where(session.c.state == "live", session.c.empty_since.is_(None))
        .where(
            ~select(participant.c.id)
            .where(participant.c.session_id == session.c.id, participant.c.left_at.is_(None))
            .exists()
        )
        .values(empty_since=session.c.started_at)
    )
