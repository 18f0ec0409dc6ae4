"""
Strict structural decoder of Yjs updates (format v1), and their encoder. It knows only what the whiteboard lets in:
Binary and Deleted content under one root map, Skips, and deletions. Everything else is refused before a CRDT library
sees it: that crashes on nested content and panics on empty blocks.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from whiteboard.errors import Reason, UpdateRefused
from whiteboard.leb128 import NumberTooLong, read_rest, read_varuint, varuint
from whiteboard.limits import PageLimits

DELETED = 1
BINARY = 3
SKIP = 10
"""Content kinds, the low five bits of a struct's first byte."""

MAX_CLOCK = 2**31 - 1
"""Clocks are 32 bit in one peer and doubles in the other; below this neither overflows."""
MAX_CLIENT = 2**32 - 1

ROOT = b"e"
"""The name of the page's root map."""


Struct: TypeAlias = tuple[int, int, tuple[int, int] | None, bytes | None, int, int]
"""
Kind, length in clocks, the id (client, clock) that it was written over, or else the shape's key, and where it begins
and ends in the update. A Skip has neither origin nor key. Plain tuples here and below: named ones cost a tenth of a
check.
"""

Block: TypeAlias = tuple[int, int, list[Struct]]
"""Client id, clock of its first struct, and its structs, which follow each other without a gap."""

DeleteRange: TypeAlias = tuple[int, int, int]
"""Client id, first clock, clock after the last one."""

Decoded: TypeAlias = tuple[list[Block], list[DeleteRange]]
"""An update: every client has one block at most, and its delete ranges rise and do not overlap."""

_LEAST_SHAPE = 2


def decode(data: bytes, limits: PageLimits) -> Decoded:
    """
    Takes an update apart. Raises UpdateRefused with TOO_BIG or INVALID, and nothing else; allocates no more than the
    update is long.
    """
    if len(data) > limits.update_bytes:
        raise UpdateRefused(Reason.TOO_BIG, f"an update has {limits.update_bytes} bytes at most")
    try:
        blocks, at = _blocks(data, limits)
        deletes, at = _deletes(data, at, limits)
    except IndexError:
        raise UpdateRefused(Reason.INVALID, "the update ends too early") from None
    except NumberTooLong:
        raise UpdateRefused(Reason.INVALID, "a number is too long") from None
    if at != len(data):
        raise UpdateRefused(Reason.INVALID, "something follows the update")
    return blocks, deletes


def _blocks(data: bytes, limits: PageLimits) -> tuple[list[Block], int]:
    blocks: list[Block] = []
    count, at = read_varuint(data, 0)
    if count > limits.update_clients:
        raise UpdateRefused(Reason.TOO_BIG, f"an update has structs of {limits.update_clients} client ids at most")
    room = limits.update_structs
    for _ in range(count):
        number = data[at]
        at += 1
        if number > 127:
            number, at = read_rest(data, at, number)
        client = data[at]
        at += 1
        if client > 127:
            client, at = read_rest(data, at, client)
        clock = data[at]
        at += 1
        if clock > 127:
            clock, at = read_rest(data, at, clock)
        room -= number
        if room < 0:
            raise UpdateRefused(Reason.TOO_BIG, f"an update has {limits.update_structs} structs at most")
        if number == 0:
            raise UpdateRefused(Reason.INVALID, "a client's block is empty")
        structs, at, stop = _structs(data, at, number, clock, limits)
        if client > MAX_CLIENT or stop > MAX_CLOCK:
            raise UpdateRefused(Reason.INVALID, "a client id or clock is out of range")
        blocks.append((client, clock, structs))
    if count > 1 and len({block[0] for block in blocks}) != count:
        raise UpdateRefused(Reason.INVALID, "a client id has two blocks")
    return blocks, at


def _structs(data: bytes, at: int, number: int, clock: int, limits: PageLimits) -> tuple[list[Struct], int, int]:
    structs: list[Struct] = []
    for _ in range(number):
        begin = at
        kind = _KINDS[data[at]]
        at += 1
        if kind == SKIP:
            length, at = read_varuint(data, at)
            origin = key = None
        else:
            if data[begin] & 0x80:
                key = None
                client, at = read_varuint(data, at)
                origin_clock, at = read_varuint(data, at)
                origin = (client, origin_clock)
            else:
                origin = None
                key, at = _parent(data, at)
            length = data[at]
            at += 1
            if length > 127:
                length, at = read_rest(data, at, length)
            if kind == BINARY:
                if length > limits.shape_bytes:
                    raise UpdateRefused(Reason.TOO_BIG, f"a shape has {limits.shape_bytes} bytes at most")
                if length < _LEAST_SHAPE:
                    raise UpdateRefused(Reason.INVALID, "a shape has a version and a type at least")
                at += length
                length = 1
            elif length > limits.deleted_run:
                raise UpdateRefused(Reason.TOO_BIG, f"a Deleted struct has {limits.deleted_run} clocks at most")
        if length == 0:
            raise UpdateRefused(Reason.INVALID, "a struct has no length")
        structs.append((kind, length, origin, key, begin, at))
        clock += length
    return structs, at, clock


def _parent(data: bytes, at: int) -> tuple[bytes, int]:
    if data[at : at + 3] != _PARENT:
        raise UpdateRefused(Reason.INVALID, "the parent is not the page's root map")
    length = data[at + 3]
    at += 4
    key = data[at : at + length]
    if not 8 <= length <= 22 or len(key) != length or key.translate(None, _KEY_BYTES):
        raise UpdateRefused(Reason.INVALID, "not a shape id")
    return key, at + length


_PARENT = b"\x01\x01" + ROOT
_KEY_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


class _Kinds(dict[int, int]):
    def __missing__(self, info: int) -> int:
        raise UpdateRefused(Reason.INVALID, f"struct {info:#04x} is not let in")


# The whole first byte of a struct decides. 0x20 (has a key) is set by yjs with an origin too, but not by its merges;
# 0x40 (right origin) never comes with a map.
_KINDS = _Kinds(
    {0x21: DELETED, 0x81: DELETED, 0xA1: DELETED, 0x23: BINARY, 0x83: BINARY, 0xA3: BINARY, SKIP: SKIP},
)


def _deletes(data: bytes, at: int, limits: PageLimits) -> tuple[list[DeleteRange], int]:
    deletes: list[DeleteRange] = []
    count, at = read_varuint(data, at)
    clients = set()
    for _ in range(count):
        client, at = read_varuint(data, at)
        ranges, at = read_varuint(data, at)
        if ranges == 0 or client in clients or client > MAX_CLIENT:
            raise UpdateRefused(Reason.INVALID, "a client's deletions are empty, doubled or out of range")
        if len(deletes) + ranges > limits.delete_ranges:
            raise UpdateRefused(Reason.TOO_BIG, f"an update has {limits.delete_ranges} ranges of deletions at most")
        clients.add(client)
        least = 0
        for _ in range(ranges):
            start, at = read_varuint(data, at)
            length, at = read_varuint(data, at)
            stop = start + length
            if length == 0 or start < least or stop > MAX_CLOCK:
                raise UpdateRefused(Reason.INVALID, "delete ranges are empty, out of order or out of range")
            deletes.append((client, start, stop))
            least = stop
    return deletes, at


class Written(NamedTuple):
    """A struct to be encoded: `body` is all of it, from its first byte on."""

    client: int
    clock: int
    body: bytes


def encode(structs: Sequence[Written], deletes: Iterable[DeleteRange]) -> bytes:
    """An update of structs, each client's in the order of its clocks without a gap, and of deletions."""
    blocks: dict[int, list[Written]] = {}
    for struct in structs:
        blocks.setdefault(struct.client, []).append(struct)
    out = bytearray(varuint(len(blocks)))
    # In the order that came, so that shapes get the same slots when the log is read back.
    for client, block in blocks.items():
        out += varuint(len(block)) + varuint(client) + varuint(block[0].clock)
        for struct in block:
            out += struct.body
    ranges: dict[int, list[DeleteRange]] = {}
    for deleted in deletes:
        ranges.setdefault(deleted[0], []).append(deleted)
    out += varuint(len(ranges))
    for client, found in ranges.items():
        out += varuint(client) + varuint(len(found))
        for _, start, stop in found:
            out += varuint(start) + varuint(stop - start)
    return bytes(out)


def binary_struct(key: bytes, value: bytes) -> bytes:
    """The body of a struct that writes a shape anew."""
    return b"\x23" + _PARENT + varuint(len(key)) + key + varuint(len(value)) + value


def deleted_struct(origin: tuple[int, int], length: int) -> bytes:
    """The body of a Deleted struct that was written over `origin`."""
    return b"\x81" + varuint(origin[0]) + varuint(origin[1]) + varuint(length)
