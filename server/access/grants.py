"""
What session tokens stand for. Who asks while a reading is under way is answered by the next one together with all the
others: a class that comes at once costs a few statements, not a few for each.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from server.access.entry import Grant
from server.access.errors import AccessRefused, RefusalCode
from server.access.policy import ROWS, Action, Role
from server.access.secrets_at_rest import digest
from server.storage import Database, PersonId, ReadFailed, RoomId, TokenId
from server.storage.rooms import Room
from server.storage.tables import removal, room, session, session_token

_AT_ONCE = 200
"""Tokens of one reading."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a token does not count; the exception is made anew for each who asks."""

    code: RefusalCode
    detail: str


@dataclass(slots=True, eq=False)
class _Asked:
    token: str
    answer: Grant | _Refused | ReadFailed | None = None


class Grants:
    """Reads grants. Nothing is remembered: an answer is never older than its question."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._asked: list[_Asked] = []
        self._reading = asyncio.Lock()

    async def of(self, token: str) -> Grant:
        """Raises AccessRefused (TOKEN_INVALID, TOKEN_EXPIRED, REMOVED, ROOM_CLOSED) and ReadFailed."""
        asked = _Asked(token)
        self._asked.append(asked)
        try:
            async with self._reading:
                if asked.answer is None:
                    await self._read(self._asked[:_AT_ONCE])
        finally:
            # Still there when it was cancelled; who is left over is answered by the next one.
            if asked.answer is None:
                self._asked.remove(asked)
        answer = asked.answer
        if isinstance(answer, Grant):
            return answer
        if isinstance(answer, _Refused):
            raise AccessRefused(answer.code, answer.detail)
        assert answer is not None, "the reading answers all that it was given"
        raise ReadFailed(answer.reason, str(answer))

    async def _read(self, asked: Sequence[_Asked]) -> None:
        now = self._clock()
        tokens = [one.token for one in asked]
        try:
            found = await self._database.read(lambda connection: find(connection, tokens, now))
        except ReadFailed as failure:
            for one in asked:
                one.answer = failure
        else:
            for one in asked:
                one.answer = found[one.token]
        self._asked = [one for one in self._asked if one.answer is None]


_LIVE = session.alias("live")
_TOKENS = (
    select(
        *session_token.c,
        *room.c,
        _LIVE.c.id.label("live_id"),
        # NULL equals nothing, so that without a live session only removals for good match.
        exists()
        .where(removal.c.person_id == session_token.c.person_id, removal.c.room_id == room.c.id)
        .where(or_(removal.c.session_id.is_(None), removal.c.session_id == _LIVE.c.id))
        .label("removed"),
    )
    .select_from(
        session_token.join(room, room.c.id == session_token.c.room_id).outerjoin(
            _LIVE, and_(_LIVE.c.room_id == room.c.id, _LIVE.c.state == "live")
        )
    )
    .where(session_token.c.hash.in_(bindparam("hashes", expanding=True)))
)
_TOKEN_COLUMNS = len(session_token.c)
_ROOM_COLUMNS = len(room.c)
_INDEX = {column.name: at for at, column in enumerate(session_token.c)}
# A live session counts as the newest whatever the clock did since it began.
_NEWEST_SESSION = (
    select(session.c.state, session.c.ended_at, session.c.end_reason)
    .where(session.c.room_id == bindparam("room_id"))
    .order_by((session.c.state == "live").desc(), session.c.started_at.desc(), session.c.id.desc())
    .limit(1)
)


def find(connection: Connection, tokens: Sequence[str], now: int) -> Mapping[str, Grant | _Refused]:
    """For each token its grant, or why it does not count at `now` (Unix ms)."""
    hashes = {token: digest(token) for token in tokens}
    found: Sequence[Sequence[Any]] = connection.execute(_TOKENS, {"hashes": list(set(hashes.values()))}).all()
    rows = {row[_INDEX["hash"]]: row for row in found}
    ended: dict[RoomId, int | None] = {}

    def ended_at(place: RoomId) -> int | None:
        if place not in ended:
            ended[place] = _ended_at(connection, place)
        return ended[place]

    return {token: _judge(rows.get(hashed), now, ended_at) for token, hashed in hashes.items()}


def _judge(row: Sequence[Any] | None, now: int, ended_at: Callable[[RoomId], int | None]) -> Grant | _Refused:
    if row is None:
        return _Refused(RefusalCode.TOKEN_INVALID, "This session is not known here; open your link again.")
    values: tuple[Any, ...] = tuple(row)
    token = dict(zip(_INDEX, values[:_TOKEN_COLUMNS], strict=True))
    place = Room(*values[_TOKEN_COLUMNS : _TOKEN_COLUMNS + _ROOM_COLUMNS])
    live_id, removed = values[-2:]
    if removed:
        return _Refused(RefusalCode.REMOVED, "You were removed from this room.")
    if token["revoked_at"] is not None:
        return _Refused(RefusalCode.TOKEN_INVALID, "This session was ended; open your link again.")
    if now >= token["expires_at"]:
        return _Refused(RefusalCode.TOKEN_EXPIRED, "This session has expired; open your link again.")
    if place.closed_at is not None:
        return _Refused(RefusalCode.ROOM_CLOSED, "This room is closed.")
    role = Role(token["role"])
    if live_id is None and role not in ROWS[Action.END_SESSION].roles:
        # An old tab must not start a class anew that was ended.
        over = ended_at(place.id)
        if over is not None and token["issued_at"] < over:
            return _Refused(RefusalCode.ROOM_CLOSED, "This session has ended.")
    return Grant(
        token_id=TokenId(token["id"]),
        room=place,
        person_id=PersonId(token["person_id"]),
        name=token["name"],
        role=role,
        muted=token["muted"],
        expires_at=token["expires_at"],
    )


def _ended_at(connection: Connection, place: RoomId) -> int | None:
    """When the newest session of a room was ended by a tutor; None when it ended otherwise, or goes on."""
    newest = connection.execute(_NEWEST_SESSION, {"room_id": place}).first()
    if newest is None or newest.state == "live" or newest.end_reason != "ended":
        return None
    return int(newest.ended_at)
