"""Negotiated streams in the packet path's words (media/native/core/src/api.rs)."""

from dataclasses import dataclass

from media.events import SlotId, TrackId


@dataclass(frozen=True, slots=True)
class CodecSpec:
    """A codec of one media section: opus, vp8, vp9, h264 or av1."""

    codec: str
    pt: int
    rtx_pt: int | None = None


@dataclass(frozen=True, slots=True)
class ExtensionIds:
    """Ids of the agreed header extensions (RFC 8285); 0 = not agreed."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    abs_send_time: int = 0
    transport_cc: int = 0
    abs_capture_time: int = 0
    video_orientation: int = 0
    playout_delay: int = 0
    dependency_descriptor: int = 0


@dataclass(frozen=True, slots=True)
class ReceiveSpec:
    """What a publisher sends on one media section."""

    track: TrackId
    kind: str
    mid: str
    rids: tuple[str, ...]
    """Lowest layer first; empty = one encoding, or layers told by `ssrcs`."""
    ssrcs: tuple[int, ...]
    rtx_ssrcs: tuple[int, ...]
    codecs: tuple[CodecSpec, ...]
    extensions: ExtensionIds
    screen: bool


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """What a subscriber receives on one media section."""

    slot: SlotId
    kind: str
    mid: str
    ssrc: int
    rtx_ssrc: int | None
    codecs: tuple[CodecSpec, ...]
    extensions: ExtensionIds
    loudest: bool
    cname: str
