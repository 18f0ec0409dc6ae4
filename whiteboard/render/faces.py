"""The faces of board text: which one sets a character, its glyphs and their outlines, in ems with y downwards."""

import io
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import category

import uharfbuzz as hb
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "fonts"
_CURVE_STEPS = 5
_STAYS = frozenset({"Mn", "Mc", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph and where its origin stands from the run's; `advance` and places in ems, `cluster` indexes the text."""

    number: int
    x: float
    y: float
    advance: float
    cluster: int


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed contour; `solid` says that it fills, else it is a hole."""

    solid: bool
    points: tuple[complex, ...]


class Face:
    """One font file, unpacked when first used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = _unpacked(path)
        self._font = hb.Font(hb.Face(hb.Blob(self.data)))
        self._em = float(self._font.face.upem)
        self._rings: dict[int, tuple[Ring, ...]] = {}

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    def has(self, character: str) -> bool:
        """Whether there is a glyph for it."""
        return self._font.get_nominal_glyph(ord(character)) is not None

    def shape(self, text: str, right_to_left: bool) -> list[Glyph]:
        """The glyphs of a run from left to right. What is not in the face is its box."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if right_to_left else "ltr"
        hb.shape(self._font, buffer)
        glyphs = []
        x = 0.0
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            at = x + place.x_offset / self._em
            glyphs.append(
                Glyph(info.codepoint, at, -place.y_offset / self._em, place.x_advance / self._em, info.cluster)
            )
            x += place.x_advance / self._em
        return glyphs

    def rings(self, glyph: int) -> tuple[Ring, ...]:
        """A glyph's contours, the largest first, so that painting them in order is the nonzero rule."""
        found = self._rings.get(glyph)
        if found is None:
            pen = _RingPen(self._em)
            self._font.draw_glyph_with_pen(glyph, pen)
            found = self._rings[glyph] = pen.rings()
        return found


def face_for(character: str, bold: bool, before: Face | None = None) -> Face:
    """The face that sets a character; marks and joiners stay with the face `before` them where it has them."""
    if before is not None and category(character) in _STAYS and before.has(character):
        return before
    return _face(_file_for(ord(character), bold))


def faces_of(text: str, bold: bool) -> Iterator[tuple[Face, int, int]]:
    """The text cut into stretches of one face: (face, start, end)."""
    current: Face | None = None
    start = 0
    for index, character in enumerate(text):
        face = face_for(character, bold, current)
        if face is not current:
            if current is not None:
                yield current, start, index
            current, start = face, index
    if current is not None:
        yield current, start, len(text)


@dataclass(frozen=True, slots=True)
class _Table:
    """Ranges of one weight in order: `starts[n]` to `ends[n]` are in `files[n]`."""

    starts: list[int]
    ends: list[int]
    files: list[str]

    def file_of(self, code: int) -> str | None:
        place = bisect_right(self.starts, code) - 1
        if place >= 0 and code <= self.ends[place]:
            return self.files[place]
        return None


@cache
def _tables() -> dict[bool, _Table]:
    faces = json.loads((FOLDER / "fonts.json").read_text(encoding="utf-8"))["faces"]
    tables = {}
    for bold, weight in ((False, 400), (True, 700)):
        rows = sorted(
            (start, end, face["file"]) for face in faces if face["weight"] == weight for start, end in face["ranges"]
        )
        tables[bold] = _Table([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    return tables


@cache
def _file_for(code: int, bold: bool) -> str:
    tables = _tables()
    return tables[bold].file_of(code) or tables[False].file_of(code) or tables[False].files[0]


@cache
def _face(file: str) -> Face:
    return Face(FOLDER / file)


def _unpacked(path: Path) -> bytes:
    """HarfBuzz reads no WOFF2."""
    with TTFont(path, recalcBBoxes=False, recalcTimestamp=False) as font:
        font.flavor = None
        out = io.BytesIO()
        font.save(out, reorderTables=None)
    return out.getvalue()


class _RingPen:
    """Takes a glyph's outline from HarfBuzz, flattens it and turns y downwards."""

    def __init__(self, em: float) -> None:
        self._em = em
        self._points: list[complex] = []
        self._rings: list[tuple[float, tuple[complex, ...]]] = []

    def rings(self) -> tuple[Ring, ...]:
        ordered = sorted(self._rings, key=lambda ring: -abs(ring[0]))
        return tuple(Ring(area > 0, points) for area, points in ordered)

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802  the pen protocol's name
        self._points = [self._at(point)]

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802  the pen protocol's name
        self._points.append(self._at(point))

    def qCurveTo(self, control: tuple[float, float], end: tuple[float, float]) -> None:  # noqa: N802  the same
        self._points += quadratic(self._points[-1], self._at(control), self._at(end), _CURVE_STEPS)

    def curveTo(  # noqa: N802  the same
        self, one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self._points += cubic(self._points[-1], self._at(one), self._at(two), self._at(end), 2 * _CURVE_STEPS)

    def closePath(self) -> None:  # noqa: N802  the same
        if len(self._points) > 2:
            self._rings.append((ring_area(self._points), tuple(self._points)))

    def _at(self, point: tuple[float, float]) -> complex:
        return complex(point[0] / self._em, -point[1] / self._em)


def quadratic(start: complex, control: complex, end: complex, steps: int) -> list[complex]:
    """Points of a quadratic curve without its start."""
    points = []
    for step in range(1, steps + 1):
        at = step / steps
        points.append((1 - at) ** 2 * start + 2 * at * (1 - at) * control + at * at * end)
    return points


def cubic(start: complex, one: complex, two: complex, end: complex, steps: int) -> list[complex]:
    """Points of a cubic curve without its start."""
    points = []
    for step in range(1, steps + 1):
        at = step / steps
        rest = 1 - at
        points.append(rest**3 * start + 3 * rest * rest * at * one + 3 * rest * at * at * two + at**3 * end)
    return points


def ring_area(points: list[complex]) -> float:
    """Signed area: positive when the ring runs clockwise on a page whose y goes down."""
    return sum((a.conjugate() * b).imag for a, b in zip(points, [*points[1:], points[0]], strict=True)) / 2
