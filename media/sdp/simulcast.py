"""Simulcast layers of a published section, by rid or by SSRC, lowest first."""

from dataclasses import dataclass

from media.sdp.parsed import ParsedMedia

# Names in use by browsers' samples and by other servers' clients; unknown names keep the offer's order.
_KNOWN_ORDERS = (("q", "h", "f"), ("l", "m", "h"), ("low", "mid", "high"), ("0", "1", "2"), ("r0", "r1", "r2"))


@dataclass(frozen=True, slots=True)
class Layers:
    """Encodings of a section. `offered` and `rids` hold the same names: as offered, and lowest first."""

    offered: tuple[str, ...] = ()
    rids: tuple[str, ...] = ()
    ssrcs: tuple[int, ...] = ()
    rtx_ssrcs: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return max(len(self.rids), len(self.ssrcs), 1)


def agree_layers(media: ParsedMedia, max_layers: int) -> Layers:
    """
    At most `max_layers` encodings. With rids the SSRCs are left out: browsers may change them, and a
    rid's SSRC is told by the header extension (RFC 8852).
    """
    if media.kind == "video" and media.simulcast:
        offered = tuple(dict.fromkeys(rid for rid in media.simulcast if rid in media.send_rids))
        kept = lowest_first(offered)[:max_layers]
        return Layers(offered=tuple(rid for rid in offered if rid in kept), rids=kept)
    return _by_ssrc(media, max_layers)


def lowest_first(rids: tuple[str, ...]) -> tuple[str, ...]:
    """Orders rids by the known names, when they are known; our own client offers `q;h;f`."""
    for order in _KNOWN_ORDERS:
        if set(rids) <= set(order):
            return tuple(sorted(rids, key=order.index))
    return rids


def _by_ssrc(media: ParsedMedia, max_layers: int) -> Layers:
    repairs = {group[0]: group[1] for kind, group in media.ssrc_groups if kind == "FID" and len(group) == 2}
    simulcast = next((group for kind, group in media.ssrc_groups if kind == "SIM" and media.kind == "video"), None)
    repairing = set(repairs.values())
    primary = tuple(simulcast) if simulcast else tuple(ssrc for ssrc in media.ssrcs if ssrc not in repairing)[:1]
    primary = tuple(dict.fromkeys(ssrc for ssrc in primary if ssrc))[:max_layers]
    rtx = tuple(repairs[ssrc] for ssrc in primary if ssrc in repairs)
    # The packet path pairs both lists by position, so that an incomplete one says nothing.
    complete = len(rtx) == len(primary) and len({*rtx, *primary}) == 2 * len(primary)
    return Layers(ssrcs=primary, rtx_ssrcs=rtx if complete else ())
