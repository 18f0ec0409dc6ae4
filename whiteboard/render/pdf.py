"""
Paints pages into a PDF with fpdf2: ink as curves, text as text in embedded subsets of the fonts. Where a page stands on
a slide of a PDF, `whiteboard.render.overlay` lays it over that.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextDirection
from PIL import Image

from whiteboard.render.dashes import clipped, dashes
from whiteboard.render.faces import Face
from whiteboard.render.freehand import Outline
from whiteboard.render.layout import Colour
from whiteboard.render.marks import AreaMark, InkMark, LineMark, Mark, PictureMark, TextMark
from whiteboard.render.scene import Page, marks
from whiteboard.render.shape_marks import missing_picture
from whiteboard.render.words import Run

POINTS_PER_UNIT = 0.6
"""A page of 1600 x 900 units is as large as a wide slide: 960 x 540 points."""

_PICTURE_PIXELS_PER_UNIT = 2
_BASELINE_IN_CELL = 0.3
_MAX_PLACE = 30_000.0
_GRAIN = 10
"""Whole numbers of this part of a unit write ink: a thousandth of an inch, in half the bytes."""


class PdfPainter:
    """A document in the making. `folder` is an empty one of its own, where it unpacks fonts."""

    def __init__(self, folder: Path, pictures: Callable[[str, int], Image.Image | None] | None = None) -> None:
        self._folder = folder
        self._pictures = pictures or (lambda _file, _width: None)
        self._faces: set[str] = set()
        self._pdf = FPDF(unit="pt")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._height = 0.0

    def add(self, page: Page, slide: Image.Image | None = None) -> None:
        """Adds a page; `slide` is its background where that is a picture."""
        size = page.width * POINTS_PER_UNIT, page.height * POINTS_PER_UNIT
        self._height = size[1]
        self._pdf.add_page(format=size)
        if slide is not None:
            self._pdf.image(slide.convert("RGB"), 0, 0, *size)
        extent = complex(page.width, page.height)
        for mark in marks(page):
            self._mark(mark, extent)

    def bytes(self) -> bytes:
        """The whole document."""
        return bytes(self._pdf.output())

    def _mark(self, mark: Mark, extent: complex) -> None:
        match mark:
            case InkMark():
                with self._state(mark.opacity, mark.multiply):
                    base = _base(self._height, POINTS_PER_UNIT / _GRAIN)
                    self._out(f"{_colour(mark.colour)} rg {base} {_ink_path(mark.outline())} f")
            case AreaMark():
                rings = [ring.points for ring in mark.rings]
                if _touches(rings, extent):
                    self._paths([_ring_path(points) for points in rings], mark.colour, mark.opacity)
            case LineMark():
                self._line(mark, extent)
            case TextMark():
                self._text(mark)
            case PictureMark():
                self._picture(mark, extent)

    def _paths(self, paths: Sequence[str], ink: Colour, opacity: float) -> None:
        with self._state(opacity):
            self._out(f"{_colour(ink)} rg {_BASE} {' '.join(paths)} f")

    def _line(self, mark: LineMark, extent: complex) -> None:
        points = [*mark.points, mark.points[0]] if mark.closed else mark.points
        if mark.dash is None:
            lines: list[Sequence[complex]] = [part for _, part in clipped(points, extent, mark.width)]
        else:
            lines = dashes(clipped(points, extent, mark.width), mark.dash)
        whole = mark.closed and mark.dash is None and sum(map(len, lines)) == len(points)
        path = " ".join(_line_path(line) for line in lines) + (" h" if whole else "")
        if not lines:
            return
        cap = 0 if mark.dash is not None or mark.butt else 1
        with self._state(mark.opacity):
            self._out(f"{_colour(mark.colour)} RG {_BASE} {mark.width:.3f} w {cap} J 1 j {path} S")

    def _text(self, mark: TextMark) -> None:
        with self._state(mark.opacity):
            self._out(f"{_colour(mark.colour)} rg")
            for line in mark.block.lines:
                for run in line.runs:
                    if not run.text.strip():
                        continue
                    start = mark.corner + complex(run.x, line.baseline) * mark.turn
                    if max(abs(start.real), abs(start.imag)) > _MAX_PLACE:
                        continue
                    self._run(run, mark, start)

    def _run(self, run: Run, mark: TextMark, start: complex) -> None:
        """A run as text, or as curves where the face lacks a character: a box is no letter that could be copied."""
        size, turn = mark.block.size, mark.turn
        if any(glyph.number == 0 for glyph in run.glyphs):
            paths = [
                _ring_path([start + (complex(glyph.x, glyph.y) + point) * size * turn for point in ring.points])
                for glyph in run.glyphs
                for ring in run.face.rings(glyph.number)
            ]
            if paths:
                self._out(f"q {_BASE} {' '.join(paths)} f Q")
            return
        points = size * POINTS_PER_UNIT
        width = sum(glyph.advance for glyph in run.glyphs) * points
        # The cell is written at the page's upper left corner, upright, and the matrix takes its baseline to `start`.
        top = self._height - _BASELINE_IN_CELL * points
        with self._pdf.local_context():
            self._out(self._matrix(start, turn, top))
            self._use(run.face)
            self._pdf.set_font_size(points)
            self._pdf.set_text_color(*mark.colour)
            direction = TextDirection.RTL if run.right_to_left else TextDirection.LTR
            self._pdf.set_text_shaping(True, direction=direction)
            self._pdf.set_xy(0, 0)
            self._pdf.cell(w=max(width, 1), h=0, text=run.text, new_x="LEFT", new_y="TOP")

    def _matrix(self, place: complex, turn: complex, origin: float) -> str:
        """Takes the point (0, origin) in points to `place` in page units, turned."""
        x, y = turn.real, turn.imag
        at = place * POINTS_PER_UNIT
        shift = complex(at.real, self._height - at.imag) - complex(0, origin) * complex(x, -y)
        return f"{x:.6f} {-y:.6f} {y:.6f} {x:.6f} {shift.real:.4f} {shift.imag:.4f} cm"

    def _use(self, face: Face) -> None:
        if face.name not in self._faces:
            path = self._folder / f"{face.name}.ttf"
            path.write_bytes(face.data)
            self._pdf.add_font(face.name, fname=path)
            self._faces.add(face.name)
        self._pdf.set_font(face.name)

    def _picture(self, mark: PictureMark, extent: complex) -> None:
        sides = mark.corner, mark.corner + mark.across, mark.corner + mark.down, mark.corner + mark.across + mark.down
        if not _touches([sides], extent) or not abs(mark.across) or not abs(mark.down):
            return
        picture = self._pictures(mark.file, int(min(abs(mark.across) * _PICTURE_PIXELS_PER_UNIT, 2560)))
        if picture is None:
            for stand_in in missing_picture(mark):
                self._mark(stand_in, extent)
            return
        turn = mark.across / abs(mark.across)
        width, height = abs(mark.across) * POINTS_PER_UNIT, abs(mark.down) * POINTS_PER_UNIT
        with self._state(mark.opacity):
            self._out(self._matrix(mark.corner, turn, self._height))
            self._pdf.image(picture, 0, 0, width, height, alt_text=mark.alternative or None)

    @contextmanager
    def _state(self, opacity: float, multiply: bool = False) -> Iterator[None]:
        options: dict[str, object] = {}
        if opacity < 1:
            options |= {"fill_opacity": opacity, "stroke_opacity": opacity}
        if multiply:
            options["blend_mode"] = "Multiply"
        with self._pdf.local_context(**options):
            yield

    def _out(self, commands: str) -> None:
        # fpdf2's own paths are objects for each point; ink has a million, so its operators are written here.
        self._pdf._out(commands.replace(_BASE, _base(self._height)))


_BASE = "%base"


def _base(height: float, scale: float = POINTS_PER_UNIT) -> str:
    """From page units, y downwards, to points, y upwards."""
    return f"{scale:g} 0 0 -{scale:g} 0 {height:.3f} cm"


def _colour(ink: Colour) -> str:
    return " ".join(f"{channel / 255:.4f}" for channel in ink)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _at(point: complex) -> str:
    return f"{_number(point.real)} {_number(point.imag)}"


def _ring_path(points: Sequence[complex]) -> str:
    if not points:
        return ""
    return f"{_at(points[0])} m " + " ".join(f"{_at(point)} l" for point in points[1:]) + " h"


def _line_path(points: Sequence[complex]) -> str:
    return f"{_at(points[0])} m " + " ".join(f"{_at(point)} l" for point in points[1:])


def _ink_path(outline: Outline) -> str:
    """The outline closed by curves through the middles of its sides, as a browser fills it."""
    # The end's cap goes round one and a half times: the first half turn is the same area.
    cap = outline.end_cap[: len(outline.end_cap) // 3]
    points = [point * _GRAIN for point in (*outline.left, *cap, *reversed(outline.right), *outline.start_cap)]
    middle = (points[-1] + points[0]) / 2
    parts = [f"{middle.real:.0f} {middle.imag:.0f} m"]
    for control, after in zip(points, [*points[1:], points[0]], strict=True):
        end = (control + after) / 2
        # PDF has no quadratic curves (ISO 32000-1 section 8.5.2.2): raised to a cubic one.
        one, two = middle + (control - middle) * 2 / 3, end + (control - end) * 2 / 3
        parts.append(f"{one.real:.0f} {one.imag:.0f} {two.real:.0f} {two.imag:.0f} {end.real:.0f} {end.imag:.0f} c")
        middle = end
    return " ".join(parts) + " h"


def _touches(rings: Iterable[Sequence[complex]], extent: complex) -> bool:
    points = [point for ring in rings for point in ring]
    return bool(points) and (
        min(point.real for point in points) <= extent.real
        and max(point.real for point in points) >= 0
        and min(point.imag for point in points) <= extent.imag
        and max(point.imag for point in points) >= 0
    )
