"""The append-only event table: its kinds, and the one way to write to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from server.storage import ConnId, PersonId, SessionId
from server.storage.tables import event


class EventKind(StrEnum):
    """What happened. Totals are absolute, never increments, so a repeated tick changes nothing."""

    JOIN = "join"
    LEAVE = "leave"
    MEDIA_UP = "media_up"
    MEDIA_DOWN = "media_down"
    ROLE = "role"
    TALK = "talk"
    HAND = "hand"
    SCREEN = "screen"
    MUTED = "muted"


class LeaveReason(StrEnum):
    """Why a connection or participant is gone."""

    LEFT = "left"
    KICKED = "kicked"
    TIMEOUT = "timeout"
    ENDED = "ended"
    CRASH = "crash"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Event:
    """One row. `seq` rises in the order of commits; `at_ms` is the server's clock in Unix ms."""

    seq: int
    session_id: SessionId
    person_id: PersonId | None
    conn_id: ConnId | None
    kind: EventKind
    at_ms: int
    data: Mapping[str, Any]


_NEW_EVENT = insert(event)


def append(
    connection: Connection,
    session_id: SessionId,
    kind: EventKind,
    at_ms: int,
    *,
    person_id: PersonId | None = None,
    conn_id: ConnId | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Adds one event within the caller's unit of work."""
    row = {"session_id": session_id, "person_id": person_id, "conn_id": conn_id, "kind": kind.value, "at_ms": at_ms}
    connection.execute(_NEW_EVENT, {**row, "data": dict(data or {})})


def events_of(connection: Connection, session_id: SessionId, after_seq: int = 0) -> list[Event]:
    """The events of a session in order, those after `after_seq`."""
    rows = connection.execute(
        select(event).where(event.c.session_id == session_id, event.c.seq > after_seq).order_by(event.c.seq)
    )
    return [
        Event(row.seq, row.session_id, row.person_id, row.conn_id, EventKind(row.kind), row.at_ms, row.data)
        for row in rows
    ]
