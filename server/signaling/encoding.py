"""What a room says becomes text frames of Socket.IO 5 over Engine.IO 4."""

from server.access import may
from server.rooms import (
    Draining,
    EncodingsWanted,
    HandLowered,
    MovedToOtherTab,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    QualityChanged,
    RenewMedia,
    RestartIce,
    RoomEvent,
    RoomState,
    SessionEnded,
    SlotsChanged,
    SpeakingNow,
    WasMuted,
    WasRemoved,
)
from server.signaling import messages as wire


def event_text(event: RoomEvent) -> str:
    """The Socket.IO packet of an event, without Engine.IO's leading type."""
    name, body = event_message(event)
    return f'2["{name}",{body.model_dump_json()}]'


def acknowledgement_text(packet_id: int, body: wire.ToClient) -> str:
    """The Socket.IO packet that answers the packet with this id."""
    return f"3{packet_id}[{body.model_dump_json(exclude_none=isinstance(body, wire.Refused))}]"


def state_body(state: RoomState) -> wire.StateBody:
    """A room's state for the wire."""
    return wire.StateBody(
        version=state.version,
        room=wire.RoomBody(id=state.room.id, name=state.room.name),
        session=wire.SessionBody(id=state.session.id, started_at=state.session.started_at),
        you=wire.YouBody(participant=state.you.id, role=state.you.role, may=list(may(state.you.role))),
        participants=[_participant(p) for p in state.participants],
        now=state.now,
    )


def event_message(event: RoomEvent) -> tuple[str, wire.ToClient]:  # noqa: C901 - one flat case for each event
    """The wire's name and body of an event."""
    match event:
        case RoomState():
            return "state", state_body(event)
        case ParticipantChanged(version, participant):
            return "participant", wire.ParticipantMessage(version=version, participant=_participant(participant))
        case ParticipantLeft(version, participant, reason):
            return "left", wire.LeftMessage(version=version, participant=participant.id, reason=reason)
        case SpeakingNow(participants):
            return "speaking", wire.SpeakingMessage(participants=list(participants))
        case SlotsChanged(slots):
            bodies = [
                wire.SlotBody(mid=s.mid, participant=s.participant, source=s.source, state=s.state) for s in slots
            ]
            return "slots", wire.SlotsMessage(slots=bodies)
        case EncodingsWanted(source, active):
            return "encodings", wire.EncodingsMessage(source=source, active=list(active))
        case QualityChanged(ratings):
            return "quality", wire.QualityMessage(participants={str(key): value for key, value in ratings.items()})
        case WasMuted(_, source, by):
            return "muted", wire.MutedMessage(source=source, by=by)
        case HandLowered(_, by):
            return "lowered", wire.ByMessage(by=by)
        case WasRemoved(_, by):
            return "removed", wire.ByMessage(by=by)
        case SessionEnded(by):
            return "ended", wire.ByMessage(by=by)
        case RestartIce():
            return "restart_ice", wire.EmptyMessage()
        case RenewMedia():
            return "renew_media", wire.EmptyMessage()
        case MovedToOtherTab():
            return "moved", wire.EmptyMessage()
        case Draining(reconnect_in_ms):
            return "draining", wire.DrainingMessage(reconnect_in_ms=reconnect_in_ms)


def _participant(participant: Participant) -> wire.ParticipantBody:
    return wire.ParticipantBody(
        id=participant.id,
        name=participant.name,
        role=participant.role,
        mic=participant.publishing.mic,
        camera=participant.publishing.camera,
        screen=participant.publishing.screen,
        hand=participant.hand,
        connection=participant.connection.value,
        quality=participant.quality,
        joined_at=participant.joined_at,
    )
