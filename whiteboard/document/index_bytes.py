"""The index of a page as bytes, for `Snapshot.index`, and back."""

import sys
from array import array
from itertools import accumulate, pairwise

from whiteboard.document.index import ClientRuns, Index
from whiteboard.document.ranges import Ranges
from whiteboard.errors import PageDamaged
from whiteboard.ids import PersonKey
from whiteboard.leb128 import NumberTooLong, read_varuint, varuint

_VERSION = 1


def pack(index: Index) -> bytes:
    """All of an index; some 25 bytes for each shape, a third of that when compressed."""
    keys = list(index.slots)
    names = [name.encode() for name in index.persons]
    out = [bytes((_VERSION,)), varuint(len(names))]
    for name in names:
        out += (varuint(len(name)), name)
    out += (varuint(len(keys)), bytes(map(len, keys)), *keys, _numbers(index.owners), varuint(len(index.clients)))
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
    # As they lie in memory: a full page is packed between two updates.
    if sys.byteorder == "big":
        values = array("I", values)
        values.byteswap()
    return varuint(len(values)) + values.tobytes()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def index(self) -> Index:
        """Reads all of it, and looks whether its parts fit each other."""
        index = Index()
        if self._number() != _VERSION:
            raise ValueError("unknown version")
        names = [PersonKey(self._bytes(self._number()).decode()) for _ in range(self._number())]
        edges = list(accumulate(self._bytes(self._number()), initial=0))
        keys = self._bytes(edges[-1])
        owners = self._numbers()
        if len(owners) != len(edges) - 1 or (owners and max(owners) >= len(names)):
            raise ValueError("not one owner for each shape")
        index.fill([keys[start:stop] for start, stop in pairwise(edges)], owners, names)
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
        found = array("I")
        found.frombytes(self._bytes(self._number() * found.itemsize))
        if sys.byteorder == "big":
            found.byteswap()
        return found
