"""A media plane without packets, for tests of what the control side does with it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import count

from media import (
    Answer,
    GroupId,
    MediaEvent,
    Offer,
    OfferRefused,
    PeerConnected,
    PeerId,
    PublishedTrack,
    RefusedReason,
    Slot,
    SlotAssignment,
    SlotId,
    Tile,
    TrackId,
    UnknownPeer,
    Use,
)


class StandInPlane:
    """Implements `server.rooms.Plane`; remembers what it was told, and says what the test pushes."""

    def __init__(self) -> None:
        self.groups: dict[PeerId, GroupId] = {}
        self.tracks: dict[PeerId, dict[str, PublishedTrack]] = {}
        self.slots: dict[PeerId, dict[str, Slot]] = {}
        self.views: dict[PeerId, list[Tile]] = {}
        self.enabled: dict[TrackId, bool] = {}
        self.closed: list[PeerId] = []
        self.connects = True
        self._seats: dict[SlotId, TrackId | None] = {}
        self._numbers = count(1)
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue()

    def say(self, event: MediaEvent) -> None:
        """An event of the packet path."""
        self._events.put_nowait(event)

    def track(self, peer: PeerId, use: Use) -> TrackId:
        """The track on which a peer publishes."""
        return next(track.track for track in self.tracks[peer].values() if track.use is use)

    def slot(self, peer: PeerId, use: Use) -> SlotId:
        """A peer's first slot of a use."""
        return next(slot.slot for slot in self.slots[peer].values() if slot.use is use)

    async def open_peer(self, group: GroupId) -> PeerId:
        peer = PeerId(next(self._numbers))
        self.groups[peer] = group
        self.tracks[peer], self.slots[peer], self.views[peer] = {}, {}, []
        return peer

    async def answer(self, peer: PeerId, offer: Offer) -> Answer:
        self._check(peer)
        if "refuse" in offer.sdp:
            raise OfferRefused(RefusedReason.MALFORMED, "This is not an offer.")
        if self.connects and not self.tracks[peer] and not self.slots[peer]:
            self.say(PeerConnected(peer, "udp"))
        for section in offer.sections:
            use = section.use
            if use.publishes and section.mid not in self.tracks[peer]:
                track = TrackId(next(self._numbers))
                layers = 3 if use is Use.CAMERA else 1
                self.tracks[peer][section.mid] = PublishedTrack(track, section.mid, use, use.kind, layers)
                self.enabled[track] = True
            elif not use.publishes and section.mid not in self.slots[peer]:
                self.slots[peer][section.mid] = Slot(SlotId(next(self._numbers)), section.mid, use, use.kind)
        return Answer("answer", tuple(self.tracks[peer].values()), tuple(self.slots[peer].values()))

    def set_view(self, peer: PeerId, tiles: Sequence[Tile]) -> list[SlotAssignment]:
        self._check(peer)
        self.views[peer] = list(tiles)
        wanted = [tile.track for tile in tiles]
        slots = [slot.slot for slot in self.slots[peer].values() if slot.use is Use.VIDEO]
        changed = []
        for slot, track in zip(slots, [*wanted, *[None] * len(slots)], strict=False):
            if self._seats.get(slot) != track:
                self._seats[slot] = track
                changed.append(SlotAssignment(slot, track))
        return changed

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None:
        self._check(peer)
        self.enabled[track] = enabled

    async def close_peer(self, peer: PeerId) -> None:
        if self.groups.pop(peer, None) is not None:
            self.closed.append(peer)

    async def events(self) -> AsyncIterator[MediaEvent]:
        while True:
            yield await self._events.get()

    def counters(self) -> dict[str, int]:
        return {"datagrams_out": 12, "drop_srtp_replay": 3}

    def _check(self, peer: PeerId) -> None:
        if peer not in self.groups:
            raise UnknownPeer(f"peer {peer}")
