"""Rings that cross themselves, filled by the nonzero rule, row by row: Pillow's own polygons have the even-odd one."""

from collections.abc import Iterator, Sequence
from math import ceil

Span = tuple[int, int, int]
"""A row, its first pixel that is filled, and its last."""


def spans(ring: Sequence[complex], width: int, height: int) -> Iterator[Span]:
    """What of a canvas a closed ring (in its pixels) covers: the pixels whose middles lie within."""
    rows = _crossings(ring, height)
    for row in sorted(rows):
        yield from _covered(row, sorted(rows[row]), width)


def crossings(ring: Sequence[complex], height: int) -> int:
    """About how many sorted places `spans` would have to make: its cost."""
    ys = [min(max(point.imag, 0.0), height) for point in ring]
    return int(sum(abs(after - before) for before, after in zip(ys, [*ys[1:], *ys[:1]], strict=True)))


def _crossings(ring: Sequence[complex], height: int) -> dict[int, list[tuple[float, int]]]:
    """Where the ring crosses the middle of each row, and which way: 1 is downwards."""
    rows: dict[int, list[tuple[float, int]]] = {}
    start = ring[-1]
    for end in ring:
        upper, lower, way = (start, end, 1) if start.imag < end.imag else (end, start, -1)
        first, last = max(0, ceil(upper.imag - 0.5)), min(height, ceil(lower.imag - 0.5))
        if first < last:
            slope = (lower.real - upper.real) / (lower.imag - upper.imag)
            x = upper.real + (first + 0.5 - upper.imag) * slope
            for row in range(first, last):
                if row in rows:
                    rows[row].append((x, way))
                else:
                    rows[row] = [(x, way)]
                x += slope
        start = end
    return rows


def _covered(row: int, places: Sequence[tuple[float, int]], width: int) -> Iterator[Span]:
    if len(places) == 2:
        first, last = max(0, ceil(places[0][0] - 0.5)), min(width, ceil(places[1][0] - 0.5)) - 1
        if first <= last:
            yield row, first, last
        return
    turns = 0
    start = 0.0
    for x, way in places:
        if turns == 0:
            start = x
        turns += way
        if turns == 0:
            first, last = max(0, ceil(start - 0.5)), min(width, ceil(x - 0.5)) - 1
            if first <= last:
                yield row, first, last
