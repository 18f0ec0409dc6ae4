"""What a room is made of: participants, what they may do, and what is told about them."""

from dataclasses import dataclass
from enum import StrEnum

from media import RefusedReason
from server.access import Role
from server.storage import ParticipantId, PersonId


class Source(StrEnum):
    """What a participant can publish."""

    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"


class Connection(StrEnum):
    """Whether a participant's signalling is there, or expected back."""

    CONNECTED = "connected"
    RECONNECTING = "reconnecting"


class Quality(StrEnum):
    """How a participant's link feels, for people."""

    EXCELLENT = "excellent"
    GOOD = "good"
    POOR = "poor"
    LOST = "lost"


class LeaveReason(StrEnum):
    """Why a participant is no longer there."""

    LEFT = "left"
    TIMEOUT = "timeout"
    REMOVED = "removed"
    ENDED = "ended"


class Moderation(StrEnum):
    """What a tutor can do to others."""

    MUTE = "mute"
    REMOVE = "remove"
    LOWER_HAND = "lower_hand"
    MUTE_ALL = "mute_all"
    END = "end"


@dataclass(frozen=True, slots=True)
class Person:
    """Who wants in: the identity behind a token, and the role it was given for this room."""

    id: PersonId
    name: str
    role: Role
    muted: bool = False
    """Comes in without sound, whatever the page says."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """Which sources are on."""

    mic: bool = False
    camera: bool = False
    screen: bool = False

    def has(self, source: Source) -> bool:
        """Whether `source` is on."""
        return {Source.MIC: self.mic, Source.CAMERA: self.camera, Source.SCREEN: self.screen}[source]


@dataclass(frozen=True, slots=True)
class Participant:
    """One person in one session. Times are Unix milliseconds."""

    id: ParticipantId
    person: PersonId
    name: str
    role: Role
    publishing: Publishing
    hand: int | None
    connection: Connection
    quality: Quality
    joined_at: int
    last_seen: int


class RoomFault(StrEnum):
    """Why a room refuses a command."""

    FORBIDDEN = "forbidden"
    NOT_JOINED = "not_joined"
    UNKNOWN_PARTICIPANT = "unknown_participant"
    ROOM_CLOSED = "room_closed"
    ROOM_FULL = "room_full"
    OFFER_REFUSED = "offer_refused"
    INVALID = "invalid"


class RoomRefusal(Exception):
    """
    A command that the room does not carry out; `fault` is stable, the text is for people. `offer`: the media plane's
    reason to refuse an offer.
    """

    def __init__(self, fault: RoomFault, detail: str, offer: RefusedReason | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.offer = offer
