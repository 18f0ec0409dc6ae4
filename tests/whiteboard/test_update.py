"""The decoder takes what honest clients write, gives back what it was told, and refuses the rest."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.whiteboard.updates import ANNAS, LIMITS, TUTORS, block, deletion, gone, made, over, page, skip, update
from whiteboard import UpdateRefused
from whiteboard.document.update import BINARY, DELETED, MAX_CLIENT, MAX_CLOCK, SKIP, Struct, Written, decode, encode

clients = st.integers(0, MAX_CLIENT)
clocks = st.integers(0, MAX_CLOCK // 2)
ids = st.tuples(clients, clocks)
keys = st.text("abcXYZ019_-", min_size=8, max_size=22)
values = st.binary(min_size=2, max_size=300)
lengths = st.integers(1, LIMITS.deleted_run)


@st.composite
def structs(draw: st.DrawFn) -> tuple[bytes, tuple[object, ...]]:
    """A struct and what the decoder must say of it."""
    kind = draw(st.sampled_from((BINARY, DELETED, SKIP)))
    length = 1 if kind == BINARY else draw(lengths)
    if kind == SKIP:
        return skip(length), (kind, length, None, None)
    origin = draw(st.none() | ids)
    if origin is None:
        key = draw(keys)
        body = made(key, draw(values)) if kind == BINARY else b"\x21" + made(key, b"")[1:-1] + encode_length(length)
        return body, (kind, length, None, key.encode())
    body = over(origin, draw(values)) if kind == BINARY else gone(origin, length)
    if draw(st.booleans()):
        body = bytes((body[0] & ~0x20,)) + body[1:]
    return body, (kind, length, origin, None)


def encode_length(length: int) -> bytes:
    return skip(length)[1:]


@st.composite
def deleted(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    ends = sorted(draw(st.sets(clocks, min_size=2, max_size=12)))
    return draw(clients), [(a, b - a) for a, b in zip(ends[::2], ends[1::2], strict=False)]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(clients, clocks, st.lists(structs(), min_size=1, max_size=6)), max_size=4, unique_by=lambda b: b[0]
    ),
    st.lists(deleted(), max_size=4, unique_by=lambda d: d[0]),
)
def test_an_update_is_taken_apart_as_it_was_put_together(
    blocks: list[tuple[int, int, list[tuple[bytes, tuple[object, ...]]]]],
    deletes: list[tuple[int, list[tuple[int, int]]]],
) -> None:
    data = update(
        *(block(client, clock, *(body for body, _ in bodies)) for client, clock, bodies in blocks),
        deletes=[deletion(client, *ranges) for client, ranges in deletes],
    )
    found, gone_ = decode(data, LIMITS)
    assert [(client, clock) for client, clock, _ in found] == [(client, clock) for client, clock, _ in blocks]
    assert [[struct[:4] for struct in taken] for _, _, taken in found] == [
        [told for _, told in b] for _, _, b in blocks
    ]
    assert gone_ == [(client, a, a + b) for client, ranges in deletes for a, b in ranges]
    assert encode([written for each in found for written in pieces(data, *each)], gone_) == data


def pieces(data: bytes, client: int, clock: int, taken: list[Struct]) -> list[Written]:
    out = []
    for _, length, _, _, begin, end in taken:
        out.append(Written(client, clock, data[begin:end]))
        clock += length
    return out


@given(st.binary(max_size=400))
def test_random_bytes_are_an_update_or_refused(data: bytes) -> None:
    taken(data)


def taken(data: bytes) -> bool:
    try:
        decode(data, LIMITS)
    except UpdateRefused:
        return False
    return True


HONEST = update(
    block(ANNAS, 300, made("annas-aa"), over((ANNAS, 300)), gone((ANNAS, 301), 5), skip(200), made("annas-bb")),
    block(130, 0, over((7, 4_000))),
    deletes=[deletion(ANNAS, (0, 200), (301, 2)), deletion(5, (1, 1))],
)


def test_an_update_that_ends_early_is_refused() -> None:
    assert taken(HONEST)
    assert not any(taken(HONEST[:length]) for length in range(len(HONEST)))
    assert not taken(HONEST + b"\x00")


def test_changed_bytes_are_an_update_or_refused() -> None:
    seeded = random.Random(5)
    for _ in range(3_000):
        data = bytearray(HONEST)
        for _ in range(seeded.randint(1, 4)):
            data[seeded.randrange(len(data))] = seeded.getrandbits(8)
        taken(bytes(data))


def test_lengths_that_are_not_there_allocate_nothing() -> None:
    huge = b"\xff\xff\xff\xff\x07"
    for data in (
        huge + b"\x01",
        b"\x01" + huge + b"\x01\x00",
        b"\x00" + huge + b"\x05",
        b"\x00\x01\x05" + huge + b"\x01",
    ):
        assert not taken(data)


def test_a_pages_own_state_is_what_the_decoder_takes() -> None:
    found, deletes = decode(page().state(), LIMITS)
    assert {client: sum(struct[1] for struct in structs) for client, _, structs in found} == {TUTORS: 2, ANNAS: 3}
    assert deletes == [(ANNAS, 0, 1)]
