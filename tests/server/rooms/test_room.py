"""The pure room: versions, places, hands, moderation; for every order of commands."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from server.access import Role
from server.rooms import (
    HandLowered,
    LeaveReason,
    Moderation,
    Outcome,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    Person,
    Publishing,
    Room,
    RoomFault,
    RoomRefusal,
    Source,
    WasMuted,
    WasRemoved,
)
from server.rooms.model import Connection
from server.rooms.room import EnableSource
from server.storage import ParticipantId, PersonId

NOW = 1_800_000_000_000
RESUME_MS = 20_000
ON = Publishing(mic=True, camera=True)


def _person(name: str, role: Role = Role.OFFICER, *, muted: bool = False) -> Person:
    return Person(PersonId(name), name, role, muted)


def _room_with(*people: Person) -> tuple[Room, list[ParticipantId]]:
    room = Room(capacity=10, resume_ms=RESUME_MS)
    ids = [ParticipantId(f"p-{person.id}") for person in people]
    for who, person in zip(ids, people, strict=True):
        room.join(NOW, who, person, ON)
    return room, ids


def test_who_comes_back_within_the_time_is_the_same_with_mute_and_hand() -> None:
    room, [ana] = _room_with(_person("ana"))
    room.publish(ana, {Source.MIC: False})
    room.raise_hand(NOW + 5, ana, True)
    room.drop(NOW + 1000, ana)
    assert not room.expire(NOW + 1000 + RESUME_MS - 1).changes
    room.join(NOW + 9000, ParticipantId("unused"), _person("ana"), ON)
    back = room.get(ana)
    assert back is not None
    assert (back.publishing.mic, back.hand, back.connection) == (False, NOW + 5, Connection.CONNECTED)


def test_who_does_not_come_back_has_left_when_last_seen() -> None:
    room, [ana] = _room_with(_person("ana"))
    room.drop(NOW + 1000, ana)
    [left] = room.expire(NOW + 1000 + RESUME_MS).changes
    assert isinstance(left, ParticipantLeft)
    assert (left.reason, left.at) == (LeaveReason.TIMEOUT, NOW + 1000)
    assert room.participants == ()


def test_a_tutor_mutes_and_only_the_muted_one_unmutes() -> None:
    room, [tutor, ana] = _room_with(_person("tutor", Role.TUTOR), _person("ana"))
    outcome = room.moderate(NOW, tutor, Moderation.MUTE, ana)
    assert outcome.effects == (EnableSource(ana, Source.MIC, False), WasMuted(ana, Source.MIC, "tutor"))
    assert room.publish(ana, {Source.MIC: True}).effects == (EnableSource(ana, Source.MIC, True),)


def test_mute_all_spares_those_who_lead() -> None:
    room, [tutor, ana, helper] = _room_with(
        _person("tutor", Role.TUTOR), _person("ana"), _person("helper", Role.ASSISTANT)
    )
    room.moderate(NOW, tutor, Moderation.MUTE_ALL, None)
    assert [p.id for p in room.participants if p.publishing.mic] == [tutor, helper]
    assert [p.id for p in room.participants if not p.publishing.mic] == [ana]


def test_hands_are_in_the_order_in_which_they_were_raised() -> None:
    room, [ana, ben, eva] = _room_with(_person("ana"), _person("ben"), _person("eva"))
    for at, who in ((3, ana), (1, eva), (2, ben)):
        room.raise_hand(NOW + at, who, True)
    room.raise_hand(NOW + 9, eva, True)
    assert room.hands() == (eva, ben, ana)


def test_a_lowered_hand_says_by_whom_to_its_owner_alone() -> None:
    room, [tutor, ana] = _room_with(_person("tutor", Role.TUTOR), _person("ana"))
    assert room.moderate(NOW, tutor, Moderation.LOWER_HAND, ana) == Outcome()
    room.raise_hand(NOW, ana, True)
    assert room.moderate(NOW, tutor, Moderation.LOWER_HAND, ana).effects == (HandLowered(ana, "tutor"),)
    room.raise_hand(NOW, tutor, True)
    assert room.moderate(NOW, tutor, Moderation.LOWER_HAND, tutor).effects == ()


def test_who_is_told_to_come_in_silent_is_silent() -> None:
    room, _ = _room_with(_person("ana", muted=True))
    assert room.participants[0].publishing == Publishing(mic=False, camera=True)


@pytest.mark.parametrize("action", list(Moderation))
@pytest.mark.parametrize("role", [Role.OFFICER, Role.OBSERVER, Role.INTERPRETER])
def test_only_those_who_lead_moderate(action: Moderation, role: Role) -> None:
    room, [ana, ben] = _room_with(_person("ana", role), _person("ben"))
    version = room.version
    with pytest.raises(RoomRefusal) as refusal:
        room.moderate(NOW, ana, action, ben)
    assert refusal.value.fault is RoomFault.FORBIDDEN
    assert room.version == version


def test_an_observer_publishes_nothing() -> None:
    room, [eye] = _room_with(_person("eye", Role.OBSERVER))
    assert room.participants[0].publishing == Publishing()
    with pytest.raises(RoomRefusal):
        room.publish(eye, {Source.CAMERA: True})


def test_a_full_room_takes_only_those_who_are_there_already() -> None:
    room = Room(capacity=1, resume_ms=RESUME_MS)
    room.join(NOW, ParticipantId("a"), _person("ana"), ON)
    room.join(NOW, ParticipantId("b"), _person("ana"), ON)
    with pytest.raises(RoomRefusal) as refusal:
        room.join(NOW, ParticipantId("c"), _person("ben"), ON)
    assert refusal.value.fault is RoomFault.ROOM_FULL


class AnyOrder(RuleBasedStateMachine):
    """A client that applies the changes it is told has the same room as the server, whatever happens."""

    people = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.room = Room(capacity=4, resume_ms=RESUME_MS)
        self.now = NOW
        self.mirror: dict[ParticipantId, Participant] = {}
        self.version = 0
        self.count = 0

    def _do(self, command: Any, *arguments: Any) -> Outcome:
        before = (self.room.version, self.room.participants)
        try:
            outcome: Outcome = command(*arguments)
        except RoomRefusal:
            assert (self.room.version, self.room.participants) == before
            return Outcome()
        for change in outcome.changes:
            assert change.version == self.version + 1
            self.version = change.version
            if isinstance(change, ParticipantChanged):
                self.mirror[change.participant.id] = change.participant
            else:
                del self.mirror[change.participant.id]
        return outcome

    @rule(target=people, role=st.sampled_from([Role.TUTOR, Role.ASSISTANT, Role.OFFICER, Role.OBSERVER]))
    def join(self, role: Role) -> ParticipantId:
        self.count += 1
        who = ParticipantId(f"p{self.count}")
        self._do(self.room.join, self.now, who, _person(f"person-{self.count}", role), ON)
        return who

    @rule(who=people)
    def come_back(self, who: ParticipantId) -> None:
        known = self.room.get(who)
        if known is not None:
            self._do(self.room.join, self.now, who, Person(known.person, known.name, known.role), ON)

    @rule(who=people)
    def drop(self, who: ParticipantId) -> None:
        self._do(self.room.drop, self.now, who)

    @rule(seconds=st.integers(0, 30))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1000
        self._do(self.room.expire, self.now)
        for p in self.room.participants:
            assert p.connection is Connection.CONNECTED or self.now - p.last_seen < RESUME_MS

    @rule(who=people, source=st.sampled_from(list(Source)), on=st.booleans())
    def publish(self, who: ParticipantId, source: Source, on: bool) -> None:
        self._do(self.room.publish, who, {source: on})

    @rule(who=people, raised=st.booleans())
    def hand(self, who: ParticipantId, raised: bool) -> None:
        self._do(self.room.raise_hand, self.now, who, raised)

    @rule(by=people, whom=people, action=st.sampled_from([a for a in Moderation if a is not Moderation.END]))
    def moderate(self, by: ParticipantId, whom: ParticipantId, action: Moderation) -> None:
        outcome = self._do(self.room.moderate, self.now, by, action, whom)
        for effect in outcome.effects:
            if isinstance(effect, WasRemoved):
                assert self.room.of_person(effect.participant.person) is None

    @rule(who=consumes(people))
    def leave(self, who: ParticipantId) -> None:
        self._do(self.room.leave, self.now, who)

    @invariant()
    def mirror_is_the_room(self) -> None:
        there = {p.id: p for p in self.room.participants}
        assert {k: _told(v) for k, v in self.mirror.items()} == {k: _told(v) for k, v in there.items()}
        assert self.version == self.room.version
        assert len(there) <= 4
        assert len({p.person for p in there.values()}) == len(there)


def _told(participant: Participant) -> tuple[Any, ...]:
    return (
        participant.name,
        participant.role,
        participant.publishing,
        participant.hand,
        participant.connection,
        participant.joined_at,
    )


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
