"""Typed face of the native packet path, and the only importer of `media._native`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from media.config import MediaConfig
from media.errors import PortUnavailable
from media.events import (
    GroupId,
    LayerActive,
    LayersWanted,
    PeerGone,
    PeerGoneReason,
    PeerId,
    SlotFilled,
    SlotId,
    SlotLayer,
    Speaking,
    TrackId,
    WorkerStats,
)
from media.specs import ReceiveSpec, SlotSpec
from media.stats import worker_stats

if TYPE_CHECKING:
    from media import _native


@dataclass(frozen=True, slots=True)
class PathSelected:
    """An authenticated check selected a path. The address is for logs at debug level only."""

    peer: PeerId
    transport: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class DtlsReceived:
    """A DTLS datagram from a path that passed an authenticated check of this peer."""

    peer: PeerId
    data: bytes


ForwarderEvent = (
    PathSelected
    | DtlsReceived
    | PeerGone
    | Speaking
    | LayerActive
    | LayersWanted
    | SlotFilled
    | SlotLayer
    | WorkerStats
)


@dataclass(frozen=True, slots=True)
class Keys:
    """SRTP keys of one association, `key || salt` each, seen from our side. Never printed."""

    profile: str
    tx: bytes
    rx: bytes

    def __repr__(self) -> str:
        return f"Keys({self.profile}, ***)"


class PacketPath(Protocol):
    """What the plane asks of a packet path; the native one, or a test's."""

    @property
    def port(self) -> int: ...
    def event_fd(self) -> int: ...
    def events(self, limit: int) -> list[ForwarderEvent]: ...
    def register(self, peer: PeerId, ufrag: str, pwd: str, remote_ufrag: str) -> None: ...
    def add_peer(self, peer: PeerId, group: GroupId) -> None: ...
    def remove_peer(self, peer: PeerId) -> None: ...
    def send_dtls(self, peer: PeerId, data: bytes) -> None: ...
    def set_keys(self, peer: PeerId, keys: Keys) -> None: ...
    def configure(self, peer: PeerId, receive: Sequence[ReceiveSpec], slots: Sequence[SlotSpec]) -> None: ...
    def route(self, peer: PeerId, slot: SlotId, track: TrackId | None, max_layer: int) -> None: ...
    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None: ...
    def request_key_frame(self, peer: PeerId, track: TrackId) -> None: ...
    def add_tap(self, tap: int, group: GroupId) -> None: ...
    def remove_tap(self, tap: int) -> None: ...
    def tap_packets(self, limit: int) -> list[tuple[int, int, int, int, bytes]]: ...
    def counters(self) -> dict[str, int]: ...
    def close(self) -> None: ...


class Forwarder:
    """The native packet path. Every call returns at once; see media/_native.pyi for what each does."""

    def __init__(self, config: MediaConfig) -> None:
        """Binds the port and starts the threads. Raises PortUnavailable, or ValueError on a bad config."""
        # Imported late, so that the rooms above can be tested where no Rust tool chain is.
        from media import _native

        workers = config.workers or len(os.sched_getaffinity(0))
        try:
            self._native: _native.Forwarder = _native.Forwarder(
                host=config.host,
                port=config.port,
                workers=workers,
                tcp=config.tcp,
                event_capacity=config.event_capacity,
                tap_capacity=config.tap_capacity,
                config=dict(config.core),
            )
        except OSError as error:
            raise PortUnavailable(f"{config.host}:{config.port}: {error.strerror or error}") from error

    @property
    def port(self) -> int:
        return self._native.port

    def event_fd(self) -> int:
        return self._native.event_fd()

    def events(self, limit: int) -> list[ForwarderEvent]:
        """At most `limit` events. A name that is not known is a build that does not fit: KeyError."""
        return [_EVENTS[event[0]](event) for event in self._native.events(limit)]

    def register(self, peer: PeerId, ufrag: str, pwd: str, remote_ufrag: str) -> None:
        self._native.register(peer, ufrag, pwd, remote_ufrag)

    def add_peer(self, peer: PeerId, group: GroupId) -> None:
        self._native.add_peer(peer, group)

    def remove_peer(self, peer: PeerId) -> None:
        self._native.remove_peer(peer)

    def send_dtls(self, peer: PeerId, data: bytes) -> None:
        self._native.send_dtls(peer, data)

    def set_keys(self, peer: PeerId, keys: Keys) -> None:
        self._native.set_keys(peer, keys.profile, keys.tx, keys.rx)

    def configure(self, peer: PeerId, receive: Sequence[ReceiveSpec], slots: Sequence[SlotSpec]) -> None:
        self._native.configure(peer, receive, slots)

    def route(self, peer: PeerId, slot: SlotId, track: TrackId | None, max_layer: int) -> None:
        self._native.route(peer, slot, track, max_layer)

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None:
        self._native.set_track_enabled(peer, track, enabled)

    def request_key_frame(self, peer: PeerId, track: TrackId) -> None:
        self._native.request_key_frame(peer, track)

    def add_tap(self, tap: int, group: GroupId) -> None:
        self._native.add_tap(tap, group)

    def remove_tap(self, tap: int) -> None:
        self._native.remove_tap(tap)

    def tap_packets(self, limit: int) -> list[tuple[int, int, int, int, bytes]]:
        return self._native.tap_packets(limit)

    def counters(self) -> dict[str, int]:
        return self._native.counters()

    def close(self) -> None:
        self._native.close()


def build_profile() -> str:
    """`release` or `debug`: how the native module was built."""
    from media import _native

    return _native.build_profile


_EVENTS: dict[str, Callable[[tuple[Any, ...]], ForwarderEvent]] = {
    "path_selected": lambda event: PathSelected(PeerId(event[1]), event[2], event[3], event[4]),
    "dtls": lambda event: DtlsReceived(PeerId(event[1]), event[2]),
    "peer_gone": lambda event: PeerGone(PeerId(event[1]), PeerGoneReason(event[2])),
    "speaking": lambda event: Speaking(TrackId(event[1]), event[2]),
    "layer_active": lambda event: LayerActive(TrackId(event[1]), event[2], event[3]),
    "layers_wanted": lambda event: LayersWanted(TrackId(event[1]), event[2]),
    "slot_filled": lambda event: SlotFilled(
        PeerId(event[1]), SlotId(event[2]), None if event[3] is None else TrackId(event[3])
    ),
    "slot_layer": lambda event: SlotLayer(PeerId(event[1]), SlotId(event[2]), event[3]),
    "stats": lambda event: worker_stats(event[1]),
}
