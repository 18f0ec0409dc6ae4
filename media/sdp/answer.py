"""Writes the answer from a template: ICE-lite, one bundle, DTLS passive, the offer's own numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from media.sdp.agreement import AgreedSection
from media.sdp.codec_choice import AgreedCodec, agree_codecs
from media.sdp.extensions import agree_extensions
from media.sdp.parsed import Description, Direction, ParsedMedia, ParsedOffer


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """Our end of the one transport."""

    ufrag: str
    pwd: str
    fingerprint: str
    """`sha-256 AA:BB:...` of our certificate."""
    candidates: tuple[str, ...]
    """Values of `a=candidate`."""
    session_id: int
    version: int
    """Rises with each answer of a session (RFC 8829 section 5.3.1)."""


@dataclass(frozen=True, slots=True)
class SentStream:
    """What we send on a slot, for players that map by SSRC."""

    ssrc: int
    rtx_ssrc: int | None
    cname: str
    stream: str
    """MediaStream id: streams of one id are played in lip sync."""
    track: str


def write_answer(
    offer: ParsedOffer,
    agreed: Sequence[AgreedSection],
    transport: AnswerTransport,
    sent: Mapping[str, SentStream],
) -> str:
    """
    The answer with one media section for each of the offer. `sent` holds a stream for the mid of each
    accepted section on which we send.
    """
    accepted = {section.media.index: section for section in agreed}
    lines = [
        "v=0",
        f"o=- {transport.session_id} {transport.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(section.mid for section in agreed),
        "a=msid-semantic:WMS *",
    ]
    if offer.mixed_extensions:
        lines.append("a=extmap-allow-mixed")
    own = _transport(transport)
    for media in offer.media:
        section = accepted.get(media.index)
        if section is None:
            lines += _rejected(media)
            continue
        lines += _section(section, own, sent.get(section.mid))
    return "\r\n".join(lines) + "\r\n"


def _rejected(media: ParsedMedia) -> list[str]:
    lines = [f"m={media.kind} 0 {media.protocol} {media.formats[0]}", "c=IN IP4 0.0.0.0"]
    if media.mid is not None:
        lines.append(f"a=mid:{media.mid}")
    return [*lines, "a=inactive"]


def _transport(transport: AnswerTransport) -> str:
    lines = [
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.pwd}",
        f"a=fingerprint:{transport.fingerprint}",
        "a=setup:passive",
        "a=rtcp-mux",
        # The first section's would do (RFC 9143 section 7.2), but aiortc in max-bundle reads the last one's.
        *[f"a=candidate:{candidate}" for candidate in transport.candidates],
        "a=end-of-candidates",
    ]
    return "\r\n".join(lines)


def _section(section: AgreedSection, transport: str, sent: SentStream | None) -> list[str]:
    media = section.media
    publishes = section.use.publishes
    formats, described = _description(media.described, publishes)
    lines = [
        f"m={media.kind} 9 {media.protocol} {formats}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=recvonly" if publishes else "a=sendonly",
        transport,
    ]
    if media.rtcp_rsize:
        lines.append("a=rtcp-rsize")
    lines.append(described)
    for rid in section.layers.offered:
        lines.append(f"a=rid:{rid} recv")
    if section.layers.offered:
        lines.append("a=simulcast:recv " + ";".join(section.layers.offered))
    return lines + (_sent(sent) if sent is not None else [])


@lru_cache(maxsize=128)
def _description(described: Description, publishes: bool) -> tuple[str, str]:
    """Our formats, and what we say of them and of header extensions: the same to all who describe the same."""
    codecs = agree_codecs(described)
    formats = [str(pt) for codec in codecs for pt in (codec.spec.pt, codec.spec.rtx_pt) if pt is not None]
    lines = []
    for extension in agree_extensions(described, publishes):
        direction = "" if extension.direction is Direction.SENDRECV else f"/{extension.direction}"
        lines.append(f"a=extmap:{extension.number}{direction} {extension.uri}")
    for codec in codecs:
        lines += _codec(codec, publishes)
    return " ".join(formats), "\r\n".join(lines)


def _codec(codec: AgreedCodec, publishes: bool) -> list[str]:
    spec, offered = codec.spec, codec.offered
    name = {"opus": "opus/48000/2", "vp8": "VP8/90000", "vp9": "VP9/90000", "h264": "H264/90000", "av1": "AV1/90000"}
    lines = [f"a=rtpmap:{spec.pt} {name[spec.codec]}"]
    lines += [f"a=rtcp-fb:{spec.pt} {kind}" for kind in codec.feedback]
    parameters = _parameters(codec, publishes)
    if parameters:
        lines.append(f"a=fmtp:{spec.pt} {parameters}")
    if spec.rtx_pt is not None:
        lines += [f"a=rtpmap:{spec.rtx_pt} rtx/{offered.clock_rate}", f"a=fmtp:{spec.rtx_pt} apt={spec.pt}"]
    return lines


def _parameters(codec: AgreedCodec, publishes: bool) -> str:
    """Ours for Opus; for video the few that identify the offered configuration (RFC 3264 section 6.1)."""
    offered = codec.offered.parameters
    if codec.spec.codec == "opus":
        # DTX saves most of a class's audio; FEC repairs single losses without a round trip (RFC 7587 section 6.1).
        return "minptime=10;useinbandfec=1" + (";usedtx=1" if publishes else "")
    if codec.spec.codec == "h264":
        profile = offered.get("profile-level-id", "").lower()
        known = len(profile) == 6 and all(digit in "0123456789abcdef" for digit in profile)
        return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile if known else '42e01f'}"
    if codec.spec.codec == "vp9":
        return "profile-id=0"
    return "profile=0" if codec.spec.codec == "av1" and "profile" in offered else ""


def _sent(stream: SentStream) -> list[str]:
    lines = [f"a=msid:{stream.stream} {stream.track}"]
    ssrcs = [stream.ssrc] if stream.rtx_ssrc is None else [stream.ssrc, stream.rtx_ssrc]
    if stream.rtx_ssrc is not None:
        lines.append(f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}")
    for ssrc in ssrcs:
        lines.append(f"a=ssrc:{ssrc} cname:{stream.cname}")
        lines.append(f"a=ssrc:{ssrc} msid:{stream.stream} {stream.track}")
    return lines
