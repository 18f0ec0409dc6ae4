"""The way in: tickets and invitations are exchanged for session tokens. Units of work on the writer's connection."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select, update

from server.access.errors import AccessRefused, RefusalCode
from server.access.names import clean_name
from server.access.policy import PARTICIPANT_ROLES, Role
from server.access.secrets_at_rest import digest, new_ticket, new_token
from server.settings import AccessConfig
from server.storage import InvitationId, PersonId, RoomId, TokenId, new_id
from server.storage.people import find_or_create_person
from server.storage.rooms import Room, live_session
from server.storage.tables import invitation, participant, removal, room, session, session_token, ticket

_GUEST_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SUBJECT_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a session token stands for: this person, in this room, in this role."""

    token_id: TokenId
    room: Room
    person_id: PersonId
    name: str
    role: Role
    muted: bool
    expires_at: int
    """Unix ms."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fresh session token and its grant. The token itself is stored nowhere."""

    token: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Minted:
    """A ticket or invitation in clear, the link to give to people, and its end (Unix ms; None = never)."""

    secret: str
    url: str
    expires_at: int | None


def mint_ticket(
    connection: Connection,
    config: AccessConfig,
    place: Room,
    *,
    role: Role,
    name: str,
    subject: str | None,
    muted: bool,
    now: int,
) -> Minted:
    """
    A single-use ticket. `subject` is the institution's own id of the person; without one the holder is a new
    guest. Raises AccessRefused (NAME_INVALID, INVALID, ROOM_CLOSED).
    """
    _check(place, role)
    if subject is not None and not (0 < len(subject) <= _SUBJECT_MAX and subject.isprintable()):
        raise AccessRefused(RefusalCode.INVALID, f"A subject has 1 to {_SUBJECT_MAX} printable characters.")
    secret = new_ticket()
    expires_at = now + config.ticket_lifetime_s * 1000
    connection.execute(
        insert(ticket).values(
            hash=digest(secret),
            room_id=place.id,
            issuer=f"institution:{place.institution_id}" if subject is not None else "guest",
            subject=subject if subject is not None else new_id(now),
            name=clean_name(name),
            role=role.value,
            muted=muted,
            expires_at=expires_at,
        )
    )
    return Minted(secret, f"{config.public_url}/join#ticket={secret}", expires_at)


def mint_invitation(
    connection: Connection, config: AccessConfig, place: Room, *, role: Role, expires_in_s: int | None, now: int
) -> Minted:
    """A link that many guests can use until it ends (default: the configured lifetime). Raises AccessRefused."""
    _check(place, role)
    lifetime_s = config.invitation_lifetime_s if expires_in_s is None else expires_in_s
    if not 0 < lifetime_s <= 10 * 365 * 24 * 3600:
        raise AccessRefused(RefusalCode.INVALID, "An invitation lives between 1 second and 10 years.")
    secret = new_ticket()
    expires_at = now + lifetime_s * 1000
    connection.execute(
        insert(invitation).values(
            id=new_id(now),
            hash=digest(secret),
            room_id=place.id,
            role=role.value,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return Minted(secret, f"{config.public_url}/join#invitation={secret}", expires_at)


def revoke_invitation(connection: Connection, invitation_id: InvitationId, now: int) -> None:
    """Makes an invitation useless; who came in with it stays."""
    connection.execute(update(invitation).where(invitation.c.id == invitation_id).values(revoked_at=now))


def redeem_ticket(connection: Connection, config: AccessConfig, secret: str, now: int) -> Entry:
    """Exchanges a ticket, once, however many try at the same time. Raises AccessRefused."""
    found = connection.execute(select(ticket).where(ticket.c.hash == digest(secret))).first()
    if found is None:
        raise AccessRefused(RefusalCode.TICKET_UNKNOWN, "This link is not known here; ask for a new one.")
    # The condition is part of the update: of several servers on one database only one gets a row.
    won = connection.execute(
        update(ticket).where(ticket.c.hash == found.hash, ticket.c.used_at.is_(None)).values(used_at=now)
    )
    if won.rowcount != 1:
        raise AccessRefused(RefusalCode.TICKET_USED, "This link was used already; ask for a new one.")
    if now >= found.expires_at:
        raise AccessRefused(RefusalCode.TICKET_EXPIRED, "This link has expired; ask for a new one.")
    person_id = find_or_create_person(connection, found.issuer, found.subject, found.name, now)
    return _enter(connection, config, RoomId(found.room_id), person_id, found.name, Role(found.role), found.muted, now)


def redeem_invitation(
    connection: Connection, config: AccessConfig, secret: str, name: str, guest_key: str, now: int
) -> Entry:
    """
    Exchanges an invitation. `guest_key` is the browser's own random secret: the same one is the same person.
    Raises AccessRefused.
    """
    found = connection.execute(_INVITATION, {"hash": digest(secret)}).first()
    if found is None or found.revoked_at is not None:
        raise AccessRefused(RefusalCode.INVITATION_UNKNOWN, "This link is not known here; ask for a new one.")
    if found.expires_at is not None and now >= found.expires_at:
        raise AccessRefused(RefusalCode.INVITATION_EXPIRED, "This link has expired; ask for a new one.")
    if not _GUEST_KEY.fullmatch(guest_key):
        raise AccessRefused(RefusalCode.INVALID, "The guest key must be 16 to 128 URL-safe characters.")
    chosen = clean_name(name)
    person_id = find_or_create_person(connection, "guest", digest(guest_key), chosen, now)
    return _enter(connection, config, RoomId(found.room_id), person_id, chosen, Role(found.role), False, now)


# Made once: building a statement costs several times what running it does, and each join runs these.
_INVITATION = select(invitation).where(invitation.c.hash == bindparam("hash"))
_NEW_TOKEN = insert(session_token)
_LIVE = session.alias("live")
# All that decides whether a person may pass, in one statement. NULL equals nothing, so that without a live session
# only removals for good match and there are no others.
_DOOR = (
    select(
        *room.c,
        _LIVE.c.id.label("live_id"),
        exists()
        .where(removal.c.person_id == bindparam("person_id"), removal.c.room_id == room.c.id)
        .where(or_(removal.c.session_id.is_(None), removal.c.session_id == _LIVE.c.id))
        .label("removed"),
        select(func.count())
        .where(participant.c.session_id == _LIVE.c.id, participant.c.left_at.is_(None))
        .where(participant.c.person_id != bindparam("person_id"))
        .scalar_subquery()
        .label("others"),
    )
    .select_from(room.outerjoin(_LIVE, and_(_LIVE.c.room_id == room.c.id, _LIVE.c.state == "live")))
    .where(room.c.id == bindparam("room_id"))
)


@dataclass(frozen=True, slots=True)
class _Door:
    """A room as one person finds it. `others` are those who are in the live session."""

    place: Room
    live: bool
    removed: bool
    others: int


def forget_token(connection: Connection, token_id: TokenId, now: int) -> None:
    """Revokes one session token; again is no error."""
    connection.execute(update(session_token).where(session_token.c.id == token_id).values(revoked_at=now))


def remove_person(
    connection: Connection, room_id: RoomId, person_id: PersonId, by_person_id: PersonId | None, now: int
) -> None:
    """
    Keeps a person out for the rest of the live session (for good, when none goes on) and revokes all their
    tokens of the room.
    """
    live = live_session(connection, room_id)
    connection.execute(
        insert(removal).values(
            id=new_id(now),
            room_id=room_id,
            session_id=live.id if live else None,
            person_id=person_id,
            by_person_id=by_person_id,
            at_ms=now,
        )
    )
    connection.execute(
        update(session_token)
        .where(session_token.c.person_id == person_id, session_token.c.room_id == room_id)
        .where(session_token.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def purge(connection: Connection, now: int) -> int:
    """Deletes tickets and session tokens that ended more than a day ago; until then their end has its own message."""
    long_ago = now - 24 * 3600 * 1000
    gone = connection.execute(delete(ticket).where(ticket.c.expires_at < long_ago)).rowcount
    return gone + connection.execute(delete(session_token).where(session_token.c.expires_at < long_ago)).rowcount


def _enter(
    connection: Connection,
    config: AccessConfig,
    room_id: RoomId,
    person_id: PersonId,
    name: str,
    role: Role,
    muted: bool,
    now: int,
) -> Entry:
    door = _door(connection, room_id, person_id)
    place = door.place
    _check(place, role)
    if door.removed:
        raise AccessRefused(RefusalCode.REMOVED, "You were removed from this room.")
    if door.others >= config.room_capacity:
        raise AccessRefused(RefusalCode.ROOM_FULL, "This room is full.", retry_after_s=30)
    token = new_token()
    grant = Grant(
        token_id=TokenId(new_id(now)),
        room=place,
        person_id=person_id,
        name=name,
        role=role,
        muted=muted,
        expires_at=now + config.token_lifetime_s * 1000,
    )
    row = {
        "id": grant.token_id,
        "hash": digest(token),
        "room_id": place.id,
        "person_id": person_id,
        "name": name,
        "role": role.value,
        "muted": muted,
        "issued_at": now,
        "expires_at": grant.expires_at,
    }
    connection.execute(_NEW_TOKEN, row)
    return Entry(token, grant)


def _door(connection: Connection, room_id: RoomId, person_id: PersonId) -> _Door:
    *place, live_id, removed, others = connection.execute(_DOOR, {"room_id": room_id, "person_id": person_id}).one()
    return _Door(Room(*place), live_id is not None, bool(removed), others)


def _check(place: Room, role: Role) -> None:
    if place.closed_at is not None:
        raise AccessRefused(RefusalCode.ROOM_CLOSED, "This room is closed.")
    if role not in PARTICIPANT_ROLES:
        raise AccessRefused(RefusalCode.INVALID, f"The role {role.value!r} cannot be given by a link.")
