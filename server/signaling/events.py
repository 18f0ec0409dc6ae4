"""What each client event does. One row of the policy and one strict model for each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from media import Offer, Section
from server.access import Action, LimitName, requires
from server.rooms import LiveRoom, Person, Publishing, RoomFault, RoomInfo, RoomRefusal, Rooms, Source, WantedTile
from server.signaling import messages as wire
from server.signaling.encoding import state_body
from server.signaling.session import Session
from server.storage import ParticipantId

Handler = Callable[["Events", Session, Any], Awaitable[wire.ToClient]]


class Events:
    """The handlers. Each returns the acknowledgement or raises RoomRefusal or DatabaseFailed."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    @requires(Action.JOIN)
    async def join(self, session: Session, message: wire.Join) -> wire.ToClient:
        """Comes in, or comes back; answered after the commit."""
        grant = session.grant
        person = Person(grant.person_id, grant.name, grant.role, grant.muted)
        wanted = Publishing(mic=message.media.mic, camera=message.media.camera)
        room, state = await self._rooms.join(RoomInfo(grant.room.id, grant.room.name), session, person, wanted)
        session.room = room
        if session.closed:
            # The socket went away while the join was being stored.
            room.drop(session)
        return wire.DoneState(state=state_body(state))

    @requires(Action.OFFER)
    async def offer(self, session: Session, message: wire.OfferMessage) -> wire.ToClient:
        """Sets the media connection up, or restarts its ICE."""
        room, participant = _joined(session)
        sections = tuple(Section(section.mid, section.use) for section in message.sections)
        return wire.DoneOffer(sdp=await room.offer(participant, session.tab, Offer(message.sdp, sections)))

    @requires(Action.ANNOUNCE_MEDIA)
    async def media(self, session: Session, message: wire.MediaMessage) -> wire.ToClient:
        """What is published now."""
        room, participant = _joined(session)
        said = {Source.MIC: message.mic, Source.CAMERA: message.camera, Source.SCREEN: message.screen}
        await room.publish(participant, {source: on for source, on in said.items() if on is not None})
        return wire.Done()

    @requires(Action.VIEW)
    async def view(self, session: Session, message: wire.View) -> wire.ToClient:
        """What the page shows now."""
        room, participant = _joined(session)
        tiles = [WantedTile(ParticipantId(t.participant), t.source, t.width, t.height) for t in message.tiles]
        room.view(participant, tiles)
        return wire.Done()

    @requires(Action.RAISE_HAND)
    async def hand(self, session: Session, message: wire.Hand) -> wire.ToClient:
        """Raises or lowers the hand."""
        room, participant = _joined(session)
        await room.raise_hand(participant, message.raised)
        return wire.Done()

    @requires(Action.MODERATE)
    async def moderate(self, session: Session, message: wire.Moderate) -> wire.ToClient:
        """A tutor's act; the room checks the row of the act itself."""
        room, participant = _joined(session)
        target = ParticipantId(message.participant) if message.participant is not None else None
        await room.moderate(participant, message.action, target)
        return wire.Done()

    @requires(Action.SYNC)
    async def sync(self, session: Session, _message: wire.Sync) -> wire.ToClient:
        """The whole state again."""
        room, participant = _joined(session)
        return wire.DoneState(state=state_body(room.state(participant)))

    @requires(Action.LEAVE)
    async def leave(self, session: Session, _message: wire.Leave) -> wire.ToClient:
        """Goes for good; answered after the commit."""
        room, participant = _joined(session)
        await room.leave(participant, session)
        return wire.Done()


@dataclass(frozen=True, slots=True)
class EventRow:
    """How one event is taken in: its model, its handler, and a bound of its own beside that of all events."""

    model: type[wire.FromClient]
    handler: Handler
    limit: LimitName | None = None


EVENTS: dict[str, EventRow] = {
    "join": EventRow(wire.Join, Events.join, LimitName.JOINS),
    "offer": EventRow(wire.OfferMessage, Events.offer, LimitName.OFFER),
    "media": EventRow(wire.MediaMessage, Events.media),
    "view": EventRow(wire.View, Events.view),
    "hand": EventRow(wire.Hand, Events.hand, LimitName.HAND),
    "moderate": EventRow(wire.Moderate, Events.moderate, LimitName.MODERATE),
    "sync": EventRow(wire.Sync, Events.sync),
    "leave": EventRow(wire.Leave, Events.leave),
}


def _joined(session: Session) -> tuple[LiveRoom, ParticipantId]:
    participant = session.participant
    if session.room is None or participant is None:
        raise RoomRefusal(RoomFault.NOT_JOINED, "Join first.")
    return session.room, participant
