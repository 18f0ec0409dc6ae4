"""The index of a page as bytes, for `Snapshot.index`, and back."""

import sys
from array import array
from itertools import accumulate, pairwise

from whiteboard.errors import PageDamaged
from whiteboard.ids import PersonKey
from whiteboard.index import ClientRuns, Index
from whiteboard.leb128 import NumberTooLong, read_varuint, varuint
from whiteboard.ranges import Ranges

_VERSION = 1


def pack(index: Index) -> bytes:
    """All of an index; about 20 bytes for each shape."""
    keys = list(index.slots)
    names = [name.encode() for name in index.persons]
    out = [bytes((_VERSION,)), varuint(len(names))]
    for name in names:
        out += (varuint(len(name)), name)
    out += (_numbers(array("I", map(len, keys))), *keys, _numbers(index.owners), varuint(len(index.clients)))
    for client, runs in index.clients.items():
        out += (varuint(client), varuint(runs.next))
        out += map(_numbers, (runs.starts, runs.slots, runs.gone.starts, runs.gone.stops))
    return b"".join(out)


def unpack(data: bytes) -> Index:
    """The index that was packed. Raises PageDamaged when the bytes are not those of an index."""
    try:
        return _Reader(data).index()
    except (IndexError, NumberTooLong, UnicodeDecodeError, ValueError) as error:
        raise PageDamaged("the stored index cannot be read") from error


def _numbers(values: "array[int]") -> bytes:
    code = next(code for code, most in _WIDTHS if not values or max(values) <= most)
    narrow = array(code, values)
    if sys.byteorder == "big":
        narrow.byteswap()
    return code.encode() + varuint(len(narrow)) + narrow.tobytes()


_WIDTHS = (("B", 0xFF), ("H", 0xFFFF), ("I", 0xFFFFFFFF))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def index(self) -> Index:
        """Rebuilds through the index's own methods, which keep it in order."""
        index = Index()
        if self._number() != _VERSION:
            raise ValueError("unknown version")
        names = [PersonKey(self._bytes(self._number()).decode()) for _ in range(self._number())]
        edges = list(accumulate(self._numbers(), initial=0))
        keys = self._bytes(edges[-1])
        owners = self._numbers()
        if len(owners) != len(edges) - 1:
            raise ValueError("not one owner for each shape")
        for (start, stop), owner in zip(pairwise(edges), owners, strict=True):
            index.add_shape(keys[start:stop], names[owner])
        for _ in range(self._number()):
            client = self._number()
            index.clients[client] = self._runs(len(owners))
        if self._at != len(self._data):
            raise ValueError("something follows")
        return index

    def _runs(self, slots: int) -> ClientRuns:
        runs = ClientRuns()
        runs.next = self._number()
        runs.starts = self._numbers()
        runs.slots = self._numbers()
        runs.gone = Ranges(self._numbers(), self._numbers())
        if not runs.starts or runs.starts[0] != 0 or runs.starts[-1] >= runs.next:
            raise ValueError("runs do not fit")
        if len(runs.starts) != len(runs.slots) or max(runs.slots) >= slots:
            raise ValueError("runs do not fit")
        if len(runs.gone.starts) != len(runs.gone.stops) or (runs.gone.stops and runs.gone.stops[-1] > runs.next):
            raise ValueError("deletions do not fit")
        return runs

    def _number(self) -> int:
        value, self._at = read_varuint(self._data, self._at)
        return value

    def _bytes(self, length: int) -> bytes:
        found = self._data[self._at : self._at + length]
        if len(found) != length:
            raise IndexError("the index ends too early")
        self._at += length
        return found

    def _numbers(self) -> "array[int]":
        code = self._bytes(1).decode()
        if code not in dict(_WIDTHS):
            raise ValueError("unknown width")
        narrow = array(code)
        narrow.frombytes(self._bytes(self._number() * narrow.itemsize))
        if sys.byteorder == "big":
            narrow.byteswap()
        return array("I", narrow)
