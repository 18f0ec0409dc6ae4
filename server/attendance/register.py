"""The shell of attendance: what rooms and signalling call. A call returns after its commit."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from server.attendance import events, presence
from server.attendance.events import Event, EventKind, LeaveReason
from server.attendance.presence import Joined, Left
from server.attendance.recovery import Recovered, recover
from server.storage import ConnId, Database, PersonId, RoomId, SessionId

SEEN_INTERVAL_S = 10.0
"""How often `see` is to be called: a crash forgets at most so much of a presence."""

EMPTY_TIMER_S = 300
"""How long an empty session waits for somebody to come back before it ends."""


class Attendance:
    """Joins, leaves and events of all rooms. Every method may raise WriteFailed: then nothing of it is stored."""

    def __init__(self, database: Database, clock: Callable[[], int], empty_timer_s: int = EMPTY_TIMER_S) -> None:
        self._database = database
        self._clock = clock
        self._empty_timer_ms = empty_timer_s * 1000

    async def join(self, room_id: RoomId, person_id: PersonId, *, name: str, role: str, tab: str) -> Joined:
        """Opens a connection in the room's live session. Acknowledge the join to the client after this returns."""
        now = self._clock()
        return await self._database.write(
            lambda c: presence.join(c, room_id, person_id, name=name, role=role, tab=tab, now=now)
        )

    async def leave(self, conn_id: ConnId, reason: LeaveReason, at_ms: int | None = None) -> Left | None:
        """Closes a connection, now or when it was last seen. None when it is closed already."""
        at = self._clock() if at_ms is None else at_ms
        return await self._database.write(lambda c: presence.leave(c, conn_id, reason, at))

    async def end_session(self, session_id: SessionId) -> bool:
        """Ends a session for everybody. False when it is over already."""
        now = self._clock()
        return await self._database.write(lambda c: presence.end_session(c, session_id, now))

    async def see(self, last_seen: Mapping[ConnId, int]) -> list[SessionId]:
        """
        The tick, every SEEN_INTERVAL_S: notes when each live connection was last heard of (Unix ms), and ends the
        sessions that have been empty for long. Returns those.
        """
        now = self._clock()
        seen = dict(last_seen)
        return await self._database.write(lambda c: _tick(c, seen, self._empty_timer_ms, now))

    async def record(
        self,
        session_id: SessionId,
        kind: EventKind,
        *,
        person_id: PersonId | None = None,
        conn_id: ConnId | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds an event (hand, screen, role, talk totals, ...)."""
        now = self._clock()
        await self._database.write(
            lambda c: events.append(c, session_id, kind, now, person_id=person_id, conn_id=conn_id, data=data)
        )

    async def events(self, session_id: SessionId, after_seq: int = 0) -> list[Event]:
        """The events of a session in order."""
        return await self._database.read(lambda c: events.events_of(c, session_id, after_seq))

    async def recover(self) -> Recovered:
        """Closes what a crash left open. Call it once, before the listener opens."""
        now = self._clock()
        return await self._database.write(lambda c: recover(c, self._empty_timer_ms, now))


def _tick(connection: Connection, last_seen: Mapping[ConnId, int], empty_timer_ms: int, now: int) -> list[SessionId]:
    presence.see(connection, last_seen)
    return presence.end_empty(connection, empty_timer_ms, now)
