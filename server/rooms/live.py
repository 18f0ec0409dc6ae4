"""One live room: its connections' commands become durable facts, changes for everyone and steps of the media."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from media import GroupId, Offer, PeerConnected, PeerGone, WorkerStats
from server.access import Access
from server.attendance import Attendance, EventKind, LeaveReason
from server.rooms import model
from server.rooms.lines import Line, Lines, Presence
from server.rooms.media_record import Carrier, MediaRecord
from server.rooms.model import Moderation, Participant, Person, Publishing, RoomFault, RoomRefusal, Source
from server.rooms.ports import (
    Clock,
    Connection,
    Plane,
    QualityChanged,
    RoomEvent,
    RoomInfo,
    RoomState,
    RoomWatch,
    SessionInfo,
)
from server.rooms.room import (
    EnableSource,
    HandLowered,
    Outcome,
    ParticipantLeft,
    Room,
    SessionEnded,
    WasMuted,
    WasRemoved,
)
from server.rooms.stage import PeerIndex, Stage, WantedTile
from server.storage import ConnId, ParticipantId, PersonId, SessionId, WriteFailed

_log = structlog.get_logger("server.rooms")

_REASONS = {
    model.LeaveReason.LEFT: LeaveReason.LEFT,
    model.LeaveReason.TIMEOUT: LeaveReason.TIMEOUT,
    model.LeaveReason.REMOVED: LeaveReason.KICKED,
    model.LeaveReason.ENDED: LeaveReason.ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsConfig:
    """How rooms behave."""

    capacity: int = 200
    """Participants of one room."""

    resume_s: float = 20.0
    """How long a dropped connection's place is kept, seconds; tuned for a phone that changes networks."""

    tick_s: float = 1.0
    """How often places are looked after, seconds."""


class LiveRoom:
    """
    Made by the registry when the first connection joins. All methods run on the event loop; what they change they
    change without awaiting in between, so that versions, state and events stay in one order.
    """

    def __init__(
        self,
        info: RoomInfo,
        group: GroupId,
        *,
        config: RoomsConfig,
        plane: Plane,
        index: PeerIndex,
        attendance: Attendance,
        access: Access,
        clock: Clock,
        watches: Sequence[RoomWatch] = (),
    ) -> None:
        self.info = info
        self._watches = watches
        self._config = config
        self._attendance = attendance
        self._access = access
        self._clock = clock
        self._room = Room(capacity=config.capacity, resume_ms=int(config.resume_s * 1000))
        self._session: SessionInfo | None = None
        self._lines = Lines()
        self._media = MediaRecord(attendance)
        self._banned: set[PersonId] = set()
        self._joining: dict[PersonId, asyncio.Lock] = {}
        self._pending_joins = 0
        self._stage = Stage(
            plane, group, index, tell=self._lines.tell, tell_all=self._lines.tell_all, publishing=self._publishing
        )
        self.stage = self._stage

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Everyone who is there, in the order in which they came."""
        return self._room.participants

    @property
    def ended(self) -> bool:
        """A tutor has ended the session."""
        return self._room.ended

    @property
    def idle(self) -> bool:
        """Nobody is there and nobody is about to come in."""
        return not self._room.participants and self._pending_joins == 0

    @property
    def session_id(self) -> SessionId | None:
        """The session's id once someone has joined."""
        return self._session.id if self._session is not None else None

    async def join(self, connection: Connection, person: Person, wanted: Publishing) -> RoomState:
        """
        A connection comes in; returns after the join is committed. The caller acknowledges with the returned state
        before anything else awaits, then calls `greet`. Raises RoomRefusal, or WriteFailed (nothing happened then).
        """
        self._pending_joins += 1
        lock = self._joining.setdefault(person.id, asyncio.Lock())
        try:
            async with lock:
                return await self._join(connection, person, wanted)
        finally:
            self._pending_joins -= 1
            if not lock.locked():
                self._joining.pop(person.id, None)

    def greet(self, participant: ParticipantId, connection: Connection) -> None:
        """After the acknowledgement of `join` or `sync`: what the state does not hold (slots, encodings, speaking)."""
        for event in self._stage.snapshot(participant):
            connection.deliver(event)

    def state(self, participant: ParticipantId) -> RoomState:
        """The room as this participant may see it. Raises RoomRefusal(NOT_JOINED)."""
        you = self._require(participant)
        assert self._session is not None, "a participant has joined, so there is a session"
        return RoomState(self._room.version, self.info, self._session, you, self._room.participants, self._clock())

    def participant_of(self, connection: Connection) -> ParticipantId | None:
        """Who a connection belongs to while it is the current one of its tab."""
        return self._lines.participant_of(connection)

    async def offer(self, participant: ParticipantId, tab: str, offer: Offer) -> str:
        """The SDP answer. Raises RoomRefusal, also for a tab that no longer carries the media."""
        self._require(participant)
        if self._lines.of(participant).media_tab != tab:
            raise RoomRefusal(RoomFault.OFFER_REFUSED, "A newer tab carries your media; close it and reload this one.")
        return await self._stage.offer(participant, tab, offer)

    async def publish(self, participant: ParticipantId, wanted: dict[Source, bool]) -> None:
        """What a participant sends now. Raises RoomRefusal."""
        before = self._require(participant).publishing
        self._apply(self._room.publish(participant, wanted))
        if Source.SCREEN in wanted and wanted[Source.SCREEN] != before.screen:
            await self._record(participant, EventKind.SCREEN, {"on": wanted[Source.SCREEN]})

    async def media_changed(self, participant: ParticipantId, event: PeerConnected | PeerGone) -> None:
        """Stores that someone's media came up or broke."""
        if isinstance(event, PeerGone):
            await self._media.down(participant, event.reason.value)
            return
        known = self._room.get(participant)
        if known is None or self._session is None:
            return
        presence = self._lines.of(participant)
        line = presence.lines.get(presence.media_tab)
        if line is not None:
            carrier = Carrier(self._session.id, participant, known.person, line.conn)
            await self._media.up(carrier, event.transport)

    def view(self, participant: ParticipantId, tiles: Sequence[WantedTile]) -> None:
        """What a page shows now. Raises RoomRefusal(NOT_JOINED)."""
        self._require(participant)
        self._stage.view(participant, tiles)

    async def raise_hand(self, participant: ParticipantId, raised: bool) -> None:
        """Returns after it is stored. Raises RoomRefusal."""
        outcome = self._room.raise_hand(self._clock(), participant, raised)
        self._apply(outcome)
        if outcome.changes:
            await self._record(participant, EventKind.HAND, {"raised": raised})

    async def moderate(self, by: ParticipantId, action: Moderation, target: ParticipantId | None) -> None:
        """A tutor's act; returns after it is stored. Raises RoomRefusal."""
        actor = self._require(by)
        outcome = self._room.moderate(self._clock(), by, action, target)
        removed = [effect.participant.person for effect in outcome.effects if isinstance(effect, WasRemoved)]
        # Another tab may knock before the removal is stored.
        self._banned.update(removed)
        gone = self._apply(outcome)
        for watch, person in itertools.product(self._watches, removed):
            watch.removed(self.info.id, person)
        for person in removed:
            await self._access.remove(self.info.id, person, actor.person)
        await self._finish(gone, keep=by)
        if any(isinstance(effect, SessionEnded) for effect in outcome.effects) and self._session is not None:
            await self._attendance.end_session(self._session.id)
            for watch in self._watches:
                watch.ended(self.info.id)
        for effect in outcome.effects:
            if isinstance(effect, WasMuted):
                await self._record(effect.participant, EventKind.MUTED, {"by": actor.person})
            elif isinstance(effect, HandLowered):
                await self._record(effect.participant, EventKind.HAND, {"raised": False, "by": actor.person})

    async def leave(self, participant: ParticipantId, connection: Connection) -> None:
        """A tab goes for good; the participant with its last one. Returns after the commit. Raises RoomRefusal."""
        self._require(participant)
        presence = self._lines.of(participant)
        line = presence.lines.get(connection.tab)
        if line is None or line.connection is not connection:
            raise RoomRefusal(RoomFault.NOT_JOINED, "Join first.")
        if len(presence.lines) > 1:
            del presence.lines[connection.tab]
            self._lines.unseat(connection)
            await self._attendance.leave(line.conn, LeaveReason.LEFT)
            self._note_dropped(participant)
            return
        await self._finish(self._apply(self._room.leave(self._clock(), participant)))

    def drop(self, connection: Connection) -> None:
        """A connection went away without a word; its place is kept for a while."""
        participant = self._lines.unseat(connection)
        if participant is None:
            return
        line = self._lines.of(participant).lines[connection.tab]
        line.connection = None
        line.last_seen = max(line.last_seen, connection.last_heard)
        self._note_dropped(participant)

    def last_heard(self) -> dict[ConnId, int]:
        """When each line that is up was last heard of, for the attendance's tick."""
        return {line.conn: line.connection.last_heard for line in self._lines if line.connection is not None}

    def link_stats(self, stats: WorkerStats) -> None:
        """A second of the links of a worker's peers that belong to this room."""
        now = self._clock()
        changed = {}
        for peer in stats.peers:
            rated = self._stage.rate(peer, now)
            if rated is not None and self._room.rate(*rated):
                changed[rated[0]] = rated[1]
        if changed:
            self._lines.tell_all(QualityChanged(changed))

    async def tick(self) -> None:
        """Closes lines that did not come back in time."""
        now = self._clock()
        gone = self._apply(self._room.expire(now))
        await self._finish(gone)
        late = self._config.resume_s * 1000
        for presence in self._lines.presences:
            for tab, line in list(presence.lines.items()):
                if line.connection is None and now - line.last_seen >= late and len(presence.lines) > 1:
                    del presence.lines[tab]
                    await self._attendance.leave(line.conn, LeaveReason.TIMEOUT, line.last_seen)

    async def evacuate(self, event: RoomEvent) -> None:
        """The server goes away: everyone is told, and their leave is stored."""
        self._lines.tell_all(event)
        lines = list(self._lines)
        for line in lines:
            if line.connection is not None:
                line.connection.close()
        # `moved` is what lets the same participant come back after the restart (see attendance).
        await asyncio.gather(
            *(self._media.down(participant.id, LeaveReason.MOVED.value) for participant in self._room.participants),
            *(self._attendance.leave(line.conn, LeaveReason.MOVED) for line in lines),
        )

    async def _join(self, connection: Connection, person: Person, wanted: Publishing) -> RoomState:
        self._check_join(person.id)
        known = self._room.of_person(person.id)
        line = self._lines.of(known.id).lines.get(connection.tab) if known is not None else None
        hand: int | None = None
        if known is not None and line is not None:
            # The same tab is back in time: its attendance goes on, so there is nothing to commit.
            participant = known.id
        else:
            joined = await self._attendance.join(
                self.info.id, person.id, name=person.name, role=person.role.value, tab=connection.tab
            )
            line = Line(joined.conn_id, None, joined.joined_at)
            self._session = self._session or SessionInfo(joined.session_id, joined.session_started_at)
            participant, hand = joined.participant_id, joined.hand_at
            try:
                self._check_join(person.id)
            except RoomRefusal:
                await self._attendance.leave(line.conn, LeaveReason.ENDED)
                raise
        outcome = self._room.join(self._clock(), participant, person, wanted, hand)
        presence = self._lines.seat(participant, line, connection)
        self._apply(outcome, besides=connection)
        await self._settle(participant, presence, connection.tab)
        return self.state(participant)

    def _check_join(self, person: PersonId) -> None:
        self._room.check_join(person)
        if person in self._banned:
            raise RoomRefusal(RoomFault.FORBIDDEN, "You were removed from this room.")

    async def _settle(self, participant: ParticipantId, presence: Presence, tab: str) -> None:
        """The newest tab has the media to itself, and lines without a connection are ghosts of crashed tabs."""
        await self._stage.release(participant, tab)
        if self._media.conn_of(participant) not in (None, presence.lines[tab].conn):
            await self._media.down(participant, LeaveReason.MOVED.value)
        ghosts = [(key, line) for key, line in presence.lines.items() if line.connection is None]
        for key, line in ghosts:
            del presence.lines[key]
            try:
                await self._attendance.leave(line.conn, LeaveReason.MOVED, line.last_seen)
            except WriteFailed as error:
                # The join itself is stored and stands; recovery closes the ghost's row at the next start.
                _log.warning("ghost_not_stored", room=self.info.id, reason=error.reason.value)

    def _note_dropped(self, participant: ParticipantId) -> None:
        lines = self._lines.of(participant).lines.values()
        if all(line.connection is None for line in lines):
            last_seen = max((line.last_seen for line in lines), default=self._clock())
            self._apply(self._room.drop(last_seen, participant))

    def _apply(self, outcome: Outcome, besides: Connection | None = None) -> list[ParticipantLeft]:
        """Tells everyone, and does what does not wait. Returns who is gone; `_finish` does the rest for them."""
        for effect in outcome.effects:
            match effect:
                case WasMuted(participant) | HandLowered(participant):
                    self._lines.tell(participant, effect)
                case WasRemoved(participant):
                    self._lines.tell(participant.id, effect)
                case SessionEnded():
                    self._lines.tell_all(effect)
                case EnableSource(participant, source):
                    self._stage.enable(participant, source)
        gone = [change for change in outcome.changes if isinstance(change, ParticipantLeft)]
        for change in outcome.changes:
            # `ended` says it to everyone; a class of N would cost N x N further messages.
            if not (isinstance(change, ParticipantLeft) and change.reason is model.LeaveReason.ENDED):
                self._lines.tell_all(change, besides)
        return gone

    async def _finish(self, gone: Sequence[ParticipantLeft], keep: ParticipantId | None = None) -> None:
        """
        Closes the lines and the media of those who are gone, and stores their leave. Who left by himself, or
        ended the session (`keep`), still waits for an acknowledgement and closes the socket himself.
        """
        leaves = []
        for left in gone:
            for line in self._lines.take(left.participant.id).lines.values():
                closes = left.reason is not model.LeaveReason.LEFT and left.participant.id != keep
                if line.connection is not None and closes:
                    line.connection.close()
                leaves.append((line.conn, _REASONS[left.reason], left.at))
        for left in gone:
            await self._stage.close(left.participant.id)
        await asyncio.gather(
            *(self._media.down(left.participant.id, _REASONS[left.reason].value) for left in gone),
            *(self._attendance.leave(conn, reason, at) for conn, reason, at in leaves),
        )
        for left in gone:
            _log.info("participant_left", room=self.info.id, reason=left.reason.value)

    async def _record(self, participant: ParticipantId, kind: EventKind, data: dict[str, object]) -> None:
        known = self._room.get(participant)
        if known is not None and self._session is not None:
            await self._attendance.record(self._session.id, kind, person_id=known.person, data=data)

    def _publishing(self, participant: ParticipantId) -> Publishing | None:
        known = self._room.get(participant)
        return known.publishing if known is not None else None

    def _require(self, participant: ParticipantId) -> Participant:
        known = self._room.get(participant)
        if known is None:
            raise RoomRefusal(RoomFault.NOT_JOINED, "Join first.")
        return known
