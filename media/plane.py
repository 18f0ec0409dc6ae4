"""The media plane as the control side sees it: peers in numbered groups, offers, views, events."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from media.addresses import announced_addresses
from media.config import MediaConfig
from media.dtls import Certificate, DtlsFailure
from media.errors import OfferRefused, PlaneClosed, UnknownPeer
from media.event_queue import EventQueue
from media.events import (
    GroupId,
    MediaEvent,
    PathChanged,
    PeerConnected,
    PeerGone,
    PeerGoneReason,
    PeerId,
    SlotFilled,
    TrackId,
)
from media.forwarder import DtlsReceived, Forwarder, ForwarderEvent, PacketPath, PathSelected
from media.negotiation import Answer, Offer
from media.routing import SlotAssignment, Tile
from media.sdp import host_candidates
from media.session import Session, SessionEvents
from media.stats import SetupCounters
from media.taps import PacketTap, TapPump
from media.views import Views

__all__ = ["MediaPlane"]

_log = logging.getLogger(__name__)


class MediaPlane:
    """
    Owns the media port, its packet threads and every peer's transport. An async context manager:
    leaving it closes all peers and frees the port. All methods belong to the event loop's thread.
    """

    def __init__(self, config: MediaConfig, *, open_path: Callable[[MediaConfig], PacketPath] = Forwarder) -> None:
        """`open_path` makes the packet path; only tests give another than the native one."""
        self._config = config
        self._open_path = open_path
        self._counters = SetupCounters()
        self._sessions: dict[PeerId, Session] = {}
        self._tasks: dict[PeerId, asyncio.Task[None]] = {}
        self._transports: dict[PeerId, str] = {}
        self._peer_numbers = itertools.count(1)
        self._track_numbers = itertools.count(1)
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        """Binds the port and starts the threads. Raises PortUnavailable."""
        async with AsyncExitStack() as stack:
            path = self._open_path(self._config)
            stack.callback(path.close)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            self._running = running = _Running(self._config, path, group, self._counters)
            loop = asyncio.get_running_loop()
            loop.add_reader(path.event_fd(), self._read_events)
            stack.callback(loop.remove_reader, path.event_fd())
            pump = group.create_task(running.taps.run(), name="taps")
            stack.callback(pump.cancel)
            stack.push_async_callback(self._close_all)
            running.stack = stack.pop_all()
        _log.info("media plane on port %d", path.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = self._live()
        await running.stack.aclose()
        running.events.close()
        self._running = None

    @property
    def port(self) -> int:
        """The bound media port."""
        return self._live().path.port

    async def open_peer(self, group: GroupId) -> PeerId:
        """A new connection in a group. Peer ids are never reused. Raises PlaneClosed when full or not running."""
        running = self._live()
        if len(self._sessions) >= self._config.max_peers:
            raise PlaneClosed(f"{self._config.max_peers} peers are open")
        peer = PeerId(next(self._peer_numbers))
        session = Session(
            peer,
            group,
            path=running.path,
            config=self._config,
            certificate=running.certificate(),
            candidates=running.candidates,
            new_track=lambda: TrackId(next(self._track_numbers)),
            events=SessionEvents(connected=self._connected, failed=self._dtls_failed),
        )
        self._sessions[peer] = session
        self._tasks[peer] = running.group.create_task(self._guard(session), name=f"peer {peer}")
        running.views.set_slots(peer, group, ())
        self._counters.add("peers_opened")
        return peer

    async def answer(self, peer: PeerId, offer: Offer) -> Answer:
        """
        Answers an SDP offer. The first offer sets the transport up; a later one restarts ICE when its
        ufrag is new, and may change sections: the same mid keeps its TrackId or SlotId.
        Raises OfferRefused (the peer stays as it was) or UnknownPeer.
        """
        session, running = self._session(peer), self._live()
        before = {spec.track: spec for spec in session.receive}
        try:
            answer, restarted = session.answer(offer)
        except OfferRefused as refused:
            self._counters.add("offers_refused")
            _log.info("peer %s: offer refused, %s", peer, refused)
            raise
        self._counters.add("offers_answered")
        if restarted:
            self._counters.add("ice_restarts")
        after = {spec.track: spec for spec in session.receive}
        for track in before.keys() - after.keys():
            running.taps.track_ended(session.group, track)
        for track, spec in after.items():
            if before.get(track) != spec:
                running.taps.track_started(session.group, spec)
        running.views.publish(peer, session.group, answer.tracks)
        running.views.set_slots(peer, session.group, answer.slots)
        self._told(running.views.refresh(session.group))
        return answer

    def set_view(self, peer: PeerId, tiles: Sequence[Tile]) -> list[SlotAssignment]:
        """
        What a subscriber wants to see, most important first; replaces its earlier view. Screens go to
        `screen_view` slots, cameras to `video` slots, a microphone in a tile to the `interpretation`
        slot; `audio` slots fill themselves with the loudest. Tracks that stay keep their slot; tiles beyond
        the slots, tracks of other groups, of the peer itself and unknown ones are left out.
        Returns only the slots that changed. When a track ends later, its slot goes to the next tile of the
        same view, and that is told by SlotFilled events. Raises UnknownPeer.
        """
        self._session(peer)
        return self._live().views.set_tiles(peer, tiles)

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None:
        """Drops, or passes again, what the peer publishes on this track (ignored if unknown). Raises UnknownPeer."""
        session = self._session(peer)
        if any(published.track == track for published in session.tracks):
            self._live().path.set_track_enabled(peer, track, enabled)

    async def close_peer(self, peer: PeerId) -> None:
        """Ends the connection; no PeerGone follows. Unknown peers are ignored, so that it may be called twice."""
        task = self._close(peer)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait([task])

    def events(self) -> AsyncIterator[MediaEvent]:
        """
        Every event in order, for the one task that reads them; ends when the plane is left. Bounded by
        `event_capacity`: when the reader is that far behind, statistics and levels are dropped first.
        """
        return aiter(self._live().events)

    def counters(self) -> dict[str, int]:
        """Absolute counters: the packet path's, as of its last snapshot, and our own set-up counters."""
        return {**self._live().path.counters(), **self._counters.snapshot(), "setup_peers_open": len(self._sessions)}

    def add_tap(self, group: GroupId, tap: PacketTap) -> None:
        """Gives a recorder every packet of a group, and asks its publishers for key frames."""
        running = self._live()
        published = [(session.peer, spec) for session in self._of(group) for spec in session.receive]
        running.taps.add(group, tap, [spec for _, spec in published])
        for peer, spec in published:
            if spec.kind == "video":
                running.path.request_key_frame(peer, spec.track)

    def remove_tap(self, tap: PacketTap) -> None:
        """Ends what `add_tap` began; unknown taps are ignored."""
        self._live().taps.remove(tap)

    def _live(self) -> "_Running":
        if self._running is None:
            raise PlaneClosed("the plane is not running")
        return self._running

    def _session(self, peer: PeerId) -> Session:
        session = self._sessions.get(peer)
        if session is None:
            raise UnknownPeer(f"peer {peer}")
        return session

    def _of(self, group: GroupId) -> Iterable[Session]:
        return [session for session in self._sessions.values() if session.group == group]

    async def _guard(self, session: Session) -> None:
        """Nothing that a peer does may end another's task (aiortc raises what it likes on hostile input)."""
        try:
            await session.run()
        except Exception:
            _log.exception("peer %s: its task failed", session.peer)
            self._dtls_failed(session.peer, DtlsFailure.INTERNAL)

    def _read_events(self) -> None:
        for event in self._live().path.events(_EVENT_BATCH):
            self._dispatch(event)

    def _dispatch(self, event: ForwarderEvent) -> None:
        match event:
            case DtlsReceived(peer, data):
                session = self._sessions.get(peer)
                if session is not None and not session.feed_dtls(data):
                    self._counters.add("dtls_datagram_dropped")
            case PathSelected(peer, transport):
                if peer in self._sessions:
                    self._transports[peer] = transport
                    self._live().events.put(PathChanged(peer, transport))
            case PeerGone(peer, reason):
                self._gone(peer, reason)
            case SlotFilled(peer) if peer not in self._sessions:
                pass
            case _:
                self._live().events.put(event)

    def _connected(self, peer: PeerId) -> None:
        self._counters.add("dtls_connected")
        self._live().events.put(PeerConnected(peer, self._transports.get(peer, "udp")))

    def _dtls_failed(self, peer: PeerId, reason: DtlsFailure) -> None:
        if reason is DtlsFailure.CLOSED_BY_PEER:
            self._gone(peer, PeerGoneReason.CLOSED_BY_PEER)
            return
        self._counters.add("dtls_failed")
        _log.warning("peer %s: DTLS failed, %s", peer, reason)
        self._gone(peer, PeerGoneReason.DTLS_FAILED)

    def _gone(self, peer: PeerId, reason: PeerGoneReason) -> None:
        """A peer that ended by itself; one that the control side closed is not there any more."""
        if peer not in self._sessions:
            return
        task = self._close(peer)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        self._live().events.put(PeerGone(peer, reason))

    def _close(self, peer: PeerId) -> asyncio.Task[None] | None:
        session = self._sessions.pop(peer, None)
        if session is None:
            return None
        running = self._live()
        session.close()
        for spec in session.receive:
            running.taps.track_ended(session.group, spec.track)
        running.views.forget(peer)
        self._told(running.views.refresh(session.group))
        self._transports.pop(peer, None)
        self._counters.add("peers_closed")
        return self._tasks.pop(peer)

    async def _close_all(self) -> None:
        for peer in list(self._sessions):
            await self.close_peer(peer)

    def _told(self, changes: Iterable[tuple[PeerId, SlotAssignment]]) -> None:
        for peer, change in changes:
            self._live().events.put(SlotFilled(peer, change.slot, change.track))


_EVENT_BATCH = 512  # about 1 ms of the loop's time


class _Running:
    """What exists between entering and leaving the plane."""

    def __init__(
        self, config: MediaConfig, path: PacketPath, group: asyncio.TaskGroup, counters: SetupCounters
    ) -> None:
        self.path = path
        self.group = group
        self.stack = AsyncExitStack()
        self.views = Views(path.route)
        self.events = EventQueue(config.event_capacity, lambda: counters.add("events_dropped"))
        self.taps = TapPump(
            path,
            interval_s=config.tap_interval_s,
            limit=config.tap_batch,
            on_removed=lambda: counters.add("tap_removed"),
        )
        announced = config.announced or announced_addresses(config.host)
        self.candidates = host_candidates(announced, path.port, config.tcp)
        self._certificate = Certificate()
        self._certificate_age = timedelta(days=config.certificate_days)

    def certificate(self) -> Certificate:
        """The certificate for a new peer; those that are open keep theirs."""
        if self._certificate.older_than(self._certificate_age):
            self._certificate = Certificate()
        return self._certificate
