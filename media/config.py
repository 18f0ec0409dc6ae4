"""Settings of the media plane. Built by the composition root; the plane reads no environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConfig:
    """
    All limits of the media plane. The defaults are tuned for one class of up to about 100 people on a
    machine with 2 to 8 cores, with home and mobile links.
    """

    host: str = "0.0.0.0"  # noqa: S104 - a media server listens on every address unless told otherwise
    """Address to bind; default every IPv4 address."""

    port: int = 5004
    """UDP and TCP port of all media; 0 = any free one (tests). Default 5004, the registered RTP port."""

    workers: int = 0
    """Packet threads; 0 = one per CPU core that this process may use."""

    tcp: bool = True
    """Also accept ICE-TCP (RFC 6544, passive) on the same port number, for networks that block UDP."""

    announced: tuple[str, ...] = ()
    """IP addresses that clients are told, most preferred first; empty = `host`, for a wildcard this machine's own."""

    event_capacity: int = 16_384
    """Events between the packet threads and the control side; statistics are refused when half full."""

    tap_capacity: int = 8_192
    """Packets waiting for recorders; when full, new ones are dropped and counted. About 4 s of a class's video."""

    tap_interval_s: float = 0.02
    """How often recorders are given what waits, in seconds. One packet time of Opus; only while there is a tap."""

    tap_batch: int = 1_024
    """Packets that recorders are given at once."""

    core: Mapping[str, int] = field(default_factory=dict)
    """Overrides of the packet path's own limits by name (media/native/core), none by default."""

    max_peers: int = 2_000
    """Open peers of this process."""

    max_sdp_bytes: int = 65_536
    """Size of an offer in UTF-8 bytes. A browser's offer of the web client is about 30 kB."""

    max_sections: int = 64
    """Media sections of an offer; the web client sends 17."""

    max_candidates: int = 32
    """Candidates in an offer; we need none of them (ICE-lite), the limit only bounds the work."""

    max_rids: int = 3
    """Simulcast layers that are accepted of one section; further ones are declined in the answer."""

    dtls_queue: int = 32
    """Datagrams of one peer's handshake that wait to be read; when full the newest is dropped (DTLS retransmits)."""

    dtls_timeout_s: float = 30.0
    """From the first datagram of the handshake to installed keys; covers six retransmissions on a bad mobile link."""

    unconnected_timeout_s: float = 60.0
    """From the answer to installed keys; a peer that never comes is closed then."""

    certificate_days: int = 14
    """Age at which a new DTLS certificate is made for peers that are opened later, in days; one is valid for 30."""
