"""What the media plane tells the control side."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

PeerId = NewType("PeerId", int)
GroupId = NewType("GroupId", int)
TrackId = NewType("TrackId", int)
SlotId = NewType("SlotId", int)


class PeerGoneReason(StrEnum):
    """Why a peer's transport ended."""

    CONSENT_EXPIRED = "consent_expired"
    DTLS_FAILED = "dtls_failed"
    CLOSED_BY_PEER = "closed_by_peer"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """DTLS is up and the SRTP keys are installed: media can flow."""

    peer: PeerId
    transport: str  # udp or tcp


@dataclass(frozen=True, slots=True)
class PathChanged:
    """Another address was nominated (first path, network change, ICE restart)."""

    peer: PeerId
    transport: str


@dataclass(frozen=True, slots=True)
class PeerGone:
    peer: PeerId
    reason: PeerGoneReason


@dataclass(frozen=True, slots=True)
class Speaking:
    track: TrackId
    active: bool


@dataclass(frozen=True, slots=True)
class LayerActive:
    track: TrackId
    layer: int
    active: bool


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """Which layers have a viewer, bit n = layer n, so that the publisher can switch the others off."""

    track: TrackId
    mask: int


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """The loudest-speaker selection put a track on a slot, or cleared it."""

    peer: PeerId
    slot: SlotId
    track: TrackId | None


@dataclass(frozen=True, slots=True)
class SlotLayer:
    """What a subscriber gets on a slot: a layer, or None while nothing can be sent (paused)."""

    peer: PeerId
    slot: SlotId
    layer: int | None


@dataclass(frozen=True, slots=True)
class PeerStats:
    peer: PeerId
    rtt_ms: float | None
    loss_down: float
    loss_up: float
    bitrate_in_bps: int
    bitrate_out_bps: int
    consent_age_ms: int
    tcp: bool


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """One worker's second: absolute counters, and what its peers' links look like."""

    worker: int
    counters: dict[str, int]
    peers: tuple[PeerStats, ...]


MediaEvent = (
    PeerConnected
    | PathChanged
    | PeerGone
    | Speaking
    | LayerActive
    | LayersWanted
    | SlotFilled
    | SlotLayer
    | WorkerStats
)
