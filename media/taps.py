"""How a recorder reads packets from the plane, and the pump that carries them to it."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from media.events import GroupId, TrackId
from media.forwarder import PacketPath
from media.negotiation import Kind
from media.specs import CodecSpec, ExtensionIds, ReceiveSpec

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TappedTrack:
    """What a recorder must know of a track to write it to a file."""

    track: TrackId
    kind: Kind
    screen: bool
    layers: int
    codecs: tuple[CodecSpec, ...]
    """Payload types as the publisher sends them; retransmissions are unwrapped before the tap."""
    extensions: ExtensionIds
    """Header extension ids as the publisher sends them."""


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
        """Before the first packet of a track, and again when its codecs change; within add_tap for those that exist."""

    def track_ended(self, track: TrackId) -> None: ...

    def packets(self, batch: list[TappedPacket]) -> None:
        """A batch in order of arrival. Gaps are possible: the queue is bounded and drops when the tap is late."""


def tapped_track(spec: ReceiveSpec) -> TappedTrack:
    layers = max(len(spec.rids), len(spec.ssrcs), 1)
    return TappedTrack(spec.track, Kind(spec.kind), spec.screen, layers, spec.codecs, spec.extensions)


class TapPump:
    """Owns the taps of a plane. Its `run` belongs to one task of the plane's group."""

    def __init__(self, path: PacketPath, *, interval_s: float, limit: int, on_removed: Callable[[], None]) -> None:
        """`limit` packets are carried at once; the queue behind them is bounded by the packet path."""
        self._path = path
        self._interval_s = interval_s
        self._limit = limit
        self._on_removed = on_removed
        self._taps: dict[int, tuple[GroupId, PacketTap]] = {}
        self._next = 1
        self._wanted = asyncio.Event()

    def add(self, group: GroupId, tap: PacketTap, tracks: Iterable[ReceiveSpec]) -> None:
        number = self._next
        self._next += 1
        self._taps[number] = (group, tap)
        with self._guarded(number):
            for spec in tracks:
                tap.track_started(tapped_track(spec))
        if number in self._taps:
            self._path.add_tap(number, group)
            self._wanted.set()

    def remove(self, tap: PacketTap) -> None:
        for number in [number for number, (_, known) in self._taps.items() if known is tap]:
            self._remove(number)

    def track_started(self, group: GroupId, spec: ReceiveSpec) -> None:
        for number, tap in self._of(group):
            with self._guarded(number):
                tap.track_started(tapped_track(spec))

    def track_ended(self, group: GroupId, track: TrackId) -> None:
        for number, tap in self._of(group):
            with self._guarded(number):
                tap.track_ended(track)

    async def run(self) -> None:
        """The native queue has no wake-up of its own: it is read at an interval while there is a tap."""
        while True:
            await self._wanted.wait()
            while self._taps:
                if self.carry() < self._limit:
                    await asyncio.sleep(self._interval_s)
                else:
                    await asyncio.sleep(0)
            self._wanted.clear()

    def carry(self) -> int:
        """Gives what waits to the taps; returns the number of packets."""
        packets = self._path.tap_packets(self._limit)
        batches: dict[int, list[TappedPacket]] = {}
        for number, track, layer, arrival_us, rtp in packets:
            batches.setdefault(number, []).append(TappedPacket(TrackId(track), layer, arrival_us, rtp))
        for number, batch in batches.items():
            if number in self._taps:
                with self._guarded(number):
                    self._taps[number][1].packets(batch)
        return len(packets)

    def _of(self, group: GroupId) -> list[tuple[int, PacketTap]]:
        return [(number, tap) for number, (known, tap) in self._taps.items() if known == group]

    def _remove(self, number: int) -> None:
        if self._taps.pop(number, None) is not None:
            self._path.remove_tap(number)

    @contextmanager
    def _guarded(self, number: int) -> Iterator[None]:
        """A recorder is another's code at the edge of ours: its fault ends only itself."""
        try:
            yield
        except Exception:
            _log.exception("tap %d raised and is removed", number)
            self._remove(number)
            self._on_removed()
