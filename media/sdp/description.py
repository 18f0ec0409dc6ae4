"""
What a section says of its codecs and header extensions.

Browsers repeat these lines word by word in every section and every offer, so that what they come to is remembered:
of an offer's 700 lines two thirds are never looked at again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from media.sdp import attributes
from media.sdp.parsed import Description, HeaderExtension, PayloadType

_MAX_FEEDBACK = 16


class LineRefused(ValueError):
    """A line is not acceptable."""

    def __init__(self, line: str, why: str) -> None:
        super().__init__(why)
        self.line = line


# A page has four kinds of sections; 64 hold those of every browser version in a class, in 4 MB at the very most.
@lru_cache(maxsize=64)
def describe(kind: str, formats: tuple[str, ...], lines: tuple[str, ...], max_extensions: int) -> Description:
    """
    The description of a section of this kind and these formats; the lines are its rtpmap, fmtp, rtcp-fb and extmap,
    as they stand in the text with what separates them. Raises LineRefused.
    """
    reader = _Reader(kind, formats, max_extensions)
    for raw in lines:
        line = raw.removeprefix("\n")
        name, _, value = line[2:].partition(":")
        try:
            reader.read(name, value)
        except ValueError as error:
            raise LineRefused(line, str(error)) from None
    return reader.finish()


@dataclass(slots=True)
class _Draft:
    """A payload type of which only some lines were read; Firefox writes fmtp and rtcp-fb before rtpmap."""

    name: str = ""
    clock_rate: int = 0
    channels: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, kind: str, formats: tuple[str, ...], max_extensions: int) -> None:
        self._kind = kind
        self._max_extensions = max_extensions
        self._numbers = {int(word) for word in formats if word.isascii() and word.isdigit() and len(word) <= 3}
        self._drafts: dict[int, _Draft] = {}
        self._extensions: list[HeaderExtension] = []

    def read(self, name: str, value: str) -> None:
        if name == "rtpmap":
            self._rtpmap(value)
        elif name == "fmtp":
            self._fmtp(value)
        elif name == "rtcp-fb":
            self._feedback(value)
        elif name == "extmap":
            self._extmap(value)

    def finish(self) -> Description:
        entries = {
            pt: PayloadType(
                pt, draft.name, draft.clock_rate, draft.channels, draft.parameters, tuple(dict.fromkeys(draft.feedback))
            )
            for pt, draft in self._drafts.items()
        }
        return Description(self._kind, entries, tuple(self._extensions))

    def _rtpmap(self, value: str) -> None:
        pt, name, clock_rate, channels = attributes.rtpmap(value)
        if pt not in self._numbers:
            raise ValueError("payload type is not in the media line")
        draft = self._drafts.setdefault(pt, _Draft())
        if draft.name:
            raise ValueError("two rtpmaps for one payload type")
        draft.name, draft.clock_rate, draft.channels = name, clock_rate, channels

    def _fmtp(self, value: str) -> None:
        if self._kind not in ("audio", "video"):
            return
        pt, parameters = attributes.format_parameters(value)
        if pt in self._numbers:
            self._drafts.setdefault(pt, _Draft()).parameters = parameters

    def _feedback(self, value: str) -> None:
        pt, kind = attributes.feedback(value)
        # Firefox keeps the feedback lines of codecs that its page took out of the media line.
        for each in self._numbers if pt is None else {pt} & self._numbers:
            draft = self._drafts.setdefault(each, _Draft())
            if len(draft.feedback) < _MAX_FEEDBACK:
                draft.feedback.append(kind)

    def _extmap(self, value: str) -> None:
        if len(self._extensions) >= self._max_extensions:
            raise ValueError("too many header extensions")
        found = attributes.extmap(value)
        if any(other.number == found.number for other in self._extensions):
            raise ValueError("two header extensions have one id")
        self._extensions.append(found)
