"""Paints a page's marks with Pillow, larger than asked for and then reduced, which smooths every edge."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

from whiteboard.render.dashes import clipped, dashes
from whiteboard.render.faces import Ring
from whiteboard.render.freehand import Outline
from whiteboard.render.layout import Colour, colour_of, layout
from whiteboard.render.marks import AreaMark, InkMark, LineMark, Mark, PictureMark, TextMark
from whiteboard.render.scene import Page, marks
from whiteboard.render.shape_marks import missing_picture
from whiteboard.render.winding import crossings, spans
from whiteboard.shapes import QUARTERS

Pictures = Callable[[str, int], Image.Image | None]
"""Gives the picture of a file at about so many pixels across, or None. Must not raise."""

_MAX_CANVAS_PIXELS = 14_000_000
_MAX_FACTOR = 4
_FACTOR_IN_SMALL = 3
_THIN_PIXELS = 1.5
_SMALL_SCALE = 0.5
_THIN_IN_SMALL = 1.3
_NEAR_PIXELS = 2.5
_SOLID = 255
# From this radius on the steps of a curve are seen.
_BROAD_PIXELS = 24
# A quarter of a second; only scribbles all over the page have more.
_MOST_CROSSINGS = 250_000


def paint(page: Page, width: int, *, slide: Image.Image | None = None, pictures: Pictures | None = None) -> Image.Image:
    """The page, `width` pixels across. Raises ValueError for sizes that make no picture."""
    height = max(1, round(width * page.height / page.width))
    if width < 1:
        raise ValueError("a picture needs a width")
    small = width < page.width * _SMALL_SCALE
    factor = _factor(width, height, _FACTOR_IN_SMALL if small else _MAX_FACTOR)
    canvas = Image.new("RGB", (width * factor, height * factor), colour_of(layout().paper.colour))
    if slide is not None:
        canvas.paste(slide.convert("RGB").resize(canvas.size, Image.Resampling.BILINEAR))
    # In a thumbnail a stroke of a pixel is its line; in an export only one that is thinner than the grain.
    thin = _THIN_IN_SMALL * factor if small else _THIN_PIXELS
    painter = _Painter(canvas, width * factor / page.width, thin, pictures or (lambda _file, _width: None))
    painter.paint(marks(page))
    return canvas.reduce(factor) if factor > 1 else canvas


def _factor(width: int, height: int, most: int) -> int:
    factor = most
    while factor > 1 and width * height * factor * factor > _MAX_CANVAS_PIXELS:
        factor -= 1
    return factor


class _Painter:
    """One canvas. `scale`: its pixels in a page unit; `thin`: the width in pixels under which ink is a line."""

    def __init__(self, canvas: Image.Image, scale: float, thin: float, pictures: Pictures) -> None:
        self._canvas = canvas
        self._scale = scale
        self._thin = thin
        self._pictures = pictures
        self._draw = ImageDraw.Draw(canvas)

    def paint(self, page_marks: Iterable[Mark]) -> None:
        for mark in page_marks:
            match mark:
                case InkMark():
                    self._ink(mark)
                case AreaMark():
                    self._area(mark)
                case LineMark():
                    self._line(mark)
                case TextMark():
                    self._text(mark)
                case PictureMark():
                    self._picture(mark)

    def _ink(self, mark: InkMark) -> None:
        thin = mark.options.size * self._scale < self._thin and len(mark.ink.xs) > 1
        outline = None if thin else mark.outline()

        def fill(draw: ImageDraw.ImageDraw, origin: complex, ink: Colour | int) -> None:
            if outline is None:
                _paint_thin(draw, mark, self._scale, origin, ink)
            else:
                _paint_ink(draw, outline, self._scale, origin, ink)

        if mark.opacity >= 1 and not mark.multiply:
            fill(self._draw, 0j, mark.colour)
            return
        self._masked(
            _ink_extent(mark) if outline is None else _outline_extent(outline),
            lambda draw, origin: fill(draw, origin, _SOLID),
            mark.colour,
            mark.opacity,
            multiply=mark.multiply,
        )

    def _area(self, mark: AreaMark) -> None:
        if mark.opacity >= 1 and all(ring.solid for ring in mark.rings):
            for ring in mark.rings:
                _polygon(self._draw, ring.points, self._scale, 0j, mark.colour)
            return
        points = [point for ring in mark.rings for point in ring.points]
        self._masked(
            points,
            lambda draw, origin: _paint_rings(draw, mark.rings, self._scale, origin),
            mark.colour,
            mark.opacity,
        )

    def _line(self, mark: LineMark) -> None:
        size = complex(self._canvas.width, self._canvas.height) / self._scale
        parts = self._parts(mark, size)
        if mark.opacity >= 1:
            _paint_lines(self._draw, parts, mark, self._scale, 0j, mark.colour)
            return
        margin = mark.width * (1 + 1j)
        extent = [point + off for part in parts for point in part for off in (margin, -margin)]
        self._masked(
            extent,
            lambda draw, origin: _paint_lines(draw, parts, mark, self._scale, origin, _SOLID),
            mark.colour,
            mark.opacity,
        )

    def _parts(self, mark: LineMark, size: complex) -> list[Sequence[complex]]:
        points = [*mark.points, mark.points[0]] if mark.closed else mark.points
        if mark.dash is None:
            return [points]
        return dashes(clipped(points, size, mark.width), mark.dash)

    def _text(self, mark: TextMark) -> None:
        block = mark.block
        pixels = block.size * self._scale
        if not block.lines or pixels < layout().text.paint_least_pixels:
            return
        extent: list[complex] = []
        for line in block.lines:
            for x in (line.x - block.size, line.x + line.width + block.size):
                for y in (line.baseline - 1.6 * block.size, line.baseline + 0.9 * block.size):
                    extent.append(mark.corner + complex(x, y) * mark.turn)
        self._masked(
            extent, lambda draw, origin: _paint_text(draw, mark, self._scale, origin), mark.colour, mark.opacity
        )

    def _picture(self, mark: PictureMark) -> None:
        across, down = abs(mark.across) * self._scale, abs(mark.down) * self._scale
        corners = [
            mark.corner,
            mark.corner + mark.across,
            mark.corner + mark.down,
            mark.corner + mark.across + mark.down,
        ]
        box = self._box(corners)
        if box is None or across < 1 or down < 1:
            return
        picture = self._pictures(mark.file, int(min(across, self._canvas.width)))
        if picture is None:
            self.paint(missing_picture(mark))
            return
        left, top, right, bottom = box
        # PIL asks for the way back: from a pixel of the box to one of the picture.
        corner = mark.corner * self._scale - complex(left, top)
        one = mark.across / abs(mark.across) / across * picture.width
        two = mark.down / abs(mark.down) / down * picture.height
        factor = max(1, int(picture.width / across))
        if factor > 1:
            # Reduced first, so that one pixel of the canvas does not skip most of the picture.
            picture, one, two = picture.reduce(factor), one / factor, two / factor
        back = (one.real, one.imag, -_dot(corner, one), two.real, two.imag, -_dot(corner, two))
        patch = picture.convert("RGBA").transform(
            (right - left, bottom - top), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR
        )
        mask = patch.getchannel("A")
        if mark.opacity < 1:
            mask = mask.point(_faded(mark.opacity))
        self._canvas.paste(patch.convert("RGB"), box[:2], mask)

    def _masked(
        self,
        extent: Iterable[complex],
        fill: Callable[[ImageDraw.ImageDraw, complex], None],
        ink: Colour,
        opacity: float,
        *,
        multiply: bool = False,
    ) -> None:
        """Paints one colour through a mask, so that what overlaps within a mark is not painted twice."""
        box = self._box(extent)
        if box is None:
            return
        left, top, right, bottom = box
        mask = Image.new("L", (right - left, bottom - top))
        fill(ImageDraw.Draw(mask), complex(left, top))
        if opacity < 1:
            mask = mask.point(_faded(opacity))
        if multiply:
            below = self._canvas.crop(box)
            self._canvas.paste(ImageChops.multiply(below, Image.new("RGB", below.size, ink)), box[:2], mask)
        else:
            self._canvas.paste(ink, box, mask)

    def _box(self, points: Iterable[complex]) -> tuple[int, int, int, int] | None:
        """The pixels that a mark can touch, or None when it is off the canvas."""
        places = [point * self._scale for point in points]
        if not places:
            return None
        left = max(0, int(min(place.real for place in places)) - 1)
        top = max(0, int(min(place.imag for place in places)) - 1)
        right = min(self._canvas.width, int(max(place.real for place in places)) + 2)
        bottom = min(self._canvas.height, int(max(place.imag for place in places)) + 2)
        return (left, top, right, bottom) if left < right and top < bottom else None


def _polygon(
    draw: ImageDraw.ImageDraw, points: Iterable[complex], scale: float, origin: complex, ink: Colour | int
) -> None:
    flat: list[float] = []
    for point in points:
        place = point * scale - origin
        flat += (place.real, place.imag)
    if len(flat) > 4:
        draw.polygon(flat, fill=ink)


def _disc(
    draw: ImageDraw.ImageDraw, centre: complex, radius: float, scale: float, origin: complex, ink: Colour | int
) -> None:
    place, reach = centre * scale - origin, radius * scale
    draw.ellipse((place.real - reach, place.imag - reach, place.real + reach, place.imag + reach), fill=ink)


def _paint_thin(draw: ImageDraw.ImageDraw, mark: InkMark, scale: float, origin: complex, ink: Colour | int) -> None:
    """A stroke of a pixel or two: its line will do, the reduced picture is the same."""
    step = scale / QUARTERS
    left, top = origin.real, origin.imag
    # Points closer than a pixel of the reduced picture shows are left out; the ends stay.
    near = _NEAR_PIXELS / step
    xs, ys = mark.ink.xs, mark.ink.ys
    last_x, last_y = xs[0], ys[0]
    flat = [last_x * step - left, last_y * step - top]
    for x, y in zip(xs, ys, strict=True):
        if abs(x - last_x) + abs(y - last_y) > near:
            flat += (x * step - left, y * step - top)
            last_x, last_y = x, y
    flat += (xs[-1] * step - left, ys[-1] * step - top)
    draw.line(flat, fill=ink, width=max(1, round(mark.options.size * scale)))


def _paint_ink(draw: ImageDraw.ImageDraw, outline: Outline, scale: float, origin: complex, ink: Colour | int) -> None:
    if outline.folds:
        steps = 4 if max(outline.radii) * scale > _BROAD_PIXELS else 2
        ring = [point * scale - origin for point in outline.curve(steps)]
        width, height = draw.im.size
        if crossings(ring, height) <= _MOST_CROSSINGS:
            for row, first, last in spans(ring, width, height):
                draw.line((first, row, last, row), fill=ink)
            return
    for piece in outline.pieces():
        _polygon(draw, piece, scale, origin, ink)
    for middle, radius in outline.discs:
        _disc(draw, middle, radius, scale, origin, ink)


def _paint_rings(draw: ImageDraw.ImageDraw, rings: Iterable[Ring], scale: float, origin: complex) -> None:
    for ring in rings:
        _polygon(draw, ring.points, scale, origin, _SOLID if ring.solid else 0)


def _paint_lines(
    draw: ImageDraw.ImageDraw,
    parts: Iterable[Sequence[complex]],
    mark: LineMark,
    scale: float,
    origin: complex,
    ink: Colour | int,
) -> None:
    half = max(mark.width, 0.6 / scale) / 2
    capped = mark.dash is None and not mark.butt
    for part in parts:
        for start, end in pairwise(part):
            if start == end:
                continue
            side = (end - start) / abs(end - start) * 1j * half
            _polygon(draw, (start + side, end + side, end - side, start - side), scale, origin, ink)
        for joint in part if capped else part[1:-1]:
            _disc(draw, joint, half, scale, origin, ink)


def _paint_text(draw: ImageDraw.ImageDraw, mark: TextMark, scale: float, origin: complex) -> None:
    size = mark.block.size
    step = size * mark.turn * scale
    corner = mark.corner * scale - origin
    for line in mark.block.lines:
        for run in line.runs:
            start = corner + complex(run.x, line.baseline) * mark.turn * scale
            for glyph in run.glyphs:
                place = start + complex(glyph.x, glyph.y) * step
                for ring in run.face.rings(glyph.number):
                    flat: list[float] = []
                    for point in ring.points:
                        at = place + point * step
                        flat += (at.real, at.imag)
                    draw.polygon(flat, fill=_SOLID if ring.solid else 0)


def _ink_extent(mark: InkMark) -> list[complex]:
    xs, ys = mark.ink.xs, mark.ink.ys
    reach = mark.options.size * (1 + 1j)
    return [complex(min(xs), min(ys)) / QUARTERS - reach, complex(max(xs), max(ys)) / QUARTERS + reach]


def _outline_extent(outline: Outline) -> list[complex]:
    points = [*outline.left, *outline.right]
    for centre, radius in outline.discs:
        points += (centre + radius * (1 + 1j), centre - radius * (1 + 1j))
    return points


def _faded(opacity: float) -> list[int]:
    return [round(value * opacity) for value in range(256)]


def _dot(one: complex, other: complex) -> float:
    return one.real * other.real + one.imag * other.imag
