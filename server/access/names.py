"""Names that people choose: what is allowed in them, since everybody else in the room sees them."""

import re
import unicodedata

from server.access.errors import AccessRefused, RefusalCode

NAME_MAX = 64
TITLE_MAX = 200
"""Of rooms and institutions."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_REFUSED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def clean_name(text: str, limit: int = NAME_MAX) -> str:
    """
    The name in NFC without spaces around it and with single spaces inside. Raises AccessRefused(NAME_INVALID) when
    it is empty, longer than `limit` code points, invisible, or holds a control character or a bidi override (UAX #9).
    """
    if len(text) > 4 * limit:
        raise _refused(f"A name has at most {limit} characters.")
    if any(
        character in _BIDI or unicodedata.category(character) in _REFUSED - _joined(character) for character in text
    ):
        raise _refused("A name must not hold control or invisible formatting characters.")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > limit:
        raise _refused(f"A name has at most {limit} characters.")
    if not any(unicodedata.category(character)[0] in "LNSP" for character in name):
        raise _refused("Please enter a name.")
    return name


def clean_slug(text: str) -> str:
    """A room's short name as it is, for addresses: 1 to 64 of a-z, 0-9 and inner hyphens. Raises AccessRefused."""
    if not _SLUG.fullmatch(text):
        raise AccessRefused(RefusalCode.INVALID, "A slug is 1 to 64 of the characters a-z, 0-9 and inner hyphens.")
    return text


def _joined(character: str) -> frozenset[str]:
    # Persian, Indic scripts and emoji need the zero-width joiners (UAX #31 section 2.3).
    return frozenset({"Cf"}) if character in _JOINERS else frozenset()


def _refused(sentence: str) -> AccessRefused:
    return AccessRefused(RefusalCode.NAME_INVALID, sentence)
