"""A page's document: what it gives to whom, what it survives, and how it is begun anew."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from pycrdt import Doc, Map

from tests.whiteboard.updates import (
    ANNA,
    ANNAS,
    AS_ANNA,
    AS_BO,
    AS_TUTOR,
    BO,
    BOS,
    INK,
    LIMITS,
    TUTOR,
    TUTORS,
    block,
    deletion,
    made,
    over,
    page,
    update,
)
from whiteboard import (
    ClientId,
    Epoch,
    LoggedUpdate,
    OwnedShape,
    PageDamaged,
    PageDocument,
    PageLimits,
    PageStart,
    PersonKey,
    Reason,
    Right,
    Seq,
    ShapeId,
    StoredPage,
    UpdateRefused,
    VectorRefused,
    start_page,
)
from whiteboard.leb128 import varuint

BLANK = PageDocument(Epoch(1), LIMITS, {})


def drawing() -> Callable[[], ClientId]:
    numbers: Iterator[int] = count(900)
    return lambda: ClientId(next(numbers) // 2)


def loaded(*updates: bytes) -> dict[str, bytes]:
    """What a fresh client sees after these updates."""
    doc: Doc[Map[bytes]] = Doc()
    shapes: Map[bytes] = doc.get("e", type=Map)
    for data in updates:
        doc.apply_update(data)
    return {key: bytes(value) for key, value in (shapes.to_py() or {}).items()}


def begun(start: PageStart) -> PageDocument:
    return PageDocument.restore(StoredPage(start.epoch, start.clients, start.snapshot, ()), LIMITS)


def test_an_update_is_logged_as_it_came_and_known_ones_are_not_logged_again() -> None:
    target, data = page(), update(block(BOS, 0, made("bos-aaaa")))
    assert target.receive(data, AS_BO, 77) == LoggedUpdate(Seq(5), 77, BOS, BO, data)
    assert target.receive(data, AS_BO, 78) is None
    assert target.seq == 5


def test_an_update_whose_acknowledgement_was_lost_is_known_even_after_a_lock() -> None:
    target = page()
    again = update(block(ANNAS, 1, over((ANNAS, 0))), deletes=[deletion(ANNAS, (0, 1))])
    assert target.receive(again, replace(AS_ANNA, right=Right.NONE), 9) is None


def test_the_owner_of_a_shape_is_who_wrote_it_first() -> None:
    target = page()
    target.receive(update(block(TUTORS, 2, over((ANNAS, 1), b"\x01\x01moved"))), AS_TUTOR, 9)
    assert OwnedShape(ShapeId("annas-aa"), b"\x01\x01moved", ANNA) in target.shapes()
    target.receive(update(block(ANNAS, 3, over((TUTORS, 2), b"\x01\x01back"))), AS_ANNA, 9)
    assert OwnedShape(ShapeId("annas-aa"), b"\x01\x01back", ANNA) in target.shapes()


def test_an_officer_with_all_rights_changes_everything_but_owns_nothing_of_it() -> None:
    target = page()
    shared = replace(AS_BO, right=Right.ALL)
    target.receive(update(block(BOS, 0, over((ANNAS, 1))), deletes=[deletion(TUTORS, (0, 2))]), shared, 9)
    assert {shape.id: shape.owner for shape in target.shapes()} == {"annas-aa": ANNA, "annas-bb": ANNA}


def test_a_tutor_clears_ten_thousand_shapes_by_one_short_update() -> None:
    shapes = [OwnedShape(ShapeId(f"shape-{at:05}"), INK, PersonKey(f"p{at % 30}")) for at in range(10_000)]
    target = begun(start_page(Epoch(1), shapes, drawing(), 1))
    target.bind(TUTORS, TUTOR)
    assert target.shape_count == 10_000
    lengths = {client: 334 if at < 10 else 333 for at, client in enumerate(target.clients) if client != TUTORS}
    clearing = update(deletes=[deletion(client, (0, length)) for client, length in lengths.items()])
    assert target.receive(clearing, AS_TUTOR, 2) is not None
    assert target.receive(clearing, AS_TUTOR, 3) is None
    assert target.shape_count == 0


def test_the_state_is_encoded_once_for_many_joiners() -> None:
    target = page()
    first = target.state()
    assert target.state() is first
    target.receive(update(block(BOS, 0, made("bos-aaaa"))), AS_BO, 9)
    assert loaded(target.state()).keys() == loaded(first).keys() | {"bos-aaaa"}


def test_a_client_that_was_away_gets_what_it_lacks() -> None:
    target = page()
    before, vector = target.state(), target.vector()
    target.receive(update(block(BOS, 0, made("bos-aaaa")), deletes=[deletion(BOS, (0, 1))]), AS_BO, 9)
    target.receive(update(block(TUTORS, 2, over((ANNAS, 1), b"\x01\x01moved"))), AS_TUTOR, 9)
    assert loaded(before, target.diff(vector)) == {shape.id: shape.data for shape in target.shapes()}
    assert len(target.diff(vector)) < len(before)


def test_a_client_may_know_more_than_the_server() -> None:
    target = page()
    ahead = varuint(3) + b"".join(varuint(n) for n in (ANNAS, 50, TUTORS, 1, 1_234_567, 8))
    assert loaded(target.diff(ahead)).keys() == {"tutor-bb"}


@pytest.mark.parametrize(
    "vector",
    [
        b"",
        b"\x01",
        b"\x01\x05",
        b"\x00\x00",
        b"\x02\x05\x01\x05\x02",
        b"\xff\xff\xff\xff\x0f\x01\x01",
        b"\x01" + b"\xff" * 9 + b"\x01\x01",
        b"\x01\x85\x80\x00\x01",
        varuint(20_001) + bytes(40_002),
    ],
)
def test_what_is_no_state_vector_is_refused(vector: bytes) -> None:
    with pytest.raises(VectorRefused):
        page().diff(vector)


def test_a_client_id_is_given_once() -> None:
    with pytest.raises(ValueError, match="taken"):
        page().bind(BOS, ANNA)


def test_a_page_comes_back_from_its_snapshot_and_the_log_after_it() -> None:
    target = page()
    snapshot = target.snapshot(5)
    tail = [
        target.receive(update(block(BOS, at, made(f"bos-{at:04}")), deletes=[deletion(BOS, (at, 1))]), AS_BO, at)
        for at in range(3)
    ]
    logged = [one for one in tail if one is not None]
    again = PageDocument.restore(StoredPage(Epoch(1), target.clients, snapshot, logged), LIMITS)
    assert again.seq == target.seq == 7
    assert again.snapshot(0).index == target.snapshot(0).index
    assert again.vector() == target.vector()
    assert sorted(again.shapes()) == sorted(target.shapes())
    with pytest.raises(PageDamaged):
        PageDocument.restore(StoredPage(Epoch(1), target.clients, snapshot, logged[1:]), LIMITS)
    with pytest.raises(PageDamaged):
        PageDocument.restore(StoredPage(Epoch(1), {}, snapshot, logged), LIMITS)


def test_what_was_let_in_once_is_read_back_when_limits_have_become_smaller() -> None:
    small = replace(LIMITS, shape_bytes=2, shapes=1, update_bytes=9, page_bytes=9)
    target = page()
    data = update(block(BOS, 0, made("bos-aaaa")))
    logged = target.receive(data, AS_BO, 1)
    assert logged is not None
    stored = StoredPage(Epoch(1), target.clients, replace(target.snapshot(0), seq=Seq(4)), [logged])
    assert sorted(PageDocument.restore(stored, small).shapes()) == sorted(target.shapes())


@pytest.mark.parametrize("part", ["state", "index"])
def test_a_snapshot_that_does_not_hold_together_is_noticed(part: str) -> None:
    whole, other = page().snapshot(0), BLANK.snapshot(0)
    broken = [
        replace(whole, state=other.state) if part == "state" else replace(whole, index=other.index),
        replace(whole, state=b"\xff" * 9) if part == "state" else replace(whole, index=b"\xff" * 9),
        replace(whole, state=b"\x01\x00\x05\x00\x00") if part == "state" else replace(whole, index=b""),
    ]
    for snapshot in broken:
        with pytest.raises(PageDamaged):
            PageDocument.restore(StoredPage(Epoch(1), page().clients, snapshot, ()), LIMITS)


def test_a_panic_of_the_library_is_an_update_refused() -> None:
    target = page()
    shapes = sorted(target.shapes())
    with pytest.raises(UpdateRefused) as caught:
        # What the gate lets nobody do: a client id without structs.
        target._apply(varuint(1) + varuint(0) + varuint(TUTORS) + b"\x00\x00")
    assert caught.value.reason is Reason.INVALID
    assert type(caught.value.__cause__).__name__ == "PanicException"
    assert sorted(target.shapes()) == shapes
    assert target.receive(update(block(BOS, 0, made("bos-aaaa"))), AS_BO, 9) is not None


def test_a_full_page_takes_deletions_and_then_shapes_again() -> None:
    target = page(replace(LIMITS, shapes=4))
    one_more = update(block(BOS, 0, made("bos-aaaa")))
    with pytest.raises(UpdateRefused) as caught:
        target.receive(one_more, AS_BO, 9)
    assert caught.value.reason is Reason.PAGE_FULL
    assert target.receive(update(block(ANNAS, 3, over((ANNAS, 1)))), AS_ANNA, 9) is not None
    assert target.receive(update(deletes=[deletion(ANNAS, (2, 1))]), AS_ANNA, 9) is not None
    assert target.receive(one_more, AS_BO, 9) is not None


def test_a_page_full_of_bytes_is_counted_anew_after_some_updates() -> None:
    target = page(replace(LIMITS, page_bytes=24_000))
    big = [update(block(BOS, at, made("bos-aaaa", bytes(9_000)))) for at in range(3)]
    for data in big[:2]:
        target.receive(data, AS_BO, 9)
    with pytest.raises(UpdateRefused) as caught:
        target.receive(big[2], AS_BO, 9)
    assert caught.value.reason is Reason.PAGE_FULL
    for clock in range(100):
        target.receive(update(block(TUTORS, 2 + clock, over((TUTORS, 0), b"\x01\x01"))), AS_TUTOR, 9)
    assert target.receive(big[2], AS_BO, 9) is not None


def test_a_new_epoch_has_the_same_shapes_and_owners_and_nothing_else() -> None:
    target = page(replace(LIMITS, roll_bytes=500))
    for at in range(200):
        target.receive(update(block(BOS, at, made(f"bos-{at:04}"))), AS_BO, 9)
    assert not target.worth_rolling()
    target.receive(update(deletes=[deletion(BOS, (0, 195))]), AS_BO, 9)
    assert target.worth_rolling()
    start = target.roll(drawing(), 9)
    rolled = begun(start)
    assert (rolled.epoch, rolled.seq) == (2, 0)
    assert sorted(rolled.shapes()) == sorted(target.shapes())
    assert len(set(start.clients)) == 3
    assert len(rolled.state()) < len(target.state()) / 5
    assert not rolled.worth_rolling()
    with pytest.raises(UpdateRefused):
        rolled.receive(update(block(BOS, 0, made("bos-zzzz"))), AS_BO, 9)


@pytest.mark.parametrize(
    ("limits", "worth"),
    [
        (replace(LIMITS, roll_bytes=500, known_shapes=80), True),
        (replace(LIMITS, roll_bytes=500, known_shapes=300), False),
        (replace(LIMITS, roll_bytes=500, page_bytes=3_000), True),
        (replace(LIMITS, roll_bytes=500, page_bytes=60_000), False),
        (replace(LIMITS, roll_clients=2), True),
        (replace(LIMITS, roll_clients=3), False),
    ],
)
def test_a_page_that_is_nearly_full_is_rewritten_for_less(limits: PageLimits, worth: bool) -> None:
    target = page()
    for at in range(60):
        target.receive(update(block(BOS, at, made(f"bos-{at:04}", bytes(60)))), AS_BO, 9)
    target.receive(update(deletes=[deletion(BOS, (0, 40))]), AS_BO, 9)
    stored = StoredPage(Epoch(1), target.clients, target.snapshot(9), ())
    assert PageDocument.restore(stored, limits).worth_rolling() is worth


def test_a_copy_keeps_its_owners_or_gets_a_new_one() -> None:
    target = page()
    kept, given = (begun(target.copy(Epoch(1), drawing(), 9, owner)) for owner in (None, BO))
    assert sorted(kept.shapes()) == sorted(target.shapes())
    assert {shape.owner for shape in given.shapes()} == {BO}
    assert [shape[:2] for shape in sorted(given.shapes())] == [shape[:2] for shape in sorted(target.shapes())]
