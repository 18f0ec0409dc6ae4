"""Whatever an officer's hand-made update tries, it is refused for the right reason, and nothing has changed."""

from dataclasses import replace

import pytest

from tests.whiteboard.updates import (
    ANNAS,
    AS_ANNA,
    AS_BO,
    AS_TUTOR,
    BOS,
    INK,
    LIMITS,
    TUTORS,
    block,
    deletion,
    gone,
    made,
    over,
    page,
    skip,
    update,
)
from whiteboard import Author, PageLimits, Reason, Right, ShapeId, UpdateRefused
from whiteboard.leb128 import varuint


def refusal(data: bytes, author: Author = AS_BO, limits: PageLimits = LIMITS) -> Reason:
    target = page(limits)
    state, index = target.state(), target.snapshot(0).index
    with pytest.raises(UpdateRefused) as caught:
        target.receive(data, author, 9)
    assert target.snapshot(0).index == index
    assert target.vector() == page().vector()
    assert sorted(target.shapes()) == sorted(page().shapes())
    assert target.diff(b"\x00") == state
    return caught.value.reason


def test_1_somebody_elses_client_id_is_refused() -> None:
    assert refusal(update(block(ANNAS, 3, made("bos-aaaa")))) is Reason.INVALID


def test_1_a_client_id_that_was_never_given_is_refused() -> None:
    assert refusal(update(block(BOS + 1, 0, made("bos-aaaa")))) is Reason.INVALID


@pytest.mark.parametrize(
    "struct",
    [over((ANNAS, 1)), over((ANNAS, 0)), over((TUTORS, 1)), gone((ANNAS, 1), 2), made("annas-aa"), made("tutor-bb")],
)
def test_2_writing_over_somebody_elses_shape_is_refused(struct: bytes) -> None:
    assert refusal(update(block(BOS, 0, struct))) is Reason.NOT_OWNER


def test_2_writing_over_it_behind_an_own_shape_is_refused() -> None:
    assert refusal(update(block(BOS, 0, made("bos-aaaa"), over((BOS, 0)), over((ANNAS, 1))))) is Reason.NOT_OWNER


def test_3_deleting_somebody_elses_shape_is_refused() -> None:
    assert refusal(update(deletes=[deletion(TUTORS, (1, 1))])) is Reason.NOT_OWNER


def test_3_deleting_it_in_the_midst_of_own_shapes_is_refused() -> None:
    data = update(block(BOS, 0, made("bos-aaaa")), deletes=[deletion(BOS, (0, 1)), deletion(ANNAS, (0, 3))])
    assert refusal(data) is Reason.NOT_OWNER


@pytest.mark.parametrize("root", [b"f", b"", b"ee", b"meta"])
def test_4_another_root_is_refused(root: bytes) -> None:
    struct = b"\x23\x01" + varuint(len(root)) + root + b"\x08bos-aaaa" + varuint(len(INK)) + INK
    assert refusal(update(block(BOS, 0, struct))) is Reason.INVALID


@pytest.mark.parametrize(
    "struct",
    [
        b"\x27\x01\x01e\x08bos-aaaa\x01",  # a Y.Map
        b"\x07\x01\x01e\x00",  # a Y.Array in the root as a list
        b"\x23\x00\x00\x00\x08bos-aaaa\x01a",  # inside of another type, by its id
        b"\x29\x01\x01e\x08bos-aaaa\x00\x76\x00",  # a subdocument
        b"\x24\x01\x01e\x08bos-aaaa\x01a",  # a string
        b"\x63\x00\x00\x01\x01e\x08bos-aaaa\x01a",  # right of something
        b"\x03\x01\x01e\x01a",  # without a key
        b"\x00\x05",  # collected garbage
    ],
)
def test_5_a_nested_type_or_other_content_is_refused(struct: bytes) -> None:
    assert refusal(update(block(BOS, 0, struct))) is Reason.INVALID


def test_6_writing_on_a_locked_page_is_refused() -> None:
    locked = replace(AS_BO, right=Right.NONE)
    assert refusal(update(block(BOS, 0, made("bos-aaaa"))), locked) is Reason.LOCKED
    assert refusal(update(block(BOS, 1, made("bos-bbbb"))), locked) is Reason.LOCKED
    assert refusal(update(deletes=[deletion(ANNAS, (2, 1))]), locked) is Reason.LOCKED
    assert refusal(update(deletes=[deletion(ANNAS, (2, 1))]), replace(locked, viewer=True)) is Reason.READ_ONLY


def test_6_even_a_tutor_does_not_write_on_a_locked_page() -> None:
    assert refusal(update(block(TUTORS, 2, made("tutor-cc"))), replace(AS_TUTOR, right=Right.NONE)) is Reason.LOCKED


@pytest.mark.parametrize(
    "data",
    [
        update(block(BOS, 1, made("bos-aaaa"))),
        update(block(BOS, 0, made("bos-aaaa"), skip(3), made("bos-bbbb"))),
        update(block(BOS, 0, skip(1))),
        update(block(BOS, 0, over((BOS, 1)), over((BOS, 0)))),
        update(block(BOS, 0, over((ANNAS, 3)))),
        update(block(BOS, 0, over((999, 0)))),
    ],
)
def test_7_a_gap_in_clocks_or_an_unknown_origin_is_refused(data: bytes) -> None:
    assert refusal(data) is Reason.GAP


@pytest.mark.parametrize(
    "data",
    [
        update(block(BOS, 0, made("bos-aaaa", bytes(16_385)))),
        update(block(BOS, 0, *(made(f"bos-{i:04}", bytes(16_000)) for i in range(5)))),
        update(block(BOS, 0, made("bos-aaaa"), *(over((BOS, i)) for i in range(256)))),
        update(block(BOS, 0, gone((BOS, 0), 16_385))),
        update(deletes=[deletion(ANNAS, *((at, 1) for at in range(4_097)))]),
        varuint(17) + b"".join(block(BOS + i, 0, made("bos-aaaa")) for i in range(17)) + b"\x00",
    ],
)
def test_8_an_oversized_update_is_refused(data: bytes) -> None:
    assert refusal(data) is Reason.TOO_BIG


@pytest.mark.parametrize("opener", [b"\x75\x01", b"\x76\x01\x01a"])
def test_9_a_bomb_of_nested_values_is_refused(opener: bytes) -> None:
    bomb = b"\x28\x01\x01e\x08bos-aaaa\x01" + opener * (60_000 // len(opener)) + b"\x7e"
    assert refusal(update(block(BOS, 0, bomb))) is Reason.INVALID


@pytest.mark.parametrize("client", [ANNAS, BOS])
def test_10_a_client_without_structs_is_refused(client: int) -> None:
    assert refusal(update(block(client, 0))) is Reason.INVALID


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\xff" * 40,
        update() + b"\x00",
        update(block(BOS, 0, made("bos-aaaa")), block(BOS, 1, made("bos-bbbb"))),
        update(block(BOS, 0, made("bos-aaaa")))[:-20],
        update(block(BOS, 0, made("bos-aaa"))),
        update(block(BOS, 0, made("b" * 23))),
        update(block(BOS, 0, made("bos-äää"))),
        update(block(BOS, 0, made("bos/../a"))),
        update(block(BOS, 0, made("bos-aaaa", b""))),
        update(block(BOS, 2**31 - 1, made("bos-aaaa"))),
        update(block(2**32, 0, made("bos-aaaa"))),
        update(block(BOS, 0, skip(0), made("bos-aaaa"))),
        b"\x01\x01\xa0\x9c\x81\x00\x00" + made("bos-aaaa") + b"\x00",
        update(deletes=[deletion(ANNAS)]),
        update(deletes=[deletion(ANNAS, (0, 0))]),
        update(deletes=[deletion(ANNAS, (1, 1), (0, 1))]),
        update(deletes=[deletion(ANNAS, (0, 2), (1, 1))]),
        update(deletes=[deletion(ANNAS, (0, 1)), deletion(ANNAS, (1, 1))]),
        update(deletes=[deletion(ANNAS, (0, 2**31))]),
    ],
)
def test_what_no_honest_client_writes_is_refused(data: bytes) -> None:
    assert refusal(data) is Reason.INVALID


def test_deleting_a_huge_range_is_refused_even_of_a_tutor() -> None:
    assert refusal(update(deletes=[deletion(ANNAS, (0, 2**31 - 1))]), AS_TUTOR) is Reason.GAP
    assert refusal(update(deletes=[deletion(12345, (0, 1))]), AS_TUTOR) is Reason.GAP


def test_client_ids_that_build_on_each_other_in_a_circle_are_refused() -> None:
    target = page()
    target.bind(anothers := type(BOS)(BOS + 1), AS_BO.person)
    with pytest.raises(UpdateRefused) as caught:
        target.receive(update(block(BOS, 0, over((anothers, 0))), block(anothers, 0, over((BOS, 0)))), AS_BO, 9)
    assert caught.value.reason is Reason.GAP


def test_another_content_for_a_known_clock_reaches_nobody() -> None:
    target = page()
    state = target.state()
    assert target.receive(update(block(ANNAS, 2, made("annas-bb", b"\x01\x01forged"))), AS_ANNA, 9) is None
    logged = target.receive(
        update(block(ANNAS, 2, over((TUTORS, 0), b"\x01\x01forged"), made("annas-cc"))), AS_ANNA, 10
    )
    assert logged is not None
    assert logged.data == update(block(ANNAS, 3, made("annas-cc")))
    assert target.state() != state
    assert {shape.id: shape.data for shape in target.shapes()}[ShapeId("annas-bb")] == INK


@pytest.mark.parametrize("limits", [replace(LIMITS, shapes=4), replace(LIMITS, known_shapes=4)])
def test_too_many_shapes_fill_a_page(limits: PageLimits) -> None:
    assert refusal(update(block(BOS, 0, made("bos-aaaa"))), limits=limits) is Reason.PAGE_FULL


def test_too_many_bytes_fill_a_page() -> None:
    small = replace(LIMITS, page_bytes=page().byte_count + 100)
    assert refusal(update(block(BOS, 0, made("bos-aaaa", bytes(200)))), limits=small) is Reason.PAGE_FULL
