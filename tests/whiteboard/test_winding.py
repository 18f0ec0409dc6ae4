"""Rings that cross themselves: what of them is filled."""

from whiteboard.render.winding import crossings, spans

_SQUARE = [2 + 2j, 8 + 2j, 8 + 8j, 2 + 8j]


def _covered(ring: list[complex], side: int = 10) -> set[tuple[int, int]]:
    return {(x, y) for y, first, last in spans(ring, side, side) for x in range(first, last + 1)}


def test_a_ring_covers_the_pixels_whose_middles_lie_within() -> None:
    assert _covered(_SQUARE) == {(x, y) for x in range(2, 8) for y in range(2, 8)}
    assert _covered([point + 0.6 + 0.6j for point in _SQUARE]) == {(x, y) for x in range(3, 9) for y in range(3, 9)}


def test_a_ring_that_goes_round_twice_has_no_hole() -> None:
    assert _covered([*_SQUARE, *_SQUARE]) == _covered(_SQUARE)


def test_two_halves_of_an_eight_are_both_filled_although_they_turn_differently() -> None:
    eight = [1 + 1j, 9 + 9j, 1 + 9j, 9 + 1j]
    covered = _covered(eight)
    assert (5, 2) in covered
    assert (5, 7) in covered
    assert (1, 5) not in covered


def test_an_inner_ring_the_other_way_round_is_a_hole() -> None:
    inner = [4 + 4j, 4 + 6j, 6 + 6j, 6 + 4j]
    covered = _covered([*_SQUARE, _SQUARE[0], *inner, inner[0]])
    assert (5, 5) not in covered
    assert (3, 3) in covered


def test_what_lies_off_the_canvas_costs_nothing_and_paints_nothing() -> None:
    away = [point * 1_000 - 20_000 - 20_000j for point in _SQUARE]
    assert _covered(away) == set()
    assert crossings(away, 10) == 0
    huge = [point * 1_000 - 5_000 - 5_000j for point in _SQUARE]
    assert len(_covered(huge)) == 100
    assert crossings(huge, 10) == 20
