"""An offer after parsing: only what an answer depends on, every field checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Direction(StrEnum):
    """RFC 8866 section 6.7, as seen by the offerer."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hash of the peer's certificate (RFC 8122): algorithm in lower case, value in upper case with colons."""

    algorithm: str
    value: str


@dataclass(slots=True)
class Transport:
    """ICE and DTLS attributes of one section or of the session."""

    ufrag: str | None = None
    pwd: str | None = None
    setup: str | None = None
    fingerprints: list[Fingerprint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PayloadType:
    """One rtpmap with its format parameters and feedback."""

    pt: int
    name: str  # lower case
    clock_rate: int
    channels: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderExtension:
    """RFC 8285: id, URI and the direction in which the offerer uses it."""

    number: int
    uri: str
    direction: Direction = Direction.SENDRECV


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """Codecs and header extensions of a section. Shared by all sections of all offers that have the same lines."""

    kind: str
    payload_types: Mapping[int, PayloadType]
    extensions: tuple[HeaderExtension, ...]


NOTHING_DESCRIBED = Description("", {}, ())


@dataclass(slots=True)
class ParsedMedia:
    """One media section of an offer."""

    index: int
    kind: str
    protocol: str
    formats: tuple[str, ...]
    port: int
    mid: str | None = None
    direction: Direction = Direction.SENDRECV
    bundle_only: bool = False
    rtcp_mux: bool = False
    rtcp_rsize: bool = False
    mixed_extensions: bool = False
    transport: Transport = field(default_factory=Transport)
    described: Description = NOTHING_DESCRIBED
    send_rids: list[str] = field(default_factory=list)
    simulcast: list[str] = field(default_factory=list)
    """Rids of `a=simulcast:send`, the first alternative of each stream, in the offer's order."""
    ssrcs: list[int] = field(default_factory=list)
    ssrc_groups: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)

    @property
    def offered(self) -> bool:
        """Not rejected by the offerer; port 0 with bundle-only is an offer (RFC 9143 section 6)."""
        return self.port != 0 or self.bundle_only


@dataclass(frozen=True, slots=True)
class ParsedOffer:
    """A whole offer. The transport is that of the BUNDLE group's first section (RFC 9143 section 7.2)."""

    media: tuple[ParsedMedia, ...]
    bundle: tuple[str, ...]
    ufrag: str
    pwd: str
    fingerprints: tuple[Fingerprint, ...]
    mixed_extensions: bool
