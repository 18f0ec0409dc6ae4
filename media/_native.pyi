"""Typed stub of the extension module; media/forwarder.py is its only user."""

from collections.abc import Sequence
from typing import Any, final

from media.specs import ReceiveSpec, SlotSpec

__all__ = ["Forwarder", "build_profile"]

build_profile: str
"""`release` or `debug`; benchmarks refuse the latter."""

@final
class Forwarder:
    """
    Owns the UDP and TCP port and the worker threads. Every method returns at once. Commands about a peer that is
    not registered (any more) are ignored, since its removal may have crossed the call; so are all after `close`.
    """

    def __new__(
        cls,
        *,
        host: str,
        port: int,
        workers: int,
        tcp: bool,
        event_capacity: int,
        tap_capacity: int,
        config: dict[str, int],
    ) -> Forwarder:
        """
        Binds the port (0 = any free one) of an IP address; `::` also takes IPv4. `workers` 0 = one for each core.
        `config` overrides limits by name, of the packet path and of its shell (media/native/python/src/config.rs).
        Raises OSError when the port is taken, ValueError on a bad argument.
        """

    @property
    def port(self) -> int: ...
    @property
    def workers(self) -> int: ...
    def event_fd(self) -> int:
        """Readable when `events` has something to give."""

    def events(self, limit: int) -> list[tuple[Any, ...]]:
        """
        At most `limit` events, each a tuple that begins with its name:
        ("path_selected", peer, "udp"|"tcp", "address", port), ("dtls", peer, bytes),
        ("peer_gone", peer, "consent_expired"|"removed"), ("speaking", track, bool),
        ("layer_active", track, layer, bool), ("layers_wanted", track, mask),
        ("slot_filled", peer, slot, track | None), ("slot_layer", peer, slot, layer | None),
        ("stats", dict)  # the fields of core::stats::Snapshot, counters as a dict
        """

    def register(self, peer: int, ufrag: str, pwd: str, remote_ufrag: str) -> None:
        """Credentials of a peer; again for the same peer = ICE restart. The first call chooses its worker."""

    def add_peer(self, peer: int, group: int) -> None: ...
    def remove_peer(self, peer: int) -> None: ...
    def send_dtls(self, peer: int, data: bytes) -> None: ...
    def set_keys(self, peer: int, profile: str, tx: bytes, rx: bytes) -> None:
        """`profile` by its OpenSSL name: SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80."""

    def configure(self, peer: int, receive: Sequence[ReceiveSpec], slots: Sequence[SlotSpec]) -> None:
        """Reads attributes by name, so that any object with those of media/specs.py will do."""

    def route(self, peer: int, slot: int, track: int | None, max_layer: int) -> None: ...
    def set_track_enabled(self, peer: int, track: int, enabled: bool) -> None: ...
    def request_key_frame(self, peer: int, track: int) -> None: ...
    def add_tap(self, tap: int, group: int) -> None: ...
    def remove_tap(self, tap: int) -> None: ...
    def tap_packets(self, limit: int) -> list[tuple[int, int, int, int, bytes]]:
        """(tap, track, layer, arrival in microseconds of the wall clock, RTP packet with the publisher's header)."""

    def counters(self) -> dict[str, int]:
        """Sum over the workers of the last snapshot's counters."""

    def close(self) -> None:
        """Stops the threads and waits for their end (a few milliseconds). The port is freed with the object."""

    def _crash(self) -> None:
        """Makes a worker panic, for the test that this ends the process."""
