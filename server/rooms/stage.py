"""The media side of one room: whose peer is which, who sees whom on which slot, who speaks, how links feel."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from media import (
    GroupId,
    LayersWanted,
    MediaEvent,
    Offer,
    OfferRefused,
    PeerConnected,
    PeerGone,
    PeerId,
    PeerStats,
    PlaneClosed,
    PublishedTrack,
    SlotAssignment,
    SlotFilled,
    SlotId,
    SlotLayer,
    Speaking,
    Tile,
    TrackId,
    UnknownPeer,
    Use,
)
from server.rooms.model import Publishing, Quality, RoomFault, RoomRefusal, Source
from server.rooms.ports import (
    EncodingsWanted,
    Plane,
    RenewMedia,
    RestartIce,
    RoomEvent,
    SlotsChanged,
    SlotState,
    SlotView,
    SpeakingNow,
)
from server.rooms.quality import LinkRating, LinkSample
from server.storage import ParticipantId

_SOURCES = {Use.MIC: Source.MIC, Use.CAMERA: Source.CAMERA, Use.SCREEN: Source.SCREEN}
_FINGERPRINT = "\na=fingerprint:"

RESTART_ICE_AFTER_MS = 8_000
"""Age of the last consent at which a client with living signalling is asked for an ICE restart."""

_ASK_AGAIN_AFTER_MS = 10_000


@dataclass(frozen=True, slots=True)
class WantedTile:
    """A tile of someone's page, in device pixels."""

    participant: ParticipantId
    source: Source
    width: int
    height: int


@dataclass(slots=True)
class _Seat:
    """A receive slot and who is on it."""

    mid: str
    audio: bool
    track: TrackId | None = None
    state: SlotState = SlotState.WAITING


@dataclass(slots=True)
class _Link:
    """One participant's media connection."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    peer: PeerId | None = None
    connected: bool = False
    identity: tuple[str, frozenset[str]] | None = None
    tracks: dict[Source, PublishedTrack] = field(default_factory=dict)
    seats: dict[SlotId, _Seat] = field(default_factory=dict)
    tiles: tuple[WantedTile, ...] = ()
    wanted_layers: dict[Source, int] = field(default_factory=dict)
    rating: LinkRating = field(default_factory=LinkRating)
    asked_restart_at: int = 0


class PeerIndex:
    """Which room a peer and a track belong to; shared by all rooms of the plane."""

    def __init__(self) -> None:
        self.peers: dict[PeerId, Stage] = {}
        self.tracks: dict[TrackId, Stage] = {}


class Stage:
    """Belongs to one LiveRoom, which tells it who is there and what is on, and delivers what it has to say."""

    def __init__(
        self,
        plane: Plane,
        group: GroupId,
        index: PeerIndex,
        *,
        tell: Callable[[ParticipantId, RoomEvent], None],
        tell_all: Callable[[RoomEvent], None],
        publishing: Callable[[ParticipantId], Publishing | None],
    ) -> None:
        self._plane = plane
        self._group = group
        self._index = index
        self._tell = tell
        self._tell_all = tell_all
        self._publishing = publishing
        self._links: dict[ParticipantId, _Link] = {}
        self._by_peer: dict[PeerId, ParticipantId] = {}
        self._by_track: dict[TrackId, tuple[ParticipantId, Source]] = {}
        self._speaking: list[ParticipantId] = []

    async def offer(self, participant: ParticipantId, tab: str, offer: Offer) -> str:
        """
        Answers a participant's offer. Another tab or another certificate is another connection: it replaces the
        peer; otherwise it is an ICE restart of the same one. Raises RoomRefusal(OFFER_REFUSED or NOT_JOINED).
        """
        link = self._links.setdefault(participant, _Link())
        async with link.lock:
            identity = (tab, _certificates(offer.sdp))
            old = link.peer
            if old is not None and link.identity == identity:
                return await self._answer(participant, link, old, offer)
            try:
                fresh = await self._plane.open_peer(self._group)
            except PlaneClosed as error:
                raise RoomRefusal(RoomFault.OFFER_REFUSED, "The media server takes no more connections.") from error
            try:
                sdp = await self._answer(participant, link, fresh, offer)
            except BaseException:
                await self._plane.close_peer(fresh)
                raise
            link.identity = identity
            if old is not None:
                self._by_peer.pop(old, None)
                self._index.peers.pop(old, None)
                await self._plane.close_peer(old)
            return sdp

    async def _answer(self, participant: ParticipantId, link: _Link, peer: PeerId, offer: Offer) -> str:
        try:
            answer = await self._plane.answer(peer, offer)
        except OfferRefused as error:
            raise RoomRefusal(RoomFault.OFFER_REFUSED, error.detail, error.reason) from error
        except UnknownPeer as error:
            raise RoomRefusal(RoomFault.OFFER_REFUSED, "This media connection has ended; make a new one.") from error
        if self._publishing(participant) is None:
            await self._plane.close_peer(peer)
            raise RoomRefusal(RoomFault.NOT_JOINED, "Join first.")
        self._forget_tracks(link)
        same = link.peer == peer
        kept = link.seats if same else {}
        link.connected = link.connected and same
        link.peer = peer
        self._by_peer[peer] = participant
        self._index.peers[peer] = self
        for track in answer.tracks:
            source = _SOURCES[track.use]
            link.tracks[source] = track
            self._by_track[track.track] = (participant, source)
            self._index.tracks[track.track] = self
        link.seats = {
            slot.slot: kept.get(slot.slot) or _Seat(slot.mid, slot.use in (Use.AUDIO, Use.INTERPRETATION))
            for slot in answer.slots
        }
        for source in link.tracks:
            self.enable(participant, source)
        self._apply_view(participant)
        return answer.sdp

    def view(self, participant: ParticipantId, tiles: Sequence[WantedTile]) -> None:
        """What a participant's page shows now, most important first; remembered for tracks that come later."""
        link = self._links.setdefault(participant, _Link())
        link.tiles = tuple(tiles)
        self._apply_view(participant)

    def enable(self, participant: ParticipantId, source: Source) -> None:
        """Passes a source's packets on or drops them, as the room says it is on or off; shows it to its viewers."""
        publishing = self._publishing(participant)
        link = self._links.get(participant)
        if link is None or publishing is None:
            return
        on = publishing.has(source)
        track = link.tracks.get(source)
        if track is not None and link.peer is not None:
            try:
                self._plane.set_track_enabled(link.peer, track.track, on)
            except UnknownPeer:
                return
        if source is Source.MIC and not on:
            self._set_speaking(participant, False)
        for viewer, other in self._links.items():
            if any(t.participant == participant and t.source is source for t in other.tiles):
                self._apply_view(viewer)

    async def close(self, participant: ParticipantId) -> None:
        """Ends a participant's media."""
        link = self._links.pop(participant, None)
        self._set_speaking(participant, False)
        if link is None:
            return
        self._forget_tracks(link)
        if link.peer is not None:
            self._by_peer.pop(link.peer, None)
            self._index.peers.pop(link.peer, None)
            await self._plane.close_peer(link.peer)

    async def release(self, participant: ParticipantId, tab: str) -> None:
        """Ends a participant's media if another tab than `tab` carries it."""
        link = self._links.get(participant)
        if link is not None and link.identity is not None and link.identity[0] != tab:
            await self.close(participant)

    def snapshot(self, participant: ParticipantId) -> list[RoomEvent]:
        """What a page that lost events must be told again."""
        events: list[RoomEvent] = []
        link = self._links.get(participant)
        if link is not None and link.seats:
            events.append(SlotsChanged(tuple(self._slot_view(seat) for seat in link.seats.values())))
        if link is not None:
            events += [self._encodings(link, source, mask) for source, mask in link.wanted_layers.items()]
        if self._speaking:
            events.append(SpeakingNow(tuple(self._speaking)))
        return events

    def owner(self, peer: PeerId) -> ParticipantId | None:
        """Whose media connection a peer is now."""
        return self._by_peer.get(peer)

    def handle(self, event: MediaEvent) -> None:
        """A media event about a peer or track of this room."""
        match event:
            case Speaking(track, active):
                owner = self._by_track.get(track)
                if owner is not None:
                    self._set_speaking(owner[0], active)
            case LayersWanted(track, mask):
                self._note_wanted(track, mask)
            case SlotFilled(peer, slot, occupant):
                self._fill(peer, [SlotAssignment(slot, occupant)])
            case SlotLayer(peer, slot, layer):
                self._note_layer(peer, slot, layer)
            case PeerConnected(peer):
                self._note_connected(peer)
            case PeerGone(peer):
                self._note_gone(peer)
            case _:
                pass

    def rate(self, stats: PeerStats, now: int) -> tuple[ParticipantId, Quality] | None:
        """A second of a peer's link: the participant and the rating after it."""
        participant = self._by_peer.get(stats.peer)
        link = self._links.get(participant) if participant is not None else None
        if participant is None or link is None:
            return None
        overdue = stats.consent_age_ms > RESTART_ICE_AFTER_MS
        if overdue and now - link.asked_restart_at > _ASK_AGAIN_AFTER_MS:
            link.asked_restart_at = now
            self._tell(participant, RestartIce())
        loss = max(stats.loss_down, stats.loss_up)
        return participant, link.rating.add(LinkSample(loss, stats.rtt_ms, stats.consent_age_ms))

    def _set_speaking(self, participant: ParticipantId, active: bool) -> None:
        if active == (participant in self._speaking):
            return
        if active:
            self._speaking.insert(0, participant)
        else:
            self._speaking.remove(participant)
        self._tell_all(SpeakingNow(tuple(self._speaking)))

    def _note_wanted(self, track: TrackId, mask: int) -> None:
        owner = self._by_track.get(track)
        if owner is None:
            return
        participant, source = owner
        link = self._links[participant]
        link.wanted_layers[source] = mask
        if source is not Source.MIC:
            self._tell(participant, self._encodings(link, source, mask))

    def _encodings(self, link: _Link, source: Source, mask: int) -> EncodingsWanted:
        track = link.tracks.get(source)
        layers = track.layers if track is not None else 1
        return EncodingsWanted(source, tuple(bool(mask >> layer & 1) for layer in range(layers)))

    def _note_layer(self, peer: PeerId, slot: SlotId, layer: int | None) -> None:
        participant = self._by_peer.get(peer)
        seat = self._links[participant].seats.get(slot) if participant in self._links else None
        if participant is None or seat is None or seat.track is None:
            return
        state = SlotState.PAUSED if layer is None else SlotState.LIVE
        if seat.state is not state:
            seat.state = state
            self._tell(participant, SlotsChanged((self._slot_view(seat),)))

    def _note_connected(self, peer: PeerId) -> None:
        participant = self._by_peer.get(peer)
        link = self._links.get(participant) if participant is not None else None
        if participant is None or link is None or link.peer != peer:
            return
        link.connected = True
        self._apply_view(participant)

    def _note_gone(self, peer: PeerId) -> None:
        participant = self._by_peer.pop(peer, None)
        self._index.peers.pop(peer, None)
        link = self._links.get(participant) if participant is not None else None
        if participant is None or link is None or link.peer != peer:
            return
        self._forget_tracks(link)
        link.peer = None
        link.connected = False
        link.identity = None
        link.seats = {}
        self._set_speaking(participant, False)
        self._tell(participant, RenewMedia())

    def _forget_tracks(self, link: _Link) -> None:
        for track in link.tracks.values():
            self._by_track.pop(track.track, None)
            self._index.tracks.pop(track.track, None)
        link.tracks = {}
        link.wanted_layers = {}

    def _apply_view(self, viewer: ParticipantId) -> None:
        link = self._links.get(viewer)
        # Before the keys are there nothing can be sent: a key frame asked for now would come to nobody.
        if link is None or link.peer is None or not link.connected:
            return
        tiles: list[Tile] = []
        for wanted in link.tiles:
            owner = self._links.get(wanted.participant)
            publishing = self._publishing(wanted.participant)
            track = owner.tracks.get(wanted.source) if owner is not None else None
            if track is not None and publishing is not None and publishing.has(wanted.source):
                tiles.append(Tile(track.track, wanted.width, wanted.height))
        try:
            assignments = self._plane.set_view(link.peer, tiles)
        except UnknownPeer:
            return
        self._fill(link.peer, assignments)

    def _fill(self, peer: PeerId, assignments: Sequence[SlotAssignment]) -> None:
        participant = self._by_peer.get(peer)
        link = self._links.get(participant) if participant is not None else None
        if participant is None or link is None:
            return
        changed: list[SlotView] = []
        for assignment in assignments:
            seat = link.seats.get(assignment.slot)
            if seat is None or seat.track == assignment.track:
                continue
            seat.track = assignment.track
            seat.state = SlotState.LIVE if seat.audio and assignment.track is not None else SlotState.WAITING
            changed.append(self._slot_view(seat))
        if changed:
            self._tell(participant, SlotsChanged(tuple(changed)))

    def _slot_view(self, seat: _Seat) -> SlotView:
        owner = self._by_track.get(seat.track) if seat.track is not None else None
        if owner is None:
            return SlotView(seat.mid, None, None, SlotState.WAITING)
        return SlotView(seat.mid, owner[0], owner[1], seat.state)


def _certificates(sdp: str) -> frozenset[str]:
    """The fingerprints as they stand in an offer, which the media plane has yet to check."""
    return frozenset(rest.partition("\n")[0].strip() for rest in sdp.split(_FINGERPRINT)[1:])
