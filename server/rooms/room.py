"""
The state of one session: who is there, what is on, whose hand is up, and what a command changes.

Pure: commands and `now` come in, changes (for everyone) and effects (for the shell to carry out) go out.

    (absent) --join--> connected --drop--> reconnecting --resume--> connected
    connected | reconnecting --leave, remove, end--> (absent);  reconnecting --expire after `resume_ms`--> (absent)
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.rooms.model import (
    Connection,
    LeaveReason,
    Moderation,
    Participant,
    Person,
    Publishing,
    Quality,
    RoomFault,
    RoomRefusal,
    Source,
)
from server.rooms.rights import may_moderate, may_publish, may_raise_hand
from server.storage import ParticipantId, PersonId


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Someone joined, or something about them changed."""

    version: int
    participant: Participant


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Someone is no longer there. `at` is when they were last seen."""

    version: int
    participant: Participant
    reason: LeaveReason
    at: int


@dataclass(frozen=True, slots=True)
class EnableSource:
    """The packets of this source are to be passed on, or dropped."""

    participant: ParticipantId
    source: Source
    enabled: bool


@dataclass(frozen=True, slots=True)
class WasMuted:
    """Someone with the right to do so switched this source off."""

    participant: ParticipantId
    source: Source
    by: str
    """Name of who did it."""


@dataclass(frozen=True, slots=True)
class HandLowered:
    """Someone with the right to do so lowered this participant's hand."""

    participant: ParticipantId
    by: str
    """Name of who did it."""


@dataclass(frozen=True, slots=True)
class WasRemoved:
    """Someone was sent out and may not come back."""

    participant: Participant
    by: str
    """Name of who did it."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session is over for everyone."""

    by: str
    """Name of who ended it."""


Change = ParticipantChanged | ParticipantLeft
Effect = EnableSource | WasMuted | HandLowered | WasRemoved | SessionEnded


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: `changes` are told to the whole room in order, `effects` are for the shell."""

    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()


class Room:
    """One session's participants. Every method either returns an Outcome or raises RoomRefusal and changes nothing."""

    def __init__(self, *, capacity: int, resume_ms: int) -> None:
        self._capacity = capacity
        self._resume_ms = resume_ms
        self._participants: dict[ParticipantId, Participant] = {}
        self._by_person: dict[PersonId, ParticipantId] = {}
        self.version = 0
        self.ended = False

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Everyone, in the order in which they came."""
        return tuple(self._participants.values())

    def get(self, participant: ParticipantId) -> Participant | None:
        """The participant with this id, if still there."""
        return self._participants.get(participant)

    def of_person(self, person: PersonId) -> Participant | None:
        """The participant that this person is in this session."""
        known = self._by_person.get(person)
        return None if known is None else self._participants[known]

    def hands(self) -> tuple[ParticipantId, ...]:
        """Raised hands, longest first; two raised in one millisecond keep the order of joining."""
        raised = [p for p in self._participants.values() if p.hand is not None]
        return tuple(p.id for p in sorted(raised, key=lambda p: p.hand or 0))

    def check_join(self, person: PersonId) -> None:
        """Raises RoomRefusal when this person could not join now; the shell asks before it commits the join."""
        if self.ended:
            raise RoomRefusal(RoomFault.ROOM_CLOSED, "This session has ended.")
        if person not in self._by_person and len(self._participants) >= self._capacity:
            raise RoomRefusal(RoomFault.ROOM_FULL, "This room is full.")

    def join(
        self, now: int, new_id: ParticipantId, person: Person, publishing: Publishing, hand: int | None = None
    ) -> Outcome:
        """
        A person comes in. One who is there already (another tab, or a dropped connection) stays the same
        participant: hand and mute state are kept, and of the arguments only `person` counts. `hand` is when the hand
        went up of someone who was there before the server restarted.
        """
        self.check_join(person.id)
        known = self.of_person(person.id)
        if known is not None:
            return self.resume(now, known.id)
        publishing = _allowed(person, publishing)
        participant = Participant(
            id=new_id,
            person=person.id,
            name=person.name,
            role=person.role,
            publishing=publishing,
            hand=hand if may_raise_hand(person.role) else None,
            connection=Connection.CONNECTED,
            quality=Quality.GOOD,
            joined_at=now,
            last_seen=now,
        )
        self._by_person[person.id] = new_id
        return Outcome((self._put(participant),))

    def seen(self, now: int, participant: ParticipantId) -> None:
        """Something was heard of them; it becomes the time of leaving if nothing follows."""
        known = self._participants.get(participant)
        if known is not None:
            self._participants[participant] = replace(known, last_seen=max(known.last_seen, now))

    def drop(self, now: int, participant: ParticipantId) -> Outcome:
        """Their last signalling connection went away: the place is kept for `resume_ms`."""
        known = self._participants.get(participant)
        if known is None or known.connection is Connection.RECONNECTING:
            return Outcome()
        gone = replace(known, connection=Connection.RECONNECTING, last_seen=max(known.last_seen, now))
        return Outcome((self._put(gone),))

    def resume(self, now: int, participant: ParticipantId) -> Outcome:
        """They are back in time, with everything as it was."""
        known = self._require(participant)
        if known.connection is Connection.CONNECTED:
            self.seen(now, participant)
            return Outcome()
        back = replace(known, connection=Connection.CONNECTED, last_seen=max(known.last_seen, now))
        return Outcome((self._put(back),))

    def expire(self, now: int) -> Outcome:
        """Those who did not come back in time have left, at the time when they were last seen."""
        late = [
            p
            for p in self._participants.values()
            if p.connection is Connection.RECONNECTING and now - p.last_seen >= self._resume_ms
        ]
        return Outcome(tuple(self._take(p, LeaveReason.TIMEOUT, p.last_seen) for p in late))

    def leave(self, now: int, participant: ParticipantId, reason: LeaveReason = LeaveReason.LEFT) -> Outcome:
        """They left by themselves."""
        return Outcome((self._take(self._require(participant), reason, now),))

    def publish(self, participant: ParticipantId, wanted: dict[Source, bool]) -> Outcome:
        """What they send now. Raises RoomRefusal(FORBIDDEN) for a source that their role may not switch on."""
        known = self._require(participant)
        refused = [s for s, on in wanted.items() if on and not may_publish(known.role, s)]
        if refused:
            raise RoomRefusal(RoomFault.FORBIDDEN, f"Your role may not publish {refused[0].value}.")
        changed = {s: on for s, on in wanted.items() if known.publishing.has(s) != on}
        if not changed:
            return Outcome()
        updated = replace(known, publishing=_with(known.publishing, changed))
        effects = tuple(EnableSource(participant, s, on) for s, on in changed.items())
        return Outcome((self._put(updated),), effects)

    def raise_hand(self, now: int, participant: ParticipantId, raised: bool) -> Outcome:
        """Raises the hand (the first time counts) or lowers it."""
        known = self._require(participant)
        if raised and not may_raise_hand(known.role):
            raise RoomRefusal(RoomFault.FORBIDDEN, "Your role does not raise a hand.")
        if raised == (known.hand is not None):
            return Outcome()
        return Outcome((self._put(replace(known, hand=now if raised else None)),))

    def rate(self, participant: ParticipantId, quality: Quality) -> bool:
        """Notes how a link feels; not a change of the room (it has an event of its own). True if it differs."""
        known = self._participants.get(participant)
        if known is None or known.quality is quality:
            return False
        self._participants[participant] = replace(known, quality=quality)
        return True

    def moderate(self, now: int, by: ParticipantId, action: Moderation, target: ParticipantId | None) -> Outcome:
        """A tutor's oversight. Raises RoomRefusal(FORBIDDEN, UNKNOWN_PARTICIPANT or INVALID)."""
        actor = self._require(by)
        if not may_moderate(actor.role, action):
            raise RoomRefusal(RoomFault.FORBIDDEN, "Your role may not do this.")
        if action is Moderation.MUTE_ALL:
            return self._mute_all(actor)
        if action is Moderation.END:
            return self._end(now, actor)
        if target is None:
            raise RoomRefusal(RoomFault.INVALID, "This needs a participant.")
        known = self._participants.get(target)
        if known is None:
            raise RoomRefusal(RoomFault.UNKNOWN_PARTICIPANT, "This participant is not here.")
        if action is Moderation.MUTE:
            return self._mute(actor, [known])
        if action is Moderation.LOWER_HAND:
            return self._lower(actor, known)
        if known.id == actor.id:
            raise RoomRefusal(RoomFault.INVALID, "Leave instead of removing yourself.")
        return Outcome((self._take(known, LeaveReason.REMOVED, now),), (WasRemoved(known, actor.name),))

    def _mute_all(self, actor: Participant) -> Outcome:
        others = [p for p in self._participants.values() if p.id != actor.id and not _teaches(p)]
        return self._mute(actor, others)

    def _mute(self, actor: Participant, targets: Iterable[Participant]) -> Outcome:
        changes: list[Change] = []
        effects: list[Effect] = []
        for target in targets:
            if not target.publishing.mic:
                continue
            changes.append(self._put(replace(target, publishing=replace(target.publishing, mic=False))))
            effects.append(EnableSource(target.id, Source.MIC, False))
            effects.append(WasMuted(target.id, Source.MIC, actor.name))
        return Outcome(tuple(changes), tuple(effects))

    def _lower(self, actor: Participant, target: Participant) -> Outcome:
        if target.hand is None:
            return Outcome()
        effects = () if target.id == actor.id else (HandLowered(target.id, actor.name),)
        return Outcome((self._put(replace(target, hand=None)),), effects)

    def _end(self, now: int, actor: Participant) -> Outcome:
        self.ended = True
        gone = tuple(self._take(p, LeaveReason.ENDED, now) for p in self.participants)
        return Outcome(gone, (SessionEnded(actor.name),))

    def _require(self, participant: ParticipantId) -> Participant:
        known = self._participants.get(participant)
        if known is None:
            raise RoomRefusal(RoomFault.NOT_JOINED, "Join first.")
        return known

    def _put(self, participant: Participant) -> ParticipantChanged:
        self.version += 1
        self._participants[participant.id] = participant
        return ParticipantChanged(self.version, participant)

    def _take(self, participant: Participant, reason: LeaveReason, at: int) -> ParticipantLeft:
        self.version += 1
        del self._participants[participant.id]
        del self._by_person[participant.person]
        return ParticipantLeft(self.version, participant, reason, at)


def _allowed(person: Person, publishing: Publishing) -> Publishing:
    return Publishing(
        mic=publishing.mic and not person.muted and may_publish(person.role, Source.MIC),
        camera=publishing.camera and may_publish(person.role, Source.CAMERA),
        screen=publishing.screen and may_publish(person.role, Source.SCREEN),
    )


def _with(publishing: Publishing, changed: dict[Source, bool]) -> Publishing:
    return Publishing(
        mic=changed.get(Source.MIC, publishing.mic),
        camera=changed.get(Source.CAMERA, publishing.camera),
        screen=changed.get(Source.SCREEN, publishing.screen),
    )


def _teaches(participant: Participant) -> bool:
    return may_moderate(participant.role, Moderation.MUTE)
