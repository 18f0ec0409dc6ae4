"""What one media section of an offer comes to, given its use."""

from dataclasses import dataclass

from media.errors import OfferRefused, RefusedReason
from media.negotiation import Section, Use
from media.sdp.codec_choice import AgreedCodec, agree_codecs
from media.sdp.extensions import agree_extensions
from media.sdp.parsed import HeaderExtension, ParsedMedia, ParsedOffer
from media.sdp.simulcast import Layers, agree_layers

_PROTOCOLS = frozenset({"UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"})


@dataclass(frozen=True, slots=True)
class AgreedSection:
    """An accepted media section."""

    media: ParsedMedia
    mid: str
    use: Use
    codecs: tuple[AgreedCodec, ...]
    extensions: tuple[HeaderExtension, ...]
    layers: Layers


def agree(offer: ParsedOffer, sections: tuple[Section, ...], max_layers: int) -> tuple[AgreedSection, ...]:
    """
    The accepted sections in the offer's order; all others are rejected in the answer. A listed
    section that is inactive or has no codec of ours is rejected without ado. Raises OfferRefused when the list
    does not fit the SDP, or when nothing is left.
    """
    uses = {section.mid: section.use for section in sections}
    if len(uses) != len(sections):
        raise OfferRefused(RefusedReason.SECTION_MISMATCH, "a mid is listed twice")
    by_mid = {media.mid: media for media in offer.media}
    for mid, use in uses.items():
        media = by_mid.get(mid)
        if media is None:
            raise OfferRefused(RefusedReason.SECTION_MISMATCH, "a listed mid is not in the SDP")
        if media.kind != use.kind:
            raise OfferRefused(RefusedReason.SECTION_MISMATCH, f"{use} needs a section of {use.kind}")
    agreed = tuple(
        found
        for media in offer.media
        if media.mid is not None and media.mid in uses
        if (found := _agree_one(offer, media, media.mid, uses[media.mid], max_layers)) is not None
    )
    if not agreed:
        raise OfferRefused(RefusedReason.UNSUPPORTED, "no media section can be accepted")
    _check_ssrcs(agreed)
    return agreed


def _agree_one(offer: ParsedOffer, media: ParsedMedia, mid: str, use: Use, max_layers: int) -> AgreedSection | None:
    fits = media.direction.sends if use.publishes else media.direction.receives
    reachable = media.offered and mid in offer.bundle and media.protocol in _PROTOCOLS
    codecs = agree_codecs(media.described)
    if not (fits and reachable and codecs and media.rtcp_mux):
        return None
    layers = agree_layers(media, max_layers) if use.publishes else Layers()
    return AgreedSection(media, mid, use, codecs, agree_extensions(media.described, use.publishes), layers)


def _check_ssrcs(agreed: tuple[AgreedSection, ...]) -> None:
    """An SSRC belongs to one stream of a session (RFC 3550 section 8)."""
    every = [ssrc for section in agreed for ssrc in (*section.layers.ssrcs, *section.layers.rtx_ssrcs)]
    if len(set(every)) != len(every):
        raise OfferRefused(RefusedReason.MALFORMED, "one ssrc in two sections")
