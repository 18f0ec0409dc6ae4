"""Which of the offered codecs an answer takes, in our order of preference."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from media.sdp.parsed import Description, PayloadType
from media.specs import CodecSpec

_AUDIO = ("opus",)
# VP8 first: every browser encodes it in simulcast, and a layer switch needs no decoder restart.
_VIDEO = ("vp8", "h264", "vp9", "av1")
_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"})


@dataclass(frozen=True, slots=True)
class AgreedCodec:
    """A codec of the answer with the offer's payload types and what of its feedback we speak."""

    spec: CodecSpec
    offered: PayloadType
    feedback: tuple[str, ...]


@lru_cache(maxsize=64)
def agree_codecs(described: Description) -> tuple[AgreedCodec, ...]:
    """One payload type for each codec that we forward, best first; empty when there is none."""
    rtx = _retransmissions(described.payload_types)
    usable: dict[str, list[PayloadType]] = {}
    for offered in described.payload_types.values():
        if _is_forwarded(offered):
            usable.setdefault(offered.name, []).append(offered)
    agreed: list[AgreedCodec] = []
    for name in _AUDIO if described.kind == "audio" else _VIDEO:
        if name not in usable:
            continue
        best = max(usable[name], key=_fitness)  # the first of equals, as the offerer prefers
        feedback = tuple(kind for kind in best.feedback if kind in _FEEDBACK)
        spec = CodecSpec(name, best.pt, rtx.get(best.pt) if "nack" in feedback else None)
        agreed.append(AgreedCodec(spec, best, feedback))
    return tuple(agreed)


def _is_forwarded(offered: PayloadType) -> bool:
    name = offered.name
    if name == "opus":
        return offered.clock_rate == 48_000 and offered.channels == 2  # RFC 7587 section 7
    if offered.clock_rate != 90_000:
        return False
    parameters = offered.parameters
    if name == "vp9":
        return parameters.get("profile-id", "0") == "0"
    if name == "av1":
        return parameters.get("profile", "0") == "0"
    if name == "h264":
        return parameters.get("packetization-mode") == "1"
    return name == "vp8"


def _fitness(offered: PayloadType) -> int:
    # Constrained baseline is the one H264 profile that every WebRTC endpoint decodes (RFC 7742 section 6.2).
    profile = offered.parameters.get("profile-level-id", "").lower()
    return 2 if profile.startswith("42e0") else 1 if profile.startswith("42") else 0


def _retransmissions(offered: Mapping[int, PayloadType]) -> dict[int, int]:
    """RTX payload type by the one that it repairs (RFC 4588 section 8.6)."""
    found: dict[int, int] = {}
    for entry in offered.values():
        repaired = entry.parameters.get("apt", "")
        if entry.name == "rtx" and repaired.isascii() and repaired.isdigit() and len(repaired) <= 3:
            found.setdefault(int(repaired), entry.pt)
    return found
