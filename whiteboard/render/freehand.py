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
from typing import TypeVar

_TURN = math.pi + 0.0001
_CORNER_STEP = 1 / 13
_CAP_STEP = 1 / 29
_TAIL = 3.0
_LEAST_RADIUS = 0.01
_CHUNK_TURN = 1.6


_Point = TypeVar("_Point", complex, float)


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
    how far the stroke has turned there (about radians, without corners), `corners` where in both sides the half circle
    about a corner begins; `discs` are the round places at the ends and corners: (middle, radius).
    With `folds` the outline crosses itself, as the stroke has corners, bends closer than its width, or is hardly a dot:
    only the nonzero rule fills it as a browser does. `spine` and `radii` are then its middle line.
    """

    left: list[complex] = field(default_factory=list)
    right: list[complex] = field(default_factory=list)
    left_at: list[int] = field(default_factory=list)
    right_at: list[int] = field(default_factory=list)
    turn: list[float] = field(default_factory=list)
    start_cap: list[complex] = field(default_factory=list)
    end_cap: list[complex] = field(default_factory=list)
    corners: list[tuple[int, int]] = field(default_factory=list)
    discs: list[tuple[complex, float]] = field(default_factory=list)
    folds: bool = False
    spine: list[complex] = field(default_factory=list)
    radii: list[float] = field(default_factory=list)

    def points(self) -> list[complex]:
        """The closed outline as perfect-freehand returns it; fill it by the nonzero rule."""
        return [*self.left, *self.end_cap, *reversed(self.right), *self.start_cap]

    def curve(self, steps: int) -> list[complex]:
        """The closed outline as it is painted: quadratic curves through the middles of its sides, in so many steps."""
        shares = [(1 - step / steps, step / steps) for step in range(steps)]
        corners = self.points()
        line: list[complex] = []
        middle = (corners[-1] + corners[0]) / 2
        for corner, after in zip(corners, [*corners[1:], corners[0]], strict=True):
            end = (corner + after) / 2
            line += (middle * left * left + corner * (2 * left * gone) + end * gone * gone for left, gone in shares)
            middle = end
        return line

    def pieces(self) -> list[list[complex]]:
        """
        Polygons that together with `discs` cover the stroke. None crosses itself, so any fill rule will do: they end
        at each corner, where the sides change places, and where the stroke has turned far. Of a stroke that folds they
        are its segments: round where the outline itself is cut, but cheap whatever its size.
        """
        if not self.left or not self.right:
            return []
        pieces: list[list[complex]] = []
        if self.folds:
            for (one, thick), (two, thin) in pairwise(zip(self.spine, self.radii, strict=True)):
                if one != two:
                    side = (two - one) / abs(two - one) * 1j
                    pieces.append([one + side * thick, two + side * thin, two - side * thin, one - side * thick])
            return pieces
        arc = len(_CORNER) - 1
        starts = [(0, 0), *((left + arc, right + arc) for left, right in self.corners)]
        ends = [*self.corners, (len(self.left) - 1, len(self.right) - 1)]
        for (left, right), (left_end, right_end) in zip(starts, ends, strict=True):
            self._cut(slice(left, left_end + 1), slice(right, right_end + 1), pieces)
        return pieces

    def _cut(self, lefts: slice, rights: slice, pieces: list[list[complex]]) -> None:
        left, left_at = _rounded_at(self.left[lefts], self.left_at[lefts])
        right, right_at = _rounded_at(self.right[rights], self.right_at[rights])
        if not left or not right:
            return
        first, last = min(left_at[0], right_at[0]), max(left_at[-1], right_at[-1])
        if self.turn[last] - self.turn[first] < _CHUNK_TURN:
            pieces.append([*left, *reversed(right)])
            return
        while first < last:
            end = first + 1
            while end < last and self.turn[end] - self.turn[first] < _CHUNK_TURN:
                end += 1
            one, other = _between(left, left_at, first, end), _between(right, right_at, first, end)
            pieces.append([*one, *reversed(other)])
            first = end


def outline(points: Sequence[complex], pressures: Sequence[float], options: Options) -> Outline:
    """The outline of a finished stroke. `pressures`: 0 to 1 for each point, or none at all."""
    stroke = _stroke_points(points, pressures, options)
    if len(stroke.points) == 1:
        return _dot(stroke.points[0], stroke.pressures[0], options)
    return _sides(stroke, options)


def rounded(points: Sequence[_Point]) -> list[_Point]:
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


def _rounded_at(points: list[complex], places: list[int]) -> tuple[list[complex], list[int]]:
    """The same for a side, with the stroke points that its points belong to."""
    if len(points) < 3:
        return points, places
    inner = [place for place in places[1:-1] for _ in (0, 1)]
    return rounded(points), [places[0], *inner, places[-1], places[-1]]


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
    return Outline(start_cap=ring, discs=[(point, radius)])


def _sides(stroke: _Stroke, options: Options) -> Outline:
    """getStrokeOutlinePoints, without tapers and with round caps. Written for speed: a page has a million points."""
    made = Outline()
    left, right, left_at, right_at = made.left, made.right, made.left_at, made.right_at
    apart = options.size * options.smoothing
    points, vectors = stroke.points, stroke.vectors
    end = len(points) - 1
    alongs = [one.real * two.real + one.imag * two.imag for one, two in pairwise(vectors)]
    radii = [_radius(options, pressure) for pressure in stroke.pressures]
    # Of angles the sines will do; corners, where a stroke is cut anyway, do not count.
    sines = [
        abs(one.real * two.imag - one.imag * two.real) if along >= 0 else 0.0
        for (one, two), along in zip(pairwise(vectors), alongs, strict=True)
    ]
    made.turn = [0.0, *accumulate(sines)]
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
    _fold(made, stroke, radii, sines)
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
    made.discs += ((points[0], abs(made.right[0] - points[0])), (points[end], radius))
    edge = made.right[0] - points[0]
    made.start_cap = [points[0] + edge * turn for turn in _START_CAP]
    edge = vector * 1j * radius
    made.end_cap = [points[end] + edge * turn for turn in _END_CAP]


def _corner(made: Outline, index: int, point: complex, side: complex) -> tuple[complex, complex]:
    """Both sides go about a corner in half a circle."""
    made.corners.append((len(made.left), len(made.right)))
    made.discs.append((point, abs(side)))
    for turn in _CORNER:
        made.left.append(point - side * turn)
        made.left_at.append(index)
        made.right.append(point + side * turn.conjugate())
        made.right_at.append(index)
    return made.left[-1], made.right[-1]


def _fold(made: Outline, stroke: _Stroke, radii: list[float], sines: list[float]) -> None:
    """
    Notes whether the outline crosses itself: at corners, where a bend's radius, length by angle, is under the stroke's,
    and in a stroke that is shorter than wide.
    """
    lengths = (after - before for before, after in pairwise(stroke.running))
    bends = zip(sines, radii, lengths, strict=False)
    made.folds = (
        bool(made.corners)
        or stroke.running[-1] < 2 * radii[-1]
        or any(sine * radius > length for sine, radius, length in bends)
    )
    if made.folds:
        made.spine, made.radii = rounded(stroke.points), rounded(radii)
        made.discs += zip(made.spine, made.radii, strict=True)


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
