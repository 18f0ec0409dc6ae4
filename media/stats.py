"""Set-up counters of the control side, and snapshots of the packet path as typed values."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from media.events import PeerId, PeerStats, WorkerStats


class SetupCounters:
    """Absolute counts of what the control side of the plane did, for `/metrics`."""

    NAMES = (
        "peers_opened",
        "peers_closed",
        "offers_answered",
        "offers_refused",
        "ice_restarts",
        "dtls_connected",
        "dtls_failed",
        "dtls_datagram_dropped",
        "events_dropped",
        "tap_removed",
    )

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter(dict.fromkeys(self.NAMES, 0))

    def add(self, name: str) -> None:
        """Counts one. `name` is of NAMES; anything else is a bug (KeyError)."""
        if name not in self._counts:
            raise KeyError(name)
        self._counts[name] += 1

    def snapshot(self) -> dict[str, int]:
        return {f"setup_{name}": count for name, count in self._counts.items()}


def worker_stats(snapshot: Mapping[str, Any]) -> WorkerStats:
    """A worker's snapshot (media/native/core/src/stats.rs) as the control side's event."""
    return WorkerStats(
        worker=snapshot["worker"],
        counters=dict(snapshot["counters"]),
        peers=tuple(_peer_stats(entry) for entry in snapshot["peers"]),
    )


def _peer_stats(entry: Mapping[str, Any]) -> PeerStats:
    return PeerStats(
        peer=PeerId(entry["peer"]),
        rtt_ms=entry["rtt_ms"],
        loss_down=entry["loss_down"],
        loss_up=entry["loss_up"],
        bitrate_in_bps=entry["bitrate_in_bps"],
        bitrate_out_bps=entry["bitrate_out_bps"],
        consent_age_ms=entry["consent_age_ms"],
        tcp=entry["tcp"],
    )
