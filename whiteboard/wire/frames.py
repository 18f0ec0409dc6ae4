"""
The binary messages of docs/protocol.md section 3.3. The server reads 0x01 and 0x02 and writes the others; their readers
are for tests, load and replay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from whiteboard.ids import Epoch, PageNumber, Seq
from whiteboard.ports import LoggedUpdate

UPDATE = 0x01
LIVE = 0x02
UPDATES = 0x11
LIVES = 0x12
ACK = 0x13
STATE = 0x14

MESSAGE_BYTES = 262_144
"""No message of either side is longer, but a state (0x14)."""

_NUMBER_BYTES = 8

_TAIL_BYTES = 131_072
"""A message of many log entries is closed when it has so many bytes."""


class FrameBroken(ValueError):
    """The bytes are no message of this protocol."""


class LiveKind(IntEnum):
    """What a live message tells."""

    POINTER = 1
    LASER = 2
    GONE = 3
    INK = 4
    VIEW = 5
    HELD = 6
    DRAG = 7


class Coding(IntEnum):
    """How the document in a state is packed."""

    PLAIN = 0
    ZLIB = 1


@dataclass(frozen=True, slots=True)
class UpdateFrame:
    """0x01: update `n` of its connection on a page."""

    page: PageNumber
    epoch: Epoch
    n: int
    update: bytes


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """0x02: something that is not kept. The payload is passed on unread: only its author's right and size count."""

    page: PageNumber
    kind: LiveKind
    payload: bytes


@dataclass(frozen=True, slots=True)
class UpdatesFrame:
    """0x11: consecutive updates; b"" stands for an own one of who gets this."""

    page: PageNumber
    epoch: Epoch
    first: Seq
    updates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LivesFrame:
    """0x12: what actors did last, (actor, live kind, payload)."""

    page: PageNumber
    lives: tuple[tuple[int, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class AckFrame:
    """0x13: the connection's updates up to `n` are stored, the newest under `seq`."""

    page: PageNumber
    epoch: Epoch
    n: int
    seq: Seq


@dataclass(frozen=True, slots=True)
class StateFrame:
    """0x14: the document up to `seq`, or what the state vector lacked."""

    page: PageNumber
    epoch: Epoch
    seq: Seq
    coding: Coding
    data: bytes


ClientFrame: TypeAlias = UpdateFrame | LiveFrame
ServerFrame: TypeAlias = UpdatesFrame | LivesFrame | AckFrame | StateFrame


def read_client(message: bytes) -> ClientFrame:
    """What a client sent. Raises FrameBroken, and nothing else."""
    try:
        kind = message[0]
        page, at = _read(message, 1)
        if kind == UPDATE:
            epoch, at = _read(message, at)
            n, at = _read(message, at)
            return UpdateFrame(PageNumber(page), Epoch(epoch), n, message[at:])
        if kind == LIVE:
            return LiveFrame(PageNumber(page), _live_kind(message[at]), message[at + 1 :])
    except IndexError:
        raise FrameBroken("the message is cut off") from None
    raise FrameBroken(f"clients send no kind {kind}")


def read_server(message: bytes) -> ServerFrame:
    """What the server sent. Raises FrameBroken, and nothing else."""
    try:
        kind = message[0]
        number, at = _read(message, 1)
        page = PageNumber(number)
        if kind == LIVES:
            return LivesFrame(page, tuple(_read_lives(message, at)))
        number, at = _read(message, at)
        epoch = Epoch(number)
        number, at = _read(message, at)
        if kind == UPDATES:
            return UpdatesFrame(page, epoch, Seq(number), tuple(_read_updates(message, at)))
        if kind == STATE:
            return StateFrame(page, epoch, Seq(number), _coding(message[at]), message[at + 1 :])
        if kind == ACK:
            seq, at = _read(message, at)
            if at != len(message):
                raise FrameBroken("bytes follow the ack")
            return AckFrame(page, epoch, number, Seq(seq))
    except IndexError:
        raise FrameBroken("the message is cut off") from None
    raise FrameBroken(f"the server sends no kind {kind}")


def write(frame: ClientFrame | ServerFrame) -> bytes:
    """The bytes of any message."""
    if isinstance(frame, UpdateFrame):
        return _head(UPDATE, frame.page, frame.epoch, frame.n) + frame.update
    if isinstance(frame, LiveFrame):
        return _head(LIVE, frame.page) + bytes((frame.kind,)) + frame.payload
    if isinstance(frame, UpdatesFrame):
        return updates_message(frame.page, frame.epoch, frame.first, frame.updates)
    if isinstance(frame, LivesFrame):
        return lives_message(frame.page, (live_entry(*live) for live in frame.lives))
    if isinstance(frame, AckFrame):
        return _head(ACK, frame.page, frame.epoch, frame.n, frame.seq)
    return state_message(frame.page, frame.epoch, frame.seq, frame.coding, frame.data)


def updates_message(page: PageNumber, epoch: Epoch, first: Seq, updates: Sequence[bytes]) -> bytes:
    """0x11."""
    out = bytearray(_head(UPDATES, page, epoch, first))
    for update in updates:
        _put(out, len(update))
        out += update
    return bytes(out)


def log_messages(page: PageNumber, epoch: Epoch, tail: Sequence[LoggedUpdate]) -> list[bytes]:
    """0x11 of consecutive log entries, in as many messages as clients take."""
    messages = []
    begin = size = 0
    for at, logged in enumerate(tail):
        size += len(logged.data)
        if size >= _TAIL_BYTES or at == len(tail) - 1:
            messages.append(updates_message(page, epoch, tail[begin].seq, [one.data for one in tail[begin : at + 1]]))
            begin, size = at + 1, 0
    return messages


def lives_message(page: PageNumber, entries: Iterable[bytes]) -> bytes:
    """0x12 of entries made by `live_entry`."""
    return _head(LIVES, page) + b"".join(entries)


def live_entry(actor: int, kind: int, payload: bytes) -> bytes:
    """One entry of 0x12."""
    out = bytearray()
    _put(out, actor)
    out.append(kind)
    _put(out, len(payload))
    return bytes(out + payload)


def ack_message(page: PageNumber, epoch: Epoch, n: int, seq: Seq) -> bytes:
    """0x13."""
    return _head(ACK, page, epoch, n, seq)


def state_message(page: PageNumber, epoch: Epoch, seq: Seq, coding: Coding, data: bytes) -> bytes:
    """0x14."""
    return _head(STATE, page, epoch, seq) + bytes((coding,)) + data


def _read_updates(message: bytes, at: int) -> Iterable[bytes]:
    while at < len(message):
        length, at = _read(message, at)
        if length > len(message) - at:
            raise FrameBroken("an update is cut off")
        yield message[at : at + length]
        at += length


def _read_lives(message: bytes, at: int) -> Iterable[tuple[int, int, bytes]]:
    while at < len(message):
        actor, at = _read(message, at)
        kind = message[at]
        length, at = _read(message, at + 1)
        if length > len(message) - at:
            raise FrameBroken("a live message is cut off")
        yield actor, kind, message[at : at + length]
        at += length


def _live_kind(value: int) -> LiveKind:
    try:
        return LiveKind(value)
    except ValueError:
        raise FrameBroken(f"there is no live kind {value}") from None


def _coding(value: int) -> Coding:
    try:
        return Coding(value)
    except ValueError:
        raise FrameBroken(f"there is no coding {value}") from None


def _head(kind: int, *numbers: int) -> bytes:
    out = bytearray((kind,))
    for number in numbers:
        _put(out, number)
    return bytes(out)


def _put(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def _read(data: bytes, at: int) -> tuple[int, int]:
    """The number at an index, and the index after it. Raises IndexError at the end of the data."""
    value = data[at]
    if value < 128:
        return value, at + 1
    value &= 127
    for place in range(1, _NUMBER_BYTES):
        byte = data[at + place]
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    raise FrameBroken(f"a number has {_NUMBER_BYTES} bytes at most")
