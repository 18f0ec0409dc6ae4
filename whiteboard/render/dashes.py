"""Lines cut to a page and into dashes."""

from collections.abc import Sequence
from itertools import pairwise

_SLACK = 4.0


def dashes(pieces: Sequence[tuple[float, Sequence[complex]]], pattern: tuple[float, float]) -> list[Sequence[complex]]:
    """The painted parts of lines, each with the length at which it begins; the first dash begins at 0."""
    on, off = pattern
    period = on + off
    parts: list[Sequence[complex]] = []
    for begin, points in pieces:
        along = begin % period
        part = [points[0]] if along < on else []
        for start, end in pairwise(points):
            length = abs(end - start)
            done = 0.0
            while length - done > (left := (on if along < on else period) - along):
                done += left
                place = start + (end - start) * (done / length)
                if along < on:
                    parts.append([*part, place])
                    part = []
                    along = on
                else:
                    part = [place]
                    along = 0.0
            along += length - done
            if along < on:
                part.append(end)
        if len(part) > 1:
            parts.append(part)
    return parts


def clipped(points: Sequence[complex], size: complex, width: float) -> list[tuple[float, Sequence[complex]]]:
    """
    The segments of a line that come near a page of `size`, each with the length before it: a line of a million units
    has as many dashes only where they are seen.
    """
    margin = width + _SLACK
    pieces: list[tuple[float, Sequence[complex]]] = []
    before = 0.0
    for start, end in pairwise(points):
        length = abs(end - start)
        span = _span(start, end, margin, size)
        if span is not None and length:
            first, last = (end if part == 1 else start + (end - start) * part for part in span)
            if pieces and pieces[-1][1][-1] == first:
                pieces[-1] = pieces[-1][0], [*pieces[-1][1], last]
            else:
                pieces.append((before + length * span[0], [first, last]))
        before += length
    return pieces


def _span(start: complex, end: complex, margin: float, size: complex) -> tuple[float, float] | None:
    """Which part of a segment is within the page and its margin (Liang and Barsky)."""
    way = end - start
    first, last = 0.0, 1.0
    for step, low, high in (
        (way.real, -margin - start.real, size.real + margin - start.real),
        (way.imag, -margin - start.imag, size.imag + margin - start.imag),
    ):
        if step == 0:
            if low > 0 or high < 0:
                return None
            continue
        near, far = sorted((low / step, high / step))
        first, last = max(first, near), min(last, far)
    return (first, last) if first < last else None
