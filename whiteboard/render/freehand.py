"""
The outline of a pen stroke: perfect-freehand 1.2.3 (MIT, copyright 2021 Stephen Ruiz Ltd) with the options that
layout.json leaves open. Points are complex numbers. The odd constants are its own and must stay.
"""

import math
from cmath import rect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_TURN = math.pi + 0.0001
_CORNER_STEP = 1 / 13
_CAP_STEP = 1 / 29
_TAIL = 3.0
_LEAST_RADIUS = 0.01
_CHUNK_TURN = 2.4


@dataclass(frozen=True, slots=True)
class Options:
    """`size` is the full width of a stroke at pressure 0.5; thinning 0 makes the width constant."""

    size: float
    thinning: float
    smoothing: float
    streamline: float


@dataclass(slots=True)
class Outline:
    """
    A stroke's two sides and caps. `left_at` and `right_at` say which stroke point a side's point came from, `turn`
    how far the stroke has turned there (radians, never falling), so that it can be cut into pieces which do not
    cross themselves.
    """

    left: list[complex] = field(default_factory=list)
    right: list[complex] = field(default_factory=list)
    left_at: list[int] = field(default_factory=list)
    right_at: list[int] = field(default_factory=list)
    turn: list[float] = field(default_factory=list)
    start_cap: list[complex] = field(default_factory=list)
    end_cap: list[complex] = field(default_factory=list)
    start: complex = 0j
    start_radius: float = 0.0
    end: complex = 0j
    end_radius: float = 0.0

    def points(self) -> list[complex]:
        """The closed outline as perfect-freehand returns it; fill it by the nonzero rule."""
        return [*self.left, *self.end_cap, *reversed(self.right), *self.start_cap]

    def pieces(self) -> list[list[complex]]:
        """Polygons that together cover the stroke without its caps; none crosses itself, so any fill rule will do."""
        if not self.left or not self.right:
            return []
        pieces = []
        first = 0
        last = len(self.turn) - 1
        while first < last:
            end = first + 1
            while end < last and self.turn[end] - self.turn[first] < _CHUNK_TURN:
                end += 1
            left = _between(self.left, self.left_at, first, end)
            right = _between(self.right, self.right_at, first, end)
            pieces.append([*rounded(left), *reversed(rounded(right))])
            first = end
        return pieces


def outline(points: Sequence[complex], pressures: Sequence[float], options: Options) -> Outline:
    """The outline of a finished stroke. `pressures`: 0 to 1 for each point, or none at all."""
    stroke = _stroke_points(points, pressures, options)
    if len(stroke.points) == 1:
        return _dot(stroke.points[0], stroke.pressures[0], options)
    return _sides(stroke, options)


def rounded(points: Sequence[complex]) -> list[complex]:
    """An open line with its corners cut by quadratic curves from middle to middle, two steps each."""
    if len(points) < 3:
        return list(points)
    smooth = [points[0]]
    middle = (points[0] + points[1]) / 2
    for before, after in pairwise(points[1:]):
        next_middle = (before + after) / 2
        smooth += (middle, (middle + before + before + next_middle) / 4)
        middle = next_middle
    smooth += (middle, points[-1])
    return smooth


def rounded_ring(points: Sequence[complex]) -> list[complex]:
    """The same for a closed line."""
    if len(points) < 3:
        return list(points)
    smooth: list[complex] = []
    middle = (points[-1] + points[0]) / 2
    for before, after in zip(points, [*points[1:], points[0]], strict=True):
        next_middle = (before + after) / 2
        smooth += (middle, (middle + before + before + next_middle) / 4)
        middle = next_middle
    return smooth


def _between(side: list[complex], places: list[int], first: int, last: int) -> list[complex]:
    """The part of a side that covers the stroke points from `first` to `last`: rather a point too many."""
    start = 0
    while start + 1 < len(places) and places[start + 1] <= first:
        start += 1
    end = start
    while end + 1 < len(places) and places[end] < last:
        end += 1
    while end + 1 < len(places) and places[end + 1] == last:
        end += 1
    return side[start : end + 1]


@dataclass(slots=True)
class _Stroke:
    points: list[complex]
    pressures: list[float]
    vectors: list[complex]
    running: list[float]


def _stroke_points(points: Sequence[complex], pressures: Sequence[float], options: Options) -> _Stroke:
    """getStrokePoints with last = true: the input drawn after the pen, as a streamlined line."""
    pull = 0.15 + (1 - options.streamline) * 0.85
    pressed: Sequence[float] = pressures or [0.5] * len(points)
    if len(points) == 2:
        first, last = points
        points = [first, *(first + (last - first) * (step / 4) for step in range(1, 5))]
        pressed = [pressed[0], 0.5, 0.5, 0.5, 0.5]
    elif len(points) == 1:
        points = [points[0], points[0] + (1 + 1j)]
        pressed = [pressed[0], pressed[0]]
    previous = points[0]
    stroke = _Stroke([previous], [pressed[0]], [1 + 1j], [0.0])
    reached = False
    running = 0.0
    end = len(points) - 1
    for index in range(1, end + 1):
        point = points[index] if index == end else previous + (points[index] - previous) * pull
        if point == previous:
            continue
        step = previous - point
        distance = abs(step)
        running += distance
        if index < end and not reached:
            if running < options.size:
                continue
            reached = True
        stroke.points.append(point)
        stroke.pressures.append(pressed[index])
        stroke.vectors.append(step / distance)
        stroke.running.append(running)
        previous = point
    stroke.vectors[0] = stroke.vectors[1] if len(stroke.vectors) > 1 else 0j
    return stroke


def _radius(options: Options, pressure: float) -> float:
    if not options.thinning:
        return max(_LEAST_RADIUS, options.size / 2)
    return max(_LEAST_RADIUS, options.size * (0.5 - options.thinning * (0.5 - pressure)))


def _dot(point: complex, pressure: float, options: Options) -> Outline:
    radius = _radius(options, pressure)
    edge = complex(-1, 1) / math.sqrt(2) * -radius
    ring = [point + edge * rect(1, _TURN * 2 * turn) for turn in _steps(_CORNER_STEP, _CORNER_STEP)]
    return Outline(start_cap=ring, start=point, start_radius=radius, end=point, end_radius=radius)


def _sides(stroke: _Stroke, options: Options) -> Outline:
    """getStrokeOutlinePoints, without tapers and with round caps."""
    made = Outline()
    left, right, left_at, right_at = made.left, made.right, made.left_at, made.right_at
    apart = (options.size * options.smoothing) ** 2
    points, vectors, running = stroke.points, stroke.vectors, stroke.running
    count = len(points)
    total = running[-1]
    last_left = last_right = points[0]
    before = vectors[0]
    turned = 0.0
    after_corner = False
    radius = first_radius = 0.0
    for index in range(count):
        point, vector = points[index], vectors[index]
        is_last = index == count - 1
        made.turn.append(turned)
        if not is_last and total - running[index] < _TAIL:
            continue
        radius = _radius(options, stroke.pressures[index])
        first_radius = first_radius or radius
        following = vectors[index] if is_last else vectors[index + 1]
        along = 1.0 if is_last else _dot_product(vector, following)
        turned += math.acos(max(-1.0, min(1.0, along)))
        sharp = along < 0
        if sharp or (not after_corner and _dot_product(vector, before) < 0):
            side = before * -1j * radius
            for turn in _steps(0.0, _CORNER_STEP):
                last_left = point - side * rect(1, _TURN * turn)
                last_right = point + side * rect(1, -_TURN * turn)
                left.append(last_left)
                left_at.append(index)
                right.append(last_right)
                right_at.append(index)
            after_corner = after_corner or sharp
            continue
        after_corner = False
        if is_last:
            side = vector * -1j * radius
            left.append(point - side)
            left_at.append(index)
            right.append(point + side)
            right_at.append(index)
            continue
        side = (following + (vector - following) * along) * -1j * radius
        here = point - side
        gap = last_left - here
        if index <= 1 or gap.real * gap.real + gap.imag * gap.imag > apart:
            left.append(here)
            left_at.append(index)
            last_left = here
        here = point + side
        gap = last_right - here
        if index <= 1 or gap.real * gap.real + gap.imag * gap.imag > apart:
            right.append(here)
            right_at.append(index)
            last_right = here
        before = vector
    made.start, made.start_radius = points[0], first_radius
    made.end, made.end_radius = points[-1], radius
    edge = right[0] - points[0]
    made.start_cap = [points[0] + edge * rect(1, _TURN * turn) for turn in _steps(_CORNER_STEP, _CORNER_STEP)]
    edge = -vectors[-1] * -1j * radius
    made.end_cap = [points[-1] + edge * rect(1, _TURN * 3 * turn) for turn in _steps(_CAP_STEP, _CAP_STEP) if turn < 1]
    return made


def _dot_product(one: complex, other: complex) -> float:
    return one.real * other.real + one.imag * other.imag


def _steps(first: float, step: float) -> list[float]:
    """The values of a loop that adds `step` while not over 1, with its rounding."""
    values = []
    value = first
    while value <= 1:
        values.append(value)
        value += step
    return values
