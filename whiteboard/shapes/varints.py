"""Numbers of the wire: unsigned LEB128 of at most 8 bytes, and zig-zag over it."""

import re
from array import array

from whiteboard.shapes.errors import Refusal, ShapeRefused

MAX_VARINT_BYTES = 8


class Reader:
    """Reads from the front of a shape's bytes. Every method raises ShapeRefused and nothing else."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self._data) - self._at

    def byte(self) -> int:
        """One byte."""
        if self._at >= len(self._data):
            raise ShapeRefused(Refusal.TRUNCATED, "a byte is missing")
        self._at += 1
        return self._data[self._at - 1]

    def varuint(self, most: int) -> int:
        """An unsigned number of at most `most`."""
        value = self._number()
        if value > most:
            raise ShapeRefused(Refusal.RANGE, f"{value} is over {most}")
        return value

    def varint(self, most: int) -> int:
        """A signed number within plus or minus `most`."""
        value = signed(self._number())
        if not -most <= value <= most:
            raise ShapeRefused(Refusal.RANGE, f"{value} is beyond {most}")
        return value

    def length(self, most: int) -> int:
        """A signed number that must not be negative: a width, a height."""
        value = self.varint(most)
        if value < 0:
            raise ShapeRefused(Refusal.RANGE, f"a length of {value}")
        return value

    def bytes_of(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > self.left:
            raise ShapeRefused(Refusal.TRUNCATED, f"{count} bytes are announced, {self.left} are there")
        self._at += count
        return self._data[self._at - count : self._at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.bytes_of(self.left)

    def _number(self) -> int:
        value = shift = 0
        for _ in range(MAX_VARINT_BYTES):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ShapeRefused(Refusal.NUMBER, "a number of more than 8 bytes")


def signed(value: int) -> int:
    """Undoes zig-zag."""
    return (value >> 1) ^ -(value & 1)


# Numbers of one byte, which nearly all are, as long a run as there is; or one of several bytes.
_RUNS = re.compile(rb"[\x00-\x7f]+|[\x80-\xff]+[\x00-\x7f]?")
_UNZIGGED = bytes(signed(byte & 0x7F) & 0xFF for byte in range(256))


def all_varints(data: bytes) -> list[int]:
    """
    Every number of `data`, zig-zag undone, in one pass: ink is nothing but these, and a page has a million of them.
    Raises ShapeRefused when one is too long or cut off.
    """
    values: list[int] = []
    for run in _RUNS.finditer(data):
        chunk = run.group()
        if chunk[0] < 0x80:
            values += array("b", chunk.translate(_UNZIGGED))
            continue
        if len(chunk) > MAX_VARINT_BYTES or (len(chunk) == MAX_VARINT_BYTES and chunk[-1] >= 0x80):
            raise ShapeRefused(Refusal.NUMBER, "a number of more than 8 bytes")
        if chunk[-1] >= 0x80:
            raise ShapeRefused(Refusal.TRUNCATED, "a number is cut off")
        values.append(signed(sum((byte & 0x7F) << 7 * place for place, byte in enumerate(chunk))))
    return values


def put_varuint(out: bytearray, value: int) -> None:
    """Appends an unsigned number."""
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def put_varint(out: bytearray, value: int) -> None:
    """Appends a signed number."""
    put_varuint(out, value << 1 if value >= 0 else (-value << 1) - 1)
