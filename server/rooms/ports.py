"""What a live room tells its connections, and what it needs of them, of the media plane and of the clock."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from media import Answer, GroupId, MediaEvent, Offer, PeerId, SlotAssignment, Tile, TrackId
from server.rooms.model import Participant, Quality, Source
from server.rooms.room import HandLowered, ParticipantChanged, ParticipantLeft, SessionEnded, WasMuted, WasRemoved
from server.storage import ParticipantId, PersonId, RoomId, SessionId

Clock = Callable[[], int]
"""Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """The persistent place that a session happens in."""

    id: RoomId
    name: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """The live occurrence; `started_at` in Unix milliseconds."""

    id: SessionId
    started_at: int


@dataclass(frozen=True, slots=True)
class RoomState:
    """Everything a client needs to draw the room, as `you` may see it."""

    version: int
    room: RoomInfo
    session: SessionInfo
    you: Participant
    participants: tuple[Participant, ...]
    now: int


class SlotState(StrEnum):
    """Whether media comes on a slot."""

    LIVE = "live"
    WAITING = "waiting"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class SlotView:
    """Who is on one receive slot; all None and paused = empty."""

    mid: str
    participant: ParticipantId | None
    source: Source | None
    state: SlotState


@dataclass(frozen=True, slots=True)
class SpeakingNow:
    """All who speak now, the latest to begin first."""

    participants: tuple[ParticipantId, ...]


@dataclass(frozen=True, slots=True)
class SlotsChanged:
    """To one subscriber: the slots that changed."""

    slots: tuple[SlotView, ...]


@dataclass(frozen=True, slots=True)
class EncodingsWanted:
    """To a publisher: which encodings someone watches, lowest first."""

    source: Source
    active: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """Links whose rating changed."""

    participants: Mapping[ParticipantId, Quality]


@dataclass(frozen=True, slots=True)
class RestartIce:
    """The media path looks dead while signalling lives: please offer with an ICE restart."""


@dataclass(frozen=True, slots=True)
class RenewMedia:
    """The media connection is gone: please make a new one."""


@dataclass(frozen=True, slots=True)
class MovedToOtherTab:
    """A newer tab of the same person carries the media now."""


@dataclass(frozen=True, slots=True)
class Draining:
    """The server goes away for a moment."""

    reconnect_in_ms: int


RoomEvent = (
    RoomState
    | ParticipantChanged
    | ParticipantLeft
    | SpeakingNow
    | SlotsChanged
    | EncodingsWanted
    | QualityChanged
    | WasMuted
    | HandLowered
    | WasRemoved
    | SessionEnded
    | RestartIce
    | RenewMedia
    | MovedToOtherTab
    | Draining
)


class Connection(Protocol):
    """One signalling connection of a participant (a socket, a WHIP session). Neither method blocks or raises."""

    @property
    def tab(self) -> str:
        """The browser tab's id."""

    @property
    def last_heard(self) -> int:
        """When something last came from it, Unix milliseconds."""

    def deliver(self, event: RoomEvent) -> None:
        """Queues an event; a connection that cannot take it closes itself."""

    def close(self) -> None:
        """Ends the connection after what was delivered."""


class RoomWatch(Protocol):
    """Who must know what becomes of rooms. The methods return at once and do not raise."""

    def removed(self, room: RoomId, person: PersonId) -> None:
        """Someone was sent out; called before anything else of theirs can arrive."""

    def ended(self, room: RoomId) -> None:
        """A tutor has ended the session; it is stored."""

    def closed(self, room: RoomId) -> None:
        """Nobody is in the class any more."""


class Plane(Protocol):
    """What rooms use of `media.MediaPlane`; its documentation holds."""

    async def open_peer(self, group: GroupId) -> PeerId: ...

    async def answer(self, peer: PeerId, offer: Offer) -> Answer: ...

    def set_view(self, peer: PeerId, tiles: Sequence[Tile]) -> list[SlotAssignment]: ...

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None: ...

    async def close_peer(self, peer: PeerId) -> None: ...

    def events(self) -> AsyncIterator[MediaEvent]: ...

    def counters(self) -> dict[str, int]: ...
