"""A packet path without packets: records commands, and says what a test tells it to say."""

import os
from collections.abc import Sequence
from typing import Any

from media.config import MediaConfig
from media.events import GroupId, PeerId, SlotId, TrackId
from media.forwarder import ForwarderEvent, Keys
from media.specs import ReceiveSpec, SlotSpec


class FakePath:
    """Stands for the native packet path; `calls` holds every command in order."""

    port = 5004

    def __init__(self, config: MediaConfig) -> None:
        self.config = config
        self.calls: list[tuple[Any, ...]] = []
        self.taken: list[tuple[int, int, int, int, bytes]] = []
        self.closed = False
        self._events: list[ForwarderEvent] = []
        self._fd = os.eventfd(0, os.EFD_NONBLOCK)

    def say(self, *events: ForwarderEvent) -> None:
        self._events += events
        os.eventfd_write(self._fd, 1)

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def event_fd(self) -> int:
        return self._fd

    def events(self, limit: int) -> list[ForwarderEvent]:
        given, self._events = self._events[:limit], self._events[limit:]
        if not self._events:
            os.eventfd_read(self._fd)
        return given

    def register(self, peer: PeerId, ufrag: str, pwd: str, remote_ufrag: str) -> None:
        self.calls.append(("register", peer, ufrag, pwd, remote_ufrag))

    def add_peer(self, peer: PeerId, group: GroupId) -> None:
        self.calls.append(("add_peer", peer, group))

    def remove_peer(self, peer: PeerId) -> None:
        self.calls.append(("remove_peer", peer))

    def send_dtls(self, peer: PeerId, data: bytes) -> None:
        self.calls.append(("send_dtls", peer, data))

    def set_keys(self, peer: PeerId, keys: Keys) -> None:
        self.calls.append(("set_keys", peer, keys))

    def configure(self, peer: PeerId, receive: Sequence[ReceiveSpec], slots: Sequence[SlotSpec]) -> None:
        self.calls.append(("configure", peer, tuple(receive), tuple(slots)))

    def route(self, peer: PeerId, slot: SlotId, track: TrackId | None, max_layer: int) -> None:
        self.calls.append(("route", peer, slot, track, max_layer))

    def set_track_enabled(self, peer: PeerId, track: TrackId, enabled: bool) -> None:
        self.calls.append(("set_track_enabled", peer, track, enabled))

    def request_key_frame(self, peer: PeerId, track: TrackId) -> None:
        self.calls.append(("request_key_frame", peer, track))

    def add_tap(self, tap: int, group: GroupId) -> None:
        self.calls.append(("add_tap", tap, group))

    def remove_tap(self, tap: int) -> None:
        self.calls.append(("remove_tap", tap))

    def tap_packets(self, limit: int) -> list[tuple[int, int, int, int, bytes]]:
        given, self.taken = self.taken[:limit], self.taken[limit:]
        return given

    def counters(self) -> dict[str, int]:
        return {"rtp_in": 0}

    def close(self) -> None:
        self.closed = True
        os.close(self._fd)
