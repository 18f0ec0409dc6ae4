"""
The boards of all rooms in this process: the whiteboard's hub, its store, and the connections that came in by the route.
Who is removed from a class, whose token ends, or who falls silent loses his board connections here.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from server.access import Clock, Grant
from server.boards.steady_clock import SteadyClock
from server.boards.wire import BoardLine, FrameWire
from server.rooms import Rooms
from server.storage import BoardMetaStore, BoardStore, Database, PersonId, RoomId, SessionId, TokenId
from whiteboard import (
    BoardConfig,
    BoardHub,
    BoardId,
    BoardRoom,
    Member,
    OwnedShape,
    PageNumber,
    PersonKey,
    Role,
    RoomKey,
)

_log = structlog.get_logger("server.boards")

_GAUGES = frozenset({"rooms", "connected", "open_pages", "unstored"})

REMOVED = 4003
TOKEN_OVER = 4001
RESTARTS = 1012


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardsConfig:
    """Times of the board's connections."""

    hello_s: float = 10.0
    """How soon a connection must have said who it is, seconds."""

    silence_s: float = 50.0
    """A connection that neither says nor takes anything for so long is dead, seconds."""

    look_s: float = 5.0
    """How often connections are looked at, seconds."""

    flush_s: float = 3.0
    """How long a drain waits for what is not stored yet, seconds."""

    board: BoardConfig | None = None
    """The whiteboard's own bounds."""


class NotAllowed(Exception):
    """A connection may not come in: `code` is the WebSocket close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Boards:
    """`run` must be running while connections come in. Implements `server.rooms.RoomWatch`."""

    def __init__(self, database: Database, rooms: Rooms, clock: Clock, config: BoardsConfig | None = None) -> None:
        self.config = config or BoardsConfig()
        self.wire = FrameWire()
        self.store = BoardStore(database, self._session_of)
        self.counts: Counter[str] = Counter()
        self.draining = False
        self._rooms = rooms
        self._clock = clock
        self._meta = BoardMetaStore(database, self._session_of)
        self.now_ms = SteadyClock(clock)
        self._hub = BoardHub(self.store, self._meta, self.wire, self.now_ms, self.config.board)
        self._lines: dict[RoomId, dict[BoardLine, BoardRoom]] = {}
        self._removed: dict[RoomId, set[PersonId]] = {}
        self._entering: set[BoardLine] = set()
        rooms.watch(self)

    async def run(self) -> None:
        """Stores, keeps the hub going and looks after the connections; returns after `drain`."""
        async with asyncio.TaskGroup() as tasks:
            storing = tasks.create_task(self.store.run(), name="boards-store")
            watching = tasks.create_task(self._watch(), name="boards-watch")
            try:
                await self._hub.run()
            finally:
                watching.cancel()
                self.store.close()
                await storing

    async def enter(self, line: BoardLine, grant: Grant) -> BoardRoom:
        """
        After a good `hello`. Raises NotAllowed, or the store's errors. The caller calls `leave` when the connection is
        gone, also after an exception.
        """
        if self.draining:
            raise NotAllowed(RESTARTS, "The server restarts.")
        if grant.person_id in self._removed.get(grant.room.id, ()):
            raise NotAllowed(REMOVED, "You were removed from this room.")
        self._entering.add(line)
        try:
            room = await self._hub.room(RoomKey(grant.room.id))
        except TimeoutError:
            raise NotAllowed(RESTARTS, "The boards cannot be read now; please try again.") from None
        finally:
            self._entering.discard(line)
        if line.closing.is_set():
            # Its token was revoked, or the session ended, while the room was loaded.
            raise NotAllowed(line.code, line.reason)
        # While the room was loaded the person may have been removed, or the server may have begun to end.
        if self.draining or grant.person_id in self._removed.get(grant.room.id, ()):
            raise NotAllowed(RESTARTS if self.draining else REMOVED, "Not now.")
        self._make_way(line)
        if room.join(line, self.member(grant), self.now_ms()):
            self._lines.setdefault(grant.room.id, {})[line] = room
        return room

    def leave(self, line: BoardLine) -> None:
        """The connection is gone; again, or for one that never came in, is no error."""
        of_room = self._lines.get(line.room, {}) if line.room is not None else {}
        room = of_room.pop(line, None)
        if room is not None:
            room.leave(line, self.now_ms())

    def gone(self, line: BoardLine) -> None:
        """The connection has ended: `leave`, and it is counted."""
        self.leave(line)
        self.counts[f"closed_{line.code}"] += 1

    def member(self, grant: Grant) -> Member:
        """Who holds a token, as the whiteboard knows persons."""
        live = self._rooms.get(grant.room.id)
        known = [p.id for p in live.participants if p.person == grant.person_id] if live is not None else []
        return Member(PersonKey(grant.person_id), Role(grant.role.value), grant.name, known[0] if known else None)

    @property
    def lines(self) -> Sequence[BoardLine]:
        """All connections that came in."""
        return [line for of_room in self._lines.values() for line in of_room]

    async def room(self, room: RoomId) -> BoardRoom:
        """A room's boards, loaded when need be; for one step without awaiting in between. Raises the store's errors."""
        return await self._hub.room(RoomKey(room))

    async def titles(self, room: RoomId) -> Mapping[BoardId, str]:
        """The titles of a room's boards that were not removed, in their order. Raises ReadFailed."""
        rows = (await self._meta.load(RoomKey(room))).boards
        return {row.id: row.title for row in sorted(rows, key=lambda row: row.position) if row.removed_at is None}

    async def shapes(self, room: RoomId, page: PageNumber) -> Sequence[OwnedShape]:
        """A page's living shapes. Raises KeyError for an unknown page, or the store's errors."""
        return await self._hub.shapes(RoomKey(room), page)

    async def changed_since(self, room: RoomId, at_ms: int) -> bool:
        """Whether anything was written on a room's boards after a time, Unix ms. Raises ReadFailed."""
        return await self.store.newest(RoomKey(room)) > at_ms

    def announce(self, room: RoomId, message: bytes, *, managers_only: bool) -> None:
        """Sends a text message to who is at the boards of a room, if anyone is."""
        for live in set(self._lines.get(room, {}).values()):
            live.announce(message, managers_only=managers_only)

    def removed(self, room: RoomId, person: PersonId) -> None:
        """All board connections of someone who was sent out end at once, and no new one comes in."""
        self._removed.setdefault(room, set()).add(person)
        self._close(room, lambda line: line.person == person, REMOVED, "You were removed from this room.")

    def ended(self, room: RoomId) -> None:
        """The class is over: so is its board, until a tutor opens the room again."""
        self._close(room, lambda _line: True, REMOVED, "This session has ended.")

    def closed(self, room: RoomId) -> None:
        """Nobody is in the class: removals were for this session."""
        self._removed.pop(room, None)

    def revoked(self, room: RoomId, token: TokenId) -> None:
        """A token was forgotten: its connections end."""
        self._close(room, lambda line: line.token == token, TOKEN_OVER, "This session was ended.")

    async def drain(self) -> None:
        """Nothing more is taken; what was taken is stored and acknowledged; then everyone is told to come back."""
        self.draining = True
        loop = asyncio.get_running_loop()
        until = loop.time() + self.config.flush_s
        while self._hub.snapshot().get("unstored", 0) > 0 and loop.time() < until:  # noqa: ASYNC110 - a gauge has no event
            await asyncio.sleep(0.01)
        for room in list(self._lines):
            self._close(room, lambda _line: True, RESTARTS, "The server restarts.")
        self._hub.close()

    def counters(self) -> Mapping[str, int]:
        """Absolute counters by kind, for metrics."""
        return {
            **{name: count for name, count in self._hub.snapshot().items() if name not in _GAUGES},
            "messages_framed": self.wire.messages,
            "deliveries": self.wire.deliveries,
            "bytes_sent": self.wire.bytes,
            "log_units": self.store.log.units,
            "log_rows": self.store.log.rows,
            **self.counts,
        }

    def gauges(self) -> Mapping[str, int]:
        """What there is now by kind, for metrics."""
        return {name: count for name, count in self._hub.snapshot().items() if name in _GAUGES}

    def _session_of(self, room: RoomKey) -> SessionId | None:
        live = self._rooms.get(RoomId(room))
        return live.session_id if live is not None else None

    def _close(self, room: RoomId, which: Callable[[BoardLine], bool], code: int, reason: str) -> None:
        entering = [line for line in self._entering if line.room == room]
        for line in [*self._lines.get(room, ()), *entering]:
            if which(line):
                line.close(code, reason)
                # At once: what still lies in the socket must not be taken for an update of someone who may.
                self.leave(line)

    def _make_way(self, line: BoardLine) -> None:
        """
        On a link that breaks often a person's old connections are not known to be dead for most of a minute: where they
        would keep him out, the oldest one of the tab that comes back goes.
        """
        assert line.room is not None, "it has said hello"
        mine = [one for one in self._lines.get(line.room, ()) if one.person == line.person]
        old = [one for one in mine if one.tab == line.tab]
        if old and len(mine) >= (self.config.board or BoardConfig()).connections_each:
            self._close(line.room, lambda one: one is old[0], RESTARTS, "This tab has come back.")

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.config.look_s)
            now_s, now_ms = loop.time(), self._clock()
            self._lines = {room: of_room for room, of_room in self._lines.items() if of_room}
            for line in self.lines:
                if now_ms >= line.expires_at:
                    line.close(TOKEN_OVER, "This session has expired.")
                elif not line.closing.is_set() and not line.look(now_s, self.config.silence_s):
                    self.counts["silent"] += 1
                    line.transport.abort()
