"""The media plane as the control side sees it: peers in numbered groups, offers, views, events."""

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self

from media.config import MediaConfig
from media.events import GroupId, MediaEvent, PeerId, TrackId
from media.negotiation import Answer, Offer
from media.routing import SlotAssignment, Tile
from media.taps import PacketTap

__all__ = ["MediaPlane"]


class MediaPlane:
    """
    Owns the media port, its packet threads and every peer's transport. An async context manager:
    leaving it closes all peers and frees the port. All methods belong to the event loop's thread.
    """

    def __init__(self, config: MediaConfig) -> None:
        self._config = config

    async def __aenter__(self) -> Self:
        """Binds the port and starts the threads. Raises PortUnavailable."""
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The bound media port."""
        raise NotImplementedError

    async def open_peer(self, group: GroupId) -> PeerId:
        """A new connection in a group. Peer ids are never reused. Raises PlaneClosed when full or not running."""
        raise NotImplementedError

    async def answer(self, peer: PeerId, offer: Offer) -> Answer:
        """
        Answers an SDP offer. The first offer sets the transport up; a later one restarts ICE when its
        ufrag is new, and may change sections: the same mid keeps its TrackId or SlotId.
        Raises OfferRefused (the peer stays as it was) or UnknownPeer.
        """
        raise NotImplementedError

    def set_view(self, peer: PeerId, tiles: Sequence[Tile]) -> list[SlotAssignment]:
        """
        What a subscriber wants to see, most important first; replaces its earlier view. Screens go to
        `screen_view` slots, cameras to `video` slots, a microphone in a tile to the `interpretation`
        slot; `audio` slots fill themselves with the loudest. Tracks that stay keep their slot; tiles beyond
        the slots, tracks of other groups, of the peer itself and unknown ones are left out.
        Returns only the slots that changed. When a track ends later, its slot goes to the next tile of the
        same view, and that is told by SlotFilled events. Raises UnknownPeer.
        """
        raise NotImplementedError

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None:
        """Drops, or passes again, what the peer publishes on this track (ignored if unknown). Raises UnknownPeer."""
        raise NotImplementedError

    async def close_peer(self, peer: PeerId) -> None:
        """Ends the connection; no PeerGone follows. Unknown peers are ignored, so that it may be called twice."""
        raise NotImplementedError

    def events(self) -> AsyncIterator[MediaEvent]:
        """
        Every event in order, for the one task that reads them; ends when the plane is left. Bounded by
        `event_capacity`: when the reader is that far behind, statistics and levels are dropped first.
        """
        raise NotImplementedError

    def counters(self) -> dict[str, int]:
        """Absolute counters: the packet path's, as of its last snapshot, and our own set-up counters."""
        raise NotImplementedError

    def add_tap(self, group: GroupId, tap: PacketTap) -> None:
        """Gives a recorder every packet of a group, and asks its publishers for key frames."""
        raise NotImplementedError

    def remove_tap(self, tap: PacketTap) -> None:
        """Ends what `add_tap` began; unknown taps are ignored."""
        raise NotImplementedError
