"""Parsers of single attribute values. Each raises ValueError on anything outside its grammar."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from media.sdp.parsed import Direction, Fingerprint, HeaderExtension

_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,32}", re.ASCII)  # RFC 8866 section 9, bounded
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}", re.ASCII)  # RFC 8851 section 10; 16 bytes fit a one-byte header extension
_MID = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,16}", re.ASCII)
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}", re.ASCII)  # RFC 8839 section 5.4
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
# A browser repeats the same few values in each of its sections; the parser bounds a line, so this holds under 1 MB.
_cached = lru_cache(maxsize=256)
_HASH_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


def number(text: str, maximum: int) -> int:
    """A decimal number of at most ten digits up to `maximum`."""
    if not _DIGITS.fullmatch(text) or (value := int(text)) > maximum:
        raise ValueError("not a number in range")
    return value


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"not a valid {what}")
        return text

    return check


protocol = _matching(re.compile(r"[A-Za-z0-9/]{1,32}", re.ASCII), "transport protocol")
token = _matching(_TOKEN, "token")
mid = _matching(_MID, "mid")
rid_name = _matching(_RID, "rid")
ufrag = _matching(_UFRAG, "ice-ufrag")
pwd = _matching(_PWD, "ice-pwd")


@_cached
def media_line(text: str, max_formats: int) -> tuple[str, int, str, tuple[str, ...]]:
    """`<kind> <port>[/<count>] <protocol> <format> ...` (RFC 8866 section 5.14): kind, port, protocol, formats."""
    words = text.split()
    if len(words) < 4 or len(words) > 3 + max_formats:
        raise ValueError("not a valid media line")
    kind, port, transport = words[:3]
    formats = tuple(token(word) for word in words[3:])
    return token(kind), number(port.partition("/")[0], 65_535), protocol(transport), formats


@_cached
def fingerprint(text: str) -> Fingerprint | None:
    """RFC 8122 section 5; None for a hash that we do not know, which is then not checked."""
    algorithm, _, value = text.partition(" ")
    algorithm = token(algorithm).lower()
    length = _HASH_BYTES.get(algorithm)
    if length is None:
        return None
    value = value.strip().upper()
    if not re.fullmatch(rf"[0-9A-F]{{2}}(:[0-9A-F]{{2}}){{{length - 1}}}", value, re.ASCII):
        raise ValueError("not a valid fingerprint")
    return Fingerprint(algorithm, value)


def setup(text: str) -> str:
    if text not in ("actpass", "active", "passive", "holdconn"):
        raise ValueError("not a valid setup")
    return text


@_cached
def rtpmap(text: str) -> tuple[int, str, int, int]:
    """`<pt> <name>/<clock rate>[/<channels>]`; the name in lower case."""
    pt, _, encoding = text.partition(" ")
    parts = encoding.strip().split("/")
    if not 2 <= len(parts) <= 3:
        raise ValueError("not a valid rtpmap")
    channels = number(parts[2], 255) if len(parts) == 3 else 1
    return number(pt, 127), token(parts[0]).lower(), number(parts[1], 1_000_000), channels


@_cached
def format_parameters(text: str) -> tuple[int, Mapping[str, str]]:
    """`<pt> key=value;...`; a value without key is kept under the empty key. At most 32 parameters count."""
    pt, _, rest = text.partition(" ")
    parameters: dict[str, str] = {}
    for item in rest.split(";", 32)[:32]:
        key, has_value, value = item.strip().partition("=")
        parameters[key.strip().lower() if has_value else ""] = (value if has_value else key).strip()
    return number(pt, 127), parameters


@_cached
def feedback(text: str) -> tuple[int | None, str]:
    """`<pt or *> <kind>`; None = every payload type."""
    pt, _, kind = text.partition(" ")
    return (None if pt == "*" else number(pt, 127)), " ".join(kind.split())[:64]


@_cached
def extmap(text: str) -> HeaderExtension:
    """`<id>[/<direction>] <uri> [attributes]` (RFC 8285 section 8)"""
    head, _, rest = text.partition(" ")
    identity, has_direction, direction = head.partition("/")
    value = number(identity, 4_351)  # ids 4096 and above are offers to be mapped; nobody uses them here
    uri = rest.split()[:1]
    if value == 0 or not uri or len(uri[0]) > 256:
        raise ValueError("not a valid extmap")
    return HeaderExtension(value, uri[0], Direction(direction) if has_direction else Direction.SENDRECV)


def rid(text: str) -> tuple[str, bool]:
    """`<rid> send|recv [restrictions]`: the rid, and whether the offerer sends it (RFC 8851)."""
    parts = text.split(" ", 2)
    if len(parts) < 2 or parts[1] not in ("send", "recv"):
        raise ValueError("not a valid rid")
    return rid_name(parts[0]), parts[1] == "send"


def simulcast(text: str, limit: int) -> list[str]:
    """
    Rids of the send direction, the first alternative of each stream; `~` marks one that starts paused
    (RFC 8853 section 5.1). The form of an old draft, `send rid=a;b`, is accepted as well.
    """
    words = text.split()
    if len(words) not in (2, 4):
        raise ValueError("not a valid simulcast")
    for way, streams in zip(words[::2], words[1::2], strict=True):
        if way not in ("send", "recv"):
            raise ValueError("not a valid simulcast")
        if way == "send":
            alternatives = streams.removeprefix("rid=").split(";", limit + 1)
            if len(alternatives) > limit:
                raise ValueError("too many simulcast streams")
            return [rid_name(alternative.split(",", 1)[0].removeprefix("~")) for alternative in alternatives]
    return []


def ssrc(text: str) -> int:
    """The SSRC of `a=ssrc:<ssrc> ...`; what follows is not needed."""
    return number(text.split(" ", 1)[0], 0xFFFF_FFFF)


def ssrc_group(text: str) -> tuple[str, tuple[int, ...]]:
    """`<semantics> <ssrc>...` (RFC 5576 section 4.2)"""
    words = text.split()
    if not 2 <= len(words) <= 9:
        raise ValueError("not a valid ssrc-group")
    return token(words[0]), tuple(number(word, 0xFFFF_FFFF) for word in words[1:])
