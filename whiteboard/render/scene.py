"""A page as marks in the order of painting: what both painters start from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whiteboard.render.faces import Ring
from whiteboard.render.layout import colour_of, layout
from whiteboard.render.marks import AreaMark, LineMark, Mark
from whiteboard.render.shape_marks import marks_of
from whiteboard.shapes import Shape, ShapeRefused, Unknown, decode


@dataclass(frozen=True, slots=True)
class Page:
    """A page to paint: sizes in page units; `shapes` encoded, by their id. On a slide no pattern is painted."""

    width: int
    height: int
    paper: str
    shapes: Mapping[str, bytes]
    on_slide: bool = False


def marks(page: Page) -> Iterator[Mark]:
    """The pattern of the paper, then every shape in order of z and id. What is no shape is left out."""
    if not page.on_slide:
        yield from _pattern(page)
    for shape in in_order(page.shapes):
        yield from marks_of(shape)


def in_order(shapes: Mapping[str, bytes]) -> list[Shape | Unknown]:
    """The shapes from the lowest to the highest."""
    decoded = []
    for name, data in shapes.items():
        try:
            decoded.append((decode(data), name))
        except ShapeRefused:
            continue
    decoded.sort(key=lambda entry: (entry[0].z, entry[1]))
    return [shape for shape, _ in decoded]


def _pattern(page: Page) -> Iterator[Mark]:
    rule = layout().paper
    if page.paper == "grid":
        yield from _rows(page, rule.grid_spacing, rule.grid_spacing)
        for place in _places(rule.grid_spacing, rule.grid_spacing, page.width):
            yield _thin(complex(place, 0), complex(place, page.height))
    elif page.paper == "ruled":
        yield from _rows(page, rule.ruled_first, rule.ruled_spacing)
    elif page.paper == "dots":
        yield _dots(page)


def _rows(page: Page, first: float, spacing: float) -> Iterator[Mark]:
    for place in _places(first, spacing, page.height):
        yield _thin(complex(0, place), complex(page.width, place))


def _thin(start: complex, end: complex) -> LineMark:
    rule = layout().paper
    return LineMark([start, end], False, rule.line_width, colour_of(rule.line_colour), 1.0, butt=True)


def _dots(page: Page) -> AreaMark:
    rule = layout().paper
    radius = rule.dot_radius
    corners = [complex(x, y) * radius for x, y in ((1, 0.4), (0.4, 1), (-0.4, 1), (-1, 0.4))]
    octagon = corners + [-corner for corner in corners]
    rings = [
        Ring(True, tuple(complex(x, y) + corner for corner in octagon))
        for x in _places(rule.dots_spacing, rule.dots_spacing, page.width)
        for y in _places(rule.dots_spacing, rule.dots_spacing, page.height)
    ]
    return AreaMark(rings, colour_of(rule.line_colour), 1.0)


def _places(first: float, spacing: float, end: float) -> list[float]:
    return [
        first + spacing * step
        for step in range(max(0, int((end - first) / spacing) + 1))
        if first + spacing * step < end
    ]
