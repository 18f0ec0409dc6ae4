"""The RTP header extensions that we use, and the ids under which an offer has them."""

from functools import lru_cache

from media.sdp.parsed import Description, Direction, HeaderExtension
from media.specs import ExtensionIds

URIS = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": "mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id": "rid",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id": "repaired_rid",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": "audio_level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": "abs_send_time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": "transport_cc",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time": "abs_capture_time",
    "urn:3gpp:video-orientation": "video_orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay": "playout_delay",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension": "dependency_descriptor",
}
"""Field of ExtensionIds by URI."""

_FROM_PUBLISHERS = frozenset(URIS.values()) - {"playout_delay"}
_TO_SUBSCRIBERS = frozenset(URIS.values()) - {"rid", "repaired_rid"}  # a slot is one encoding
_LARGEST_ID = 14  # one-byte headers only (RFC 8285 section 4.2): they cost least on every packet


@lru_cache(maxsize=128)
def agree_extensions(described: Description, publishes: bool) -> tuple[HeaderExtension, ...]:
    """Extensions of the answer with the offer's ids, directions turned round (RFC 8285 section 7)."""
    wanted = _FROM_PUBLISHERS if publishes else _TO_SUBSCRIBERS
    agreed: dict[str, HeaderExtension] = {}
    for offered in described.extensions:
        name = URIS.get(offered.uri)
        usable = offered.direction.sends if publishes else offered.direction.receives
        if name in wanted and usable and offered.number <= _LARGEST_ID:
            agreed.setdefault(offered.uri, _answered(offered, publishes))
    return tuple(agreed.values())


@lru_cache(maxsize=128)
def extension_ids(agreed: tuple[HeaderExtension, ...]) -> ExtensionIds:
    return ExtensionIds(**{URIS[extension.uri]: extension.number for extension in agreed})


def _answered(offered: HeaderExtension, publishes: bool) -> HeaderExtension:
    if offered.direction is Direction.SENDRECV:
        return offered
    return HeaderExtension(offered.number, offered.uri, Direction.RECVONLY if publishes else Direction.SENDONLY)
