"""
Everything the media plane raises:

    MediaError
    ├── PeerError              a remote peer sent something that we do not accept
    │   └── OfferRefused       its SDP offer; `reason` says why
    ├── UsageError             our own control side asked for something impossible
    │   ├── UnknownPeer        no such peer (any more)
    │   └── PlaneClosed        the plane is not running
    └── PlatformError          the machine does not give what the plane needs
        └── PortUnavailable    the media port is taken or not permitted
"""

from enum import StrEnum


class MediaError(Exception):
    """Root of the tree."""


class PeerError(MediaError):
    """The remote peer is to blame; only that peer is affected."""


class RefusedReason(StrEnum):
    """Why an offer was refused; stable words for logs and for the wire."""

    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    NO_BUNDLE = "no_bundle"
    NO_FINGERPRINT = "no_fingerprint"
    NO_CREDENTIALS = "no_credentials"
    WRONG_SETUP = "wrong_setup"
    SECTION_MISMATCH = "section_mismatch"
    TRANSPORT_CHANGED = "transport_changed"


class OfferRefused(PeerError):
    """An SDP offer that cannot be answered. `detail` is short, in English and safe to show to the peer."""

    def __init__(self, reason: RefusedReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class UsageError(MediaError):
    """A bug of the caller, not of a peer."""


class UnknownPeer(UsageError):
    """The peer was never opened or is closed already."""


class PlaneClosed(UsageError):
    """The plane was not entered yet, or has been left."""


class PlatformError(MediaError):
    """The operating system refused something."""


class PortUnavailable(PlatformError):
    """The media port cannot be bound."""
