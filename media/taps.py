"""How a recorder reads packets from the plane, and the pump that carries them to it."""

from dataclasses import dataclass
from typing import Protocol

from media.events import TrackId
from media.negotiation import Kind


@dataclass(frozen=True, slots=True)
class TappedTrack:
    """What a recorder must know of a track to write it to a file."""

    track: TrackId
    kind: Kind
    screen: bool
    codecs: tuple[tuple[int, str], ...]
    """Payload type and codec name (opus vp8 vp9 h264 av1), as the publisher sends them."""
    extensions: tuple[tuple[int, str], ...]
    """Header extension id and URI, as the publisher sends them."""


@dataclass(frozen=True, slots=True)
class TappedPacket:
    track: TrackId
    layer: int
    arrival_us: int
    """Wall clock in microseconds when it reached the port."""
    rtp: bytes
    """The decrypted RTP packet with the publisher's own header."""


class PacketTap(Protocol):
    """
    A recorder. Called on the event loop's thread; every method must return within a few
    milliseconds and never raise: a tap that raises is removed and logged.
    """

    def track_started(self, track: TappedTrack) -> None:
        """Before the first packet of a track; for tracks that exist already, within add_tap."""

    def track_ended(self, track: TrackId) -> None: ...

    def packets(self, batch: list[TappedPacket]) -> None:
        """A batch in order of arrival. Gaps are possible: the queue is bounded and drops when the tap is late."""
