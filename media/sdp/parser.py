"""
Strict, bounded parser of SDP offers (RFC 8866, RFC 9143, RFC 8839, RFC 8842).

Hostile text can only end in OfferRefused: sizes are checked before anything is split, every number is
bounded, and no attribute is kept that the answer does not need.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from media.errors import OfferRefused, RefusedReason
from media.sdp import attributes
from media.sdp.description import LineRefused, describe
from media.sdp.parsed import Direction, ParsedMedia, ParsedOffer, Transport


@dataclass(frozen=True, slots=True)
class OfferLimits:
    """Bounds of one offer; see MediaConfig for units and defaults."""

    max_bytes: int = 65_536
    max_sections: int = 64
    max_candidates: int = 32
    max_line: int = 1_024
    max_payload_types: int = 64
    max_extensions: int = 32
    max_rids: int = 16
    max_ssrcs: int = 32


def parse_offer(text: str, limits: OfferLimits) -> ParsedOffer:
    """Parses an offer. Raises OfferRefused, and nothing else, on whatever it does not accept."""
    if len(text) > limits.max_bytes or len(text.encode("utf-8", "replace")) > limits.max_bytes:
        raise OfferRefused(RefusedReason.TOO_LARGE, f"an offer may have {limits.max_bytes} bytes")
    lines = text.replace("\r\n", "\n").removesuffix("\r")
    reader = _Reader(limits)
    try:
        reader.read(lines)
    except _LineFault as fault:
        place = _place(lines, fault.section, fault.line)
        raise OfferRefused(RefusedReason.MALFORMED, f"line {place}: {fault}") from None
    return reader.finish()


class _LineFault(ValueError):
    """A line is not acceptable; `section` counts from 1, 0 is the session's. Leaves this module as OfferRefused."""

    def __init__(self, section: int, line: str, why: str) -> None:
        super().__init__(why)
        self.section = section
        self.line = line


def _place(text: str, section: int, line: str) -> int:
    """The number of a line. Only who made a mistake needs it, so that it is looked for afterwards."""
    begun = 0
    for place, found in enumerate(text.split("\n"), start=1):
        begun += found.startswith("m=")
        if begun == section and found == line:
            return place
    return 1


# Lines that are read all at once (description.py) are taken out all at once: a loop over them costs most of a parse.
_DESCRIBING = re.compile(r"\na=(?:rtpmap|fmtp|rtcp-fb|extmap):[^\n]*")


class _Reader:
    """Collects sections; the state is the section that the next attribute belongs to."""

    def __init__(self, limits: OfferLimits) -> None:
        self._limits = limits
        self._session = Transport()
        self._session_direction = Direction.SENDRECV
        self._media: list[ParsedMedia] = []
        self._bundle: tuple[str, ...] | None = None
        self._mixed = False
        self._candidates: set[str] = set()

    def read(self, text: str) -> None:
        """Raises _LineFault."""
        head, *sections = text.split("\nm=")
        if head.lstrip("\n").partition("\n")[0] != "v=0":
            raise _LineFault(0, head.partition("\n")[0], "an SDP begins with v=0")
        if len(max(text.split("\n"), key=len)) > self._limits.max_line:
            self._refuse_long(text)
        self._lines(head)
        for section in sections:
            described = _DESCRIBING.findall(section)
            media_line, _, rest = (_DESCRIBING.sub("", section) if described else section).partition("\n")
            self._line("m=" + media_line)
            if described:
                self._describe(tuple(described))
            self._lines(rest)

    def _refuse_long(self, text: str) -> None:
        section = 0
        for line in text.split("\n"):
            section += line.startswith("m=")
            if len(line) > self._limits.max_line:
                raise _LineFault(section, line, "too long")

    def _lines(self, text: str) -> None:
        for line in text.split("\n"):
            if line:
                self._line(line)

    def _line(self, line: str) -> None:
        try:
            if line[1:2] != "=" or not "a" <= line[0] <= "z":
                raise ValueError("not a type=value line")
            if line[0] == "m":
                self._start_section(line[2:])
            elif line[0] == "a":
                name, _, value = line[2:].partition(":")
                if self._media:
                    self._media_attribute(self._media[-1], name, value)
                else:
                    self._session_attribute(name, value)
        except ValueError as error:
            section = len(self._media) + (line[0] == "m")
            raise _LineFault(section, line, str(error)) from None

    def _describe(self, lines: tuple[str, ...]) -> None:
        media = self._media[-1]
        try:
            media.described = describe(media.kind, media.formats, lines, self._limits.max_extensions)
        except LineRefused as refused:
            raise _LineFault(len(self._media), refused.line, str(refused)) from None

    def finish(self) -> ParsedOffer:
        if not self._media:
            raise OfferRefused(RefusedReason.MALFORMED, "no media section")
        bundle = self._checked_bundle()
        tagged = next((media for media in self._media if media.mid == bundle[0]), None)
        if tagged is None:
            raise OfferRefused(RefusedReason.NO_BUNDLE, "the bundle names a section that is not there")
        own, session = tagged.transport, self._session
        ufrag, pwd = own.ufrag or session.ufrag, own.pwd or session.pwd
        if ufrag is None or pwd is None:
            raise OfferRefused(RefusedReason.NO_CREDENTIALS, "ice-ufrag or ice-pwd is missing")
        fingerprints = tuple(own.fingerprints or session.fingerprints)
        if not fingerprints:
            raise OfferRefused(RefusedReason.NO_FINGERPRINT, "no fingerprint by sha-256 or better")
        if (own.setup or session.setup or "actpass") not in ("actpass", "active"):
            raise OfferRefused(RefusedReason.WRONG_SETUP, "we are always the passive side of DTLS")
        mixed = self._mixed or any(media.mixed_extensions for media in self._media)
        return ParsedOffer(tuple(self._media), bundle, ufrag, pwd, fingerprints, mixed)

    def _checked_bundle(self) -> tuple[str, ...]:
        mids = [media.mid for media in self._media if media.mid is not None]
        if len(set(mids)) != len(mids):
            raise OfferRefused(RefusedReason.MALFORMED, "two sections have one mid")
        if self._bundle:
            return self._bundle
        offered = [media for media in self._media if media.offered and media.mid is not None]
        if len(offered) != 1 or offered[0].mid is None:
            raise OfferRefused(RefusedReason.NO_BUNDLE, "several sections need one BUNDLE group")
        return (offered[0].mid,)

    def _start_section(self, value: str) -> None:
        if len(self._media) >= self._limits.max_sections:
            raise ValueError(f"more than {self._limits.max_sections} media sections")
        kind, port, protocol, formats = attributes.media_line(value, self._limits.max_payload_types)
        self._media.append(
            ParsedMedia(len(self._media), kind, protocol, formats, port, direction=self._session_direction)
        )

    def _session_attribute(self, name: str, value: str) -> None:
        if name == "group":
            words = value.split()
            if words[:1] == ["BUNDLE"] and self._bundle is None:
                if len(words) > 1 + self._limits.max_sections:
                    raise ValueError("too many sections in one bundle")
                self._bundle = tuple(attributes.mid(word) for word in words[1:])
        elif name == "extmap-allow-mixed":
            self._mixed = True
        elif name in _DIRECTIONS:
            self._session_direction = Direction(name)
        elif name == "candidate":
            self._candidate(value)
        else:
            _transport_attribute(self._session, name, value)

    def _media_attribute(self, media: ParsedMedia, name: str, value: str) -> None:
        if name == "candidate":
            self._candidate(value)
        elif name in _DIRECTIONS:
            media.direction = Direction(name)
        elif (flag := _FLAGS.get(name)) is not None:
            setattr(media, flag, True)
        elif (reader := _MEDIA.get(name)) is not None:
            reader(media, value, self._limits)
        else:
            _transport_attribute(media.transport, name, value)

    def _candidate(self, value: str) -> None:
        # ICE-lite never sends to a candidate; only their number is bounded. Bundled sections repeat them.
        self._candidates.add(value)
        if len(self._candidates) > self._limits.max_candidates:
            raise ValueError(f"more than {self._limits.max_candidates} candidates")


_DIRECTIONS = frozenset(Direction)
_FLAGS = {
    "rtcp-mux": "rtcp_mux",
    "rtcp-rsize": "rtcp_rsize",
    "bundle-only": "bundle_only",
    "extmap-allow-mixed": "mixed_extensions",
}


def _transport_attribute(transport: Transport, name: str, value: str) -> None:
    if name == "ice-ufrag":
        transport.ufrag = attributes.ufrag(value)
    elif name == "ice-pwd":
        transport.pwd = attributes.pwd(value)
    elif name == "setup":
        transport.setup = attributes.setup(value)
    elif name == "fingerprint" and (found := attributes.fingerprint(value)) is not None:
        if len(transport.fingerprints) >= 8:
            raise ValueError("too many fingerprints")
        transport.fingerprints.append(found)


def _mid(media: ParsedMedia, value: str, _: OfferLimits) -> None:
    if media.mid is not None:
        raise ValueError("two mids in one section")
    media.mid = attributes.mid(value)


def _rid(media: ParsedMedia, value: str, limits: OfferLimits) -> None:
    name, sends = attributes.rid(value)
    if not sends:
        return
    if name in media.send_rids or len(media.send_rids) >= limits.max_rids:
        raise ValueError("too many rids, or one twice")
    media.send_rids.append(name)


def _simulcast(media: ParsedMedia, value: str, limits: OfferLimits) -> None:
    media.simulcast = attributes.simulcast(value, limits.max_rids)


def _ssrc(media: ParsedMedia, value: str, limits: OfferLimits) -> None:
    found = attributes.ssrc(value)
    if found not in media.ssrcs:
        if len(media.ssrcs) >= limits.max_ssrcs:
            raise ValueError("too many ssrcs")
        media.ssrcs.append(found)


def _ssrc_group(media: ParsedMedia, value: str, limits: OfferLimits) -> None:
    if len(media.ssrc_groups) >= limits.max_ssrcs:
        raise ValueError("too many ssrc groups")
    media.ssrc_groups.append(attributes.ssrc_group(value))


_MEDIA: dict[str, Callable[[ParsedMedia, str, OfferLimits], None]] = {
    "mid": _mid,
    "rid": _rid,
    "simulcast": _simulcast,
    "ssrc": _ssrc,
    "ssrc-group": _ssrc_group,
}
