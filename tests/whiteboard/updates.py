"""Yjs updates written by hand, honest and not, and a page with three people for them."""

from collections.abc import Iterable

from whiteboard import (
    Author,
    ClientId,
    Epoch,
    PageDocument,
    PageLimits,
    PersonKey,
    Right,
)
from whiteboard.leb128 import varuint

LIMITS = PageLimits()
TUTOR, ANNA, BO = PersonKey("tutor"), PersonKey("anna"), PersonKey("bo")
TUTORS, ANNAS, ANNAS_OLD, BOS = ClientId(7), ClientId(4_000_000_001), ClientId(300), ClientId(20_000)
AS_TUTOR = Author(TUTOR, TUTORS, Right.ALL)
AS_ANNA = Author(ANNA, ANNAS, Right.OWN)
AS_BO = Author(BO, BOS, Right.OWN)
INK = bytes.fromhex("0101000100ff04ff01") + b"a0" + bytes(30)

Id = tuple[int, int]


def made(key: str, value: bytes = INK) -> bytes:
    """A struct that writes a shape by its key."""
    return b"\x23\x01\x01e" + varuint(len(key)) + key.encode() + varuint(len(value)) + value


def over(origin: Id, value: bytes = INK) -> bytes:
    """A struct that writes over another one."""
    return b"\xa3" + varuint(origin[0]) + varuint(origin[1]) + varuint(len(value)) + value


def gone(origin: Id, length: int) -> bytes:
    """A Deleted struct: what a transaction wrote and wrote over itself."""
    return b"\xa1" + varuint(origin[0]) + varuint(origin[1]) + varuint(length)


def skip(length: int) -> bytes:
    """A Skip: a hole in a merged update."""
    return b"\x0a" + varuint(length)


def block(client: int, clock: int, *structs: bytes) -> bytes:
    """All structs of one client id."""
    return varuint(len(structs)) + varuint(client) + varuint(clock) + b"".join(structs)


def deletion(client: int, *ranges: Id) -> bytes:
    """Deletions of one client id's structs: (clock, length)."""
    return varuint(client) + varuint(len(ranges)) + b"".join(varuint(a) + varuint(b) for a, b in ranges)


def update(*blocks: bytes, deletes: Iterable[bytes] = ()) -> bytes:
    """A whole update."""
    ends = list(deletes)
    return varuint(len(blocks)) + b"".join(blocks) + varuint(len(ends)) + b"".join(ends)


def page(limits: PageLimits = LIMITS) -> PageDocument:
    """
    A page on which the tutor has written `tutor-aa` and `tutor-bb`, Anna `annas-aa` (twice) and `annas-bb`, Bo nothing.
    """
    found = PageDocument(Epoch(1), limits, {TUTORS: TUTOR, ANNAS: ANNA, ANNAS_OLD: ANNA, BOS: BO})
    found.receive(update(block(TUTORS, 0, made("tutor-aa"), made("tutor-bb"))), AS_TUTOR, 1)
    found.receive(update(block(ANNAS, 0, made("annas-aa"))), AS_ANNA, 2)
    found.receive(update(block(ANNAS, 1, over((ANNAS, 0))), deletes=[deletion(ANNAS, (0, 1))]), AS_ANNA, 3)
    found.receive(update(block(ANNAS, 2, made("annas-bb"))), AS_ANNA, 4)
    return found
