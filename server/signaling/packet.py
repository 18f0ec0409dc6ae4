"""The door of signalling: which text a client may send at all. Pure; nothing raises but FrameRefused."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

_INT_DIGITS = 16
_ID_DIGITS = 15
_EVENT_NAME = re.compile(r"[a-z_]{1,32}")
# Names that Socket.IO gives a meaning of its own: as an event they would reach the handlers of that meaning.
_RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting"})


class FrameFault(StrEnum):
    """Why a frame is refused; also the label in the metrics."""

    BINARY = "binary"
    TYPE = "type"
    SIZE = "size"
    DEPTH = "depth"
    JSON = "json"
    NAMESPACE = "namespace"
    RATE = "rate"


class FrameRefused(Exception):
    """A frame that no client of ours sends: the socket is closed."""

    def __init__(self, fault: FrameFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Bounds of one message."""

    message_bytes: int
    depth: int


def check_frame(data: object, limits: FrameLimits) -> str:
    """
    A WebSocket message as Engine.IO 4 text: a pong, a close, or a Socket.IO packet of the main namespace without
    attachments, not nested deeper than allowed. Raises FrameRefused.
    """
    if not isinstance(data, str):
        raise FrameRefused(FrameFault.BINARY)
    if len(data) > limits.message_bytes or len(data.encode("utf-8", "surrogatepass")) > limits.message_bytes:
        raise FrameRefused(FrameFault.SIZE)
    if data in ("1", "3"):
        return data
    # 40 connect, 41 disconnect, 42 event; 43 (ack) answers what we never ask, 45 and 46 announce attachments.
    if data[:2] not in ("40", "41", "42"):
        raise FrameRefused(FrameFault.BINARY if data[:2] in ("45", "46") else FrameFault.TYPE)
    if _depth(data, limits.depth) > limits.depth:
        raise FrameRefused(FrameFault.DEPTH)
    return data


class TextPacket(Packet):  # type: ignore[misc]  # the library has no types
    """A Socket.IO packet without attachments, whose JSON is bounded."""

    uses_binary_events = False

    def decode(self, encoded_packet: object) -> int:
        """Fills the packet from text; 0 attachments. Raises FrameRefused."""
        if not isinstance(encoded_packet, str) or encoded_packet[:1] not in ("0", "1", "2"):
            raise FrameRefused(FrameFault.TYPE)
        self.packet_type = int(encoded_packet[0])
        self.namespace = None
        self.data = None
        rest = encoded_packet[1:]
        if rest[:1] == "/":
            raise FrameRefused(FrameFault.NAMESPACE)
        digits = len(rest) - len(rest.lstrip("0123456789"))
        if digits > _ID_DIGITS:
            raise FrameRefused(FrameFault.JSON)
        if digits:
            self.id = int(rest[:digits])
        if rest[digits:]:
            self.data = parse_json(rest[digits:])
        self._check_shape()
        return 0

    def _check_shape(self) -> None:
        if self.packet_type == EVENT:
            data = self.data
            if not isinstance(data, list) or not 1 <= len(data) <= 2 or not isinstance(data[0], str):
                raise FrameRefused(FrameFault.JSON)
            if not _EVENT_NAME.fullmatch(data[0]) or data[0] in _RESERVED:
                raise FrameRefused(FrameFault.TYPE)
        elif self.packet_type == CONNECT:
            if self.data is not None and not isinstance(self.data, dict):
                raise FrameRefused(FrameFault.JSON)
        elif self.packet_type == DISCONNECT and self.data is not None:
            raise FrameRefused(FrameFault.JSON)


def parse_json(text: str) -> Any:
    """JSON with bounded integers and without NaN. Its depth was checked before. Raises FrameRefused."""
    try:
        return json.loads(text, parse_int=_int, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise FrameRefused(FrameFault.JSON) from None


def _int(digits: str) -> int:
    # Conversion of long digit strings takes quadratic time; ours are sizes and times.
    if len(digits) > _INT_DIGITS:
        raise FrameRefused(FrameFault.JSON)
    return int(digits)


def _refuse_constant(_name: str) -> NoReturn:
    raise FrameRefused(FrameFault.JSON)


# Possessive, so that an unfinished string of any shape takes linear time.
_MARKS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[{]|[\]}]', re.DOTALL)


def _depth(text: str, allowed: int) -> int:
    """The deepest nesting of brackets outside of strings, or an upper bound of it that is allowed."""
    # Nearly every message has fewer brackets than it may have levels: an offer's 30 kB are one string, and beside it
    # there is one for each of its 17 sections.
    opened = text.count("[") + text.count("{")
    if opened <= allowed:
        return opened
    deepest = depth = 0
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest
