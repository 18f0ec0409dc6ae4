"""Ranges and the index against models that remember every clock by itself; their bytes; their size."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteboard import PageDamaged, PersonKey
from whiteboard.document.index import Index
from whiteboard.document.index_bytes import pack, unpack
from whiteboard.document.ranges import Ranges

some_ranges = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=30)


@given(some_ranges, st.integers(0, 70), st.integers(1, 20))
def test_ranges_know_what_was_added(added: list[tuple[int, int]], start: int, length: int) -> None:
    ranges, model = Ranges(), set[int]()
    for first, count in added:
        ranges.add(first, first + count)
        model.update(range(first, first + count))
    missing = [clock for a, b in ranges.missing(start, start + length) for clock in range(a, b)]
    assert missing == [clock for clock in range(start, start + length) if clock not in model]
    edges = [edge for pair in zip(ranges.starts, ranges.stops, strict=True) for edge in pair]
    assert edges == sorted(set(edges)), "ranges overlap, touch or are out of order"


writes = st.lists(
    st.tuples(st.sampled_from((3, 9, 4_000_000_000)), st.integers(1, 4), st.integers(0, 6), st.sampled_from("abc")),
    max_size=40,
)


def filled(writing: list[tuple[int, int, int, str]]) -> tuple[Index, dict[tuple[int, int], bytes], dict[bytes, str]]:
    index, model, owners = Index(), dict[tuple[int, int], bytes](), dict[bytes, str]()
    for client, length, shape, person in writing:
        key = b"shape-%02d" % shape
        if key not in owners:
            owners[key] = person
            index.add_shape(key, PersonKey(person))
        start = index.next_clock(client)
        index.add_run(client, start, start + length, index.slots[key])
        model.update({(client, start + i): key for i in range(length)})
        if length > 2:
            index.add_deleted(client, start, start + 2)
    return index, model, owners


@given(writes)
def test_the_index_knows_what_every_clock_wrote_and_survives_its_bytes(
    writing: list[tuple[int, int, int, str]],
) -> None:
    index, model, owners = filled(writing)
    for found in (index, unpack(pack(index))):
        assert pack(found) == pack(index)
        keys = list(found.slots)
        assert {key: found.owner_of(key) for key in keys} == owners
        for (client, clock), key in model.items():
            slot = found.slot_at(client, clock)
            assert slot is not None
            assert keys[slot] == key
        for client in (3, 9, 4_000_000_000, 5):
            stop = found.next_clock(client)
            assert stop == sum(one == client for one, _ in model)
            assert found.slot_at(client, stop) is None
            if stop > 2:
                between = [keys[slot] for slot in found.slots_between(client, 1, stop)]
                clocks = [model[client, clock] for clock in range(1, stop)]
                assert between == [key for at, key in enumerate(clocks) if at == 0 or clocks[at - 1] != key]


@given(writes, st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_index_is_noticed_or_still_an_index(
    writing: list[tuple[int, int, int, str]], at: int, byte: int
) -> None:
    data = bytearray(pack(filled(writing)[0]))
    data[at % len(data)] = byte
    try:
        unpack(bytes(data))
    except PageDamaged:
        return


def test_a_truncated_index_is_damaged() -> None:
    data = pack(filled([(3, 2, 1, "a"), (9, 4, 2, "b"), (3, 1, 2, "a")])[0])
    for length in range(len(data)):
        with pytest.raises(PageDamaged):
            unpack(data[:length])


def test_a_shape_costs_less_than_250_bytes_with_its_owner() -> None:
    seeded = random.Random(1)
    keys = [seeded.randbytes(6).hex().encode() for _ in range(10_000)]
    tracemalloc.start()
    index = Index()
    for at, key in enumerate(keys):
        client = at % 20
        start = index.next_clock(client)
        # As from the network: the key's bytes are the index's own.
        index.add_run(client, start, start + 1, index.add_shape(bytes(bytearray(key)), PersonKey(f"person-{client}")))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(keys) < 250
    assert len(pack(index)) / len(keys) < 40
