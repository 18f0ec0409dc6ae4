"""Every message of the wire (docs/protocol.md section 2) as a strict model: what a client may send, what it is told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from media import Use
from server.access import Role
from server.rooms import LeaveReason, Moderation, Quality, SlotState, Source

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Mid = Annotated[str, Field(min_length=1, max_length=32)]
_Pixels = Annotated[int, Field(ge=1, le=16_384)]


class FromClient(BaseModel):
    """The client's data: nothing is converted and nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ToClient(BaseModel):
    """Made by us; clients ignore fields that they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(FromClient):
    """The `auth` of the Socket.IO connect packet."""

    token: Annotated[str, Field(min_length=1, max_length=256)]
    tab: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class ClientAbout(FromClient):
    """Which program joins, for statistics and support."""

    name: Annotated[str, Field(max_length=64)]
    version: Annotated[str, Field(max_length=64)]


class JoinMedia(FromClient):
    """What is on at the moment of joining."""

    mic: bool
    camera: bool


class Join(FromClient):
    """`join`"""

    client: ClientAbout
    media: JoinMedia


class MediaSection(FromClient):
    """Use of one media section of an offer."""

    mid: _Mid
    use: Use = Field(strict=False)


class OfferMessage(FromClient):
    """`offer`"""

    sdp: Annotated[str, Field(max_length=65_536)]
    sections: Annotated[list[MediaSection], Field(max_length=64)]


class MediaMessage(FromClient):
    """`media`: what is published now; a source that is left out stays as it is."""

    mic: bool | None = None
    camera: bool | None = None
    screen: bool | None = None


class ViewTile(FromClient):
    """A visible tile, in device pixels."""

    participant: _Id
    source: Source = Field(strict=False)
    width: _Pixels
    height: _Pixels


class View(FromClient):
    """`view`: tiles, most important first."""

    tiles: Annotated[list[ViewTile], Field(max_length=64)]


class Hand(FromClient):
    """`hand`"""

    raised: bool


class Moderate(FromClient):
    """`moderate`; `mute`, `remove` and `lower_hand` name a participant."""

    action: Moderation = Field(strict=False)
    participant: _Id | None = None


class Sync(FromClient):
    """`sync`"""


class Leave(FromClient):
    """`leave`"""


CLIENT_EVENTS: dict[str, type[FromClient]] = {
    "join": Join,
    "offer": OfferMessage,
    "media": MediaMessage,
    "view": View,
    "hand": Hand,
    "moderate": Moderate,
    "sync": Sync,
    "leave": Leave,
}


class ParticipantBody(ToClient):
    """Participant"""

    id: str
    name: str
    role: Role
    mic: bool
    camera: bool
    screen: bool
    hand: int | None
    connection: Literal["connected", "reconnecting"]
    quality: Quality
    joined_at: int


class RoomBody(ToClient):
    """The room's id and name."""

    id: str
    name: str


class SessionBody(ToClient):
    """The live session; `started_at` in Unix ms."""

    id: str
    started_at: int


class YouBody(ToClient):
    """Who the receiver is and what he may do."""

    participant: str
    role: Role
    may: list[str]


class StateBody(ToClient):
    """RoomState"""

    version: int
    room: RoomBody
    session: SessionBody
    you: YouBody
    participants: list[ParticipantBody]
    now: int


class ParticipantMessage(ToClient):
    """`participant`: joined or changed."""

    version: int
    participant: ParticipantBody


class LeftMessage(ToClient):
    """`left`"""

    version: int
    participant: str
    reason: LeaveReason


class SpeakingMessage(ToClient):
    """`speaking`: all who speak now."""

    participants: list[str]


class SlotBody(ToClient):
    """Who is on one receive slot."""

    mid: str
    participant: str | None
    source: Source | None
    state: SlotState


class SlotsMessage(ToClient):
    """`slots`: those that changed."""

    slots: list[SlotBody]


class EncodingsMessage(ToClient):
    """`encodings`: which of a source's encodings someone watches, lowest first."""

    source: Source
    active: list[bool]


class QualityMessage(ToClient):
    """`quality`: ratings that changed, by participant."""

    participants: dict[str, Quality]


class MutedMessage(ToClient):
    """`muted`: stop sending."""

    source: Source
    by: str


class ByMessage(ToClient):
    """`lowered`, `removed` and `ended`."""

    by: str


class EmptyMessage(ToClient):
    """`restart_ice`, `renew_media` and `moved`."""


class DrainingMessage(ToClient):
    """`draining`"""

    reconnect_in_ms: int


SERVER_EVENTS: dict[str, type[ToClient]] = {
    "state": StateBody,
    "participant": ParticipantMessage,
    "left": LeftMessage,
    "speaking": SpeakingMessage,
    "slots": SlotsMessage,
    "encodings": EncodingsMessage,
    "quality": QualityMessage,
    "muted": MutedMessage,
    "lowered": ByMessage,
    "removed": ByMessage,
    "ended": ByMessage,
    "restart_ice": EmptyMessage,
    "renew_media": EmptyMessage,
    "moved": EmptyMessage,
    "draining": DrainingMessage,
}

ErrorCode = Literal[
    "invalid",
    "forbidden",
    "not_joined",
    "rate_limited",
    "unknown_participant",
    "offer_refused",
    "room_closed",
    "room_full",
    "internal",
]


class ErrorBody(ToClient):
    """Why an event was not carried out."""

    code: ErrorCode
    detail: str
    retry_after_s: float | None = None


class Refused(ToClient):
    """The acknowledgement of an event that was not carried out."""

    ok: Literal[False] = False
    error: ErrorBody


class Done(ToClient):
    """The acknowledgement of `media`, `view`, `hand`, `moderate` and `leave`."""

    ok: Literal[True] = True


class DoneState(ToClient):
    """The acknowledgement of `join` and `sync`."""

    ok: Literal[True] = True
    state: StateBody


class DoneOffer(ToClient):
    """The acknowledgement of `offer`."""

    ok: Literal[True] = True
    sdp: str


ACKNOWLEDGEMENTS: dict[str, type[ToClient]] = {
    "join": DoneState,
    "offer": DoneOffer,
    "media": Done,
    "view": Done,
    "hand": Done,
    "moderate": Done,
    "sync": DoneState,
    "leave": Done,
}
