"""Institutions, rooms and their live sessions: records and queries. Each function is a unit of work or a query."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from server.storage.errors import Conflict, NotFound
from server.storage.ids import InstitutionId, RoomId, SessionId, new_id
from server.storage.tables import institution, room, session


@dataclass(frozen=True, slots=True)
class Institution:
    """A tenant. `embed_origins` may show our pages in a frame (CSP frame-ancestors)."""

    id: InstitutionId
    name: str
    embed_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A persistent place of an institution. `closed_at` (Unix ms): nobody enters any more."""

    id: RoomId
    institution_id: InstitutionId
    slug: str
    name: str
    created_at: int
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """The session that goes on in a room. `empty_since` (Unix ms): the last participant has left."""

    id: SessionId
    room_id: RoomId
    started_at: int
    empty_since: int | None


def create_institution(connection: Connection, name: str, embed_origins: tuple[str, ...], now: int) -> Institution:
    """A new institution. Raises Conflict when the name is taken."""
    made = Institution(InstitutionId(new_id(now)), name, embed_origins)
    try:
        connection.execute(
            insert(institution).values(id=made.id, name=name, embed_origins=list(embed_origins), created_at=now)
        )
    except IntegrityError:
        raise Conflict(f"An institution named {name!r} exists already.") from None
    return made


def list_institutions(connection: Connection) -> list[Institution]:
    """All institutions by name."""
    rows = connection.execute(select(institution).order_by(institution.c.name))
    return [_institution(row) for row in rows]


def find_institution(connection: Connection, key: str) -> Institution:
    """The institution with this id or name. Raises NotFound."""
    found = connection.execute(
        select(institution).where(or_(institution.c.id == key, institution.c.name == key))
    ).first()
    if found is None:
        raise NotFound(f"There is no institution {key!r}.")
    return _institution(found)


def set_embed_origins(connection: Connection, institution_id: InstitutionId, origins: tuple[str, ...]) -> None:
    """Replaces the origins that may embed this institution's rooms."""
    connection.execute(
        update(institution).where(institution.c.id == institution_id).values(embed_origins=list(origins))
    )


def create_room(connection: Connection, institution_id: InstitutionId, name: str, slug: str | None, now: int) -> Room:
    """A new room; without `slug` one is made from the name. Raises Conflict when the slug is taken."""
    room_id = RoomId(new_id(now))
    made = Room(room_id, institution_id, slug or _slug(name, room_id), name, now, None)
    try:
        connection.execute(
            insert(room).values(
                id=made.id, institution_id=institution_id, slug=made.slug, name=name, created_at=now, closed_at=None
            )
        )
    except IntegrityError:
        raise Conflict(f"A room with the slug {made.slug!r} exists already.") from None
    return made


def find_room(connection: Connection, key: str, institution_id: InstitutionId | None = None) -> Room:
    """
    The room with this id or slug, within one institution if it is given. Raises NotFound, also for a slug
    that two institutions use.
    """
    if not key.isprintable():
        # PostgreSQL has no NUL in texts and would raise an error of its own.
        raise NotFound("There is no such room.")
    query = select(room).where(or_(room.c.id == key, room.c.slug == key))
    if institution_id is not None:
        query = query.where(room.c.institution_id == institution_id)
    found = connection.execute(query.limit(2)).all()
    if len(found) != 1:
        raise NotFound(f"There is no room {key!r}." if not found else f"Several institutions have a room {key!r}.")
    return Room(*found[0])


def list_rooms(connection: Connection, institution_id: InstitutionId | None = None) -> list[Room]:
    """All rooms, oldest first, of one institution if it is given."""
    query = select(room).order_by(room.c.id)
    if institution_id is not None:
        query = query.where(room.c.institution_id == institution_id)
    return [Room(*row) for row in connection.execute(query)]


# Made once: building a statement costs several times what running it does, and each join runs these.
_LIVE = select(session.c.id, session.c.room_id, session.c.started_at, session.c.empty_since).where(
    session.c.room_id == bindparam("room_id"), session.c.state == "live"
)


def live_session(connection: Connection, room_id: RoomId) -> LiveSession | None:
    """The session that goes on in the room, if any."""
    found = connection.execute(_LIVE, {"room_id": room_id}).first()
    return LiveSession(*found) if found else None


def embed_origins(connection: Connection, room_id: RoomId) -> tuple[str, ...]:
    """Origins that may show this room in a frame. Raises NotFound for an unknown room."""
    found = connection.execute(
        select(institution.c.embed_origins)
        .join(room, room.c.institution_id == institution.c.id)
        .where(room.c.id == room_id)
    ).first()
    if found is None:
        raise NotFound("There is no such room.")
    return tuple(found[0])


def _institution(row: Row[Any]) -> Institution:
    return Institution(InstitutionId(row.id), row.name, tuple(row.embed_origins))


def _slug(name: str, room_id: RoomId) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{words or 'room'}-{room_id[-6:]}"
