"""
The outline of a pen stroke: perfect-freehand 1.2.3 (MIT, copyright 2021 Stephen Ruiz Ltd) with the options that
layout.json leaves open. Points are complex numbers. The odd constants are its own and must stay.
"""

import math
from bisect import bisect_left, bisect_right
from cmath import rect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

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
    start = max(0, bisect_right(places, first) - 1)
    return side[start : max(bisect_right(places, last), bisect_left(places, last) + 1)]


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
    """getStrokeOutlinePoints, without tapers and with round caps. Written for speed: a page has a million points."""
    made = Outline()
    left, right, left_at, right_at = made.left, made.right, made.left_at, made.right_at
    apart = options.size * options.smoothing
    points, vectors = stroke.points, stroke.vectors
    end = len(points) - 1
    alongs = [one.real * two.real + one.imag * two.imag for one, two in pairwise(vectors)]
    radii = [_radius(options, pressure) for pressure in stroke.pressures]
    made.turn = _turns(vectors, alongs)
    drawn = bisect_right(stroke.running, stroke.running[-1] - _TAIL, hi=end)
    last_left = last_right = points[0]
    before = vectors[0]
    after_corner = False
    for index in range(drawn):
        point, vector, along = points[index], vectors[index], alongs[index]
        sharp = along < 0
        if sharp or (not after_corner and vector.real * before.real + vector.imag * before.imag < 0):
            last_left, last_right = _corner(made, index, point, before * -1j * radii[index])
            after_corner = after_corner or sharp
            continue
        after_corner = False
        following = vectors[index + 1]
        side = (following + (vector - following) * along) * -1j * radii[index]
        if index <= 1 or abs(last_left - point + side) > apart:
            last_left = point - side
            left.append(last_left)
            left_at.append(index)
        if index <= 1 or abs(last_right - point - side) > apart:
            last_right = point + side
            right.append(last_right)
            right_at.append(index)
        before = vector
    _finish(made, stroke, before, after_corner, radii)
    return made


def _finish(made: Outline, stroke: _Stroke, before: complex, after_corner: bool, radii: list[float]) -> None:
    """The last point, which may be a corner too, and the caps."""
    points, vector = stroke.points, stroke.vectors[-1]
    end = len(points) - 1
    radius = radii[end]
    if not after_corner and vector.real * before.real + vector.imag * before.imag < 0:
        _corner(made, end, points[end], before * -1j * radius)
    else:
        side = vector * -1j * radius
        made.left.append(points[end] - side)
        made.left_at.append(end)
        made.right.append(points[end] + side)
        made.right_at.append(end)
    made.start, made.start_radius = points[0], radii[0]
    made.end, made.end_radius = points[end], radius
    edge = made.right[0] - points[0]
    made.start_cap = [points[0] + edge * turn for turn in _START_CAP]
    edge = vector * 1j * radius
    made.end_cap = [points[end] + edge * turn for turn in _END_CAP]


def _corner(made: Outline, index: int, point: complex, side: complex) -> tuple[complex, complex]:
    """Both sides go about a corner in half a circle."""
    for turn in _CORNER:
        made.left.append(point - side * turn)
        made.left_at.append(index)
        made.right.append(point + side * turn.conjugate())
        made.right_at.append(index)
    return made.left[-1], made.right[-1]


def _turns(vectors: list[complex], alongs: list[float]) -> list[float]:
    """How far a stroke has turned at each point; a little less than that, but a whole half turn at a corner."""
    turns = [
        abs(one.real * two.imag - one.imag * two.real) if along >= 0 else math.pi
        for (one, two), along in zip(pairwise(vectors), alongs, strict=True)
    ]
    return [0.0, *accumulate(turns)]


def _steps(first: float, step: float) -> list[float]:
    """The values of a loop that adds `step` while not over 1, with its rounding."""
    values = []
    value = first
    while value <= 1:
        values.append(value)
        value += step
    return values


_CORNER = [rect(1, _TURN * turn) for turn in _steps(0.0, _CORNER_STEP)]
_START_CAP = [rect(1, _TURN * turn) for turn in _steps(_CORNER_STEP, _CORNER_STEP)]
_END_CAP = [rect(1, _TURN * 3 * turn) for turn in _steps(_CAP_STEP, _CAP_STEP) if turn < 1]
