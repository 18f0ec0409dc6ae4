"""A shape as the marks that paint it, by the measures of layout.json."""

import math
from cmath import rect
from collections.abc import Iterator

from whiteboard.render import freehand
from whiteboard.render.faces import Ring, cubic, ring_area
from whiteboard.render.layout import (
    colour,
    colour_of,
    layout,
    mixed_with_white,
    stamp_paths,
    stamp_side,
)
from whiteboard.render.marks import AreaMark, InkMark, LineMark, Mark, PictureMark, TextMark
from whiteboard.render.words import fit_text, set_text
from whiteboard.shapes import (
    QUARTERS,
    Box,
    Ellipse,
    Flag,
    Image,
    Ink,
    Line,
    Note,
    Rectangle,
    Shape,
    Stamp,
    StampKind,
    Text,
    Unknown,
)

_HALF_TURN_TENTHS = 1800
_STAMP_CURVE_STEPS = 12
_NO_TURN = 1 + 0j


def marks_of(shape: Shape | Unknown) -> Iterator[Mark]:
    """The marks of one shape, in the order of painting."""
    match shape:
        case Ink():
            yield from _ink(shape)
        case Line():
            yield from _line(shape)
        case Rectangle() | Ellipse():
            yield from _outlined(shape)
        case Text():
            yield from _text(shape)
        case Note():
            yield from _note(shape)
        case Image():
            yield _image(shape)
        case Stamp():
            yield from _stamp(shape)
        case Unknown():
            yield from _unknown(shape)


def missing_picture(mark: PictureMark) -> Iterator[Mark]:
    """What is painted when a picture cannot be had."""
    rule = layout().image
    corners = [
        mark.corner,
        mark.corner + mark.across,
        mark.corner + mark.across + mark.down,
        mark.corner + mark.down,
    ]
    yield AreaMark([_ring(corners)], colour_of(rule.missing_fill), mark.opacity)
    for points, closed in ((corners, True), (corners[0::2], False), (corners[1::2], False)):
        yield LineMark(points, closed, rule.missing_line_width, colour_of(rule.missing_line), mark.opacity)


def _ink(ink: Ink) -> Iterator[Mark]:
    size = ink.style.width / 2
    if not size or not ink.style.stroke:
        return
    rule = layout().ink
    highlighter = bool(ink.flags & Flag.HIGHLIGHTER)
    constant = highlighter or not ink.pressures
    options = freehand.Options(
        size=size,
        thinning=rule.thinning_without_pressure if constant else rule.thinning,
        smoothing=rule.smoothing,
        streamline=rule.streamline,
    )
    yield InkMark(ink, options, colour(ink.style.stroke), ink.style.opacity / 255, highlighter)


def _line(line: Line) -> Iterator[Mark]:
    width = line.style.width / 2
    if not width or not line.style.stroke:
        return
    start, end = complex(line.x1, line.y1) / QUARTERS, complex(line.x2, line.y2) / QUARTERS
    ink, opacity = colour(line.style.stroke), line.style.opacity / 255
    rule = layout().arrow
    heads = [flag for flag in (Flag.ARROW_AT_START, Flag.ARROW_AT_END) if line.flags & flag and abs(end - start) > 0]
    rings = []
    if heads:
        along = (end - start) / abs(end - start)
        length = min(rule.length_base + rule.length_widths * width, abs(end - start) / len(heads))
        half = length * rule.half_width
        if Flag.ARROW_AT_START in heads:
            rings.append(_head(start, -along, length, half))
            start += along * length * rule.line_ends_at
        if Flag.ARROW_AT_END in heads:
            rings.append(_head(end, along, length, half))
            end -= along * length * rule.line_ends_at
    yield LineMark([start, end], False, width, ink, opacity, _dash(line, width), butt=bool(heads))
    if rings:
        yield AreaMark(rings, ink, opacity)


def _head(tip: complex, along: complex, length: float, half: float) -> Ring:
    base = tip - along * length
    return _ring([tip, base + along * 1j * half, base - along * 1j * half])


def _outlined(box: Rectangle | Ellipse) -> Iterator[Mark]:
    points = _ellipse_points(box) if isinstance(box, Ellipse) else _corners(box)
    opacity = box.style.opacity / 255
    width = box.style.width / 2
    if box.style.fill:
        yield AreaMark([_ring(points)], colour(box.style.fill), opacity)
    if box.style.stroke and width:
        yield LineMark(points, True, width, colour(box.style.stroke), opacity, _dash(box, width))


def _text(text: Text) -> Iterator[Mark]:
    if not text.style.stroke:
        return
    block = set_text(
        text.text,
        text.width / QUARTERS,
        text.size,
        bold=bool(text.flags & Flag.BOLD),
        centred=bool(text.flags & Flag.CENTRED),
    )
    corner = complex(text.x, text.y) / QUARTERS
    yield TextMark(block, corner, _turn(text.angle), colour(text.style.stroke), text.style.opacity / 255)


def _note(note: Note) -> Iterator[Mark]:
    rule = layout().note
    opacity = note.style.opacity / 255
    paper = mixed_with_white(colour(note.style.fill or rule.default_fill), rule.tint)
    width, height = note.width / QUARTERS, note.height / QUARTERS
    radius = min(rule.corner, width / 2, height / 2)
    turn = _turn(note.angle)
    centre = _centre(note)
    yield AreaMark([_ring([centre + point * turn for point in _rounded_box(width, height, radius)])], paper, opacity)
    room = width - 2 * rule.padding, height - 2 * rule.padding
    if not note.style.stroke or min(room) <= 0 or not note.text:
        return
    centred = bool(note.flags & Flag.CENTRED)
    block = fit_text(note.text, *room, note.size, bold=bool(note.flags & Flag.BOLD), centred=centred)
    top = max(0.0, (room[1] - block.height) / 2) if centred else 0.0
    corner = centre + complex(-room[0] / 2, -room[1] / 2 + top) * turn
    yield TextMark(block, corner, turn, colour(note.style.stroke), opacity)


def _image(image: Image) -> PictureMark:
    corners = _corners(image)
    return PictureMark(
        file=image.file,
        corner=corners[0],
        across=corners[1] - corners[0],
        down=corners[3] - corners[0],
        opacity=image.style.opacity / 255,
        alternative=image.alternative,
    )


def _stamp(stamp: Stamp) -> Iterator[Mark]:
    if not stamp.style.stroke:
        return
    side = stamp.size / QUARTERS
    centre = complex(stamp.x, stamp.y) / QUARTERS + complex(side, side) / 2
    paths = stamp_paths()
    scale = side / stamp_side() * _turn(stamp.angle)
    middle = complex(stamp_side(), stamp_side()) / 2
    rings = [
        Ring(ring.solid, tuple(centre + (point - middle) * scale for point in ring.points))
        for ring in path_rings(paths.get(stamp.kind, paths[StampKind.CIRCLE]))
    ]
    yield AreaMark(rings, colour(stamp.style.stroke), stamp.style.opacity / 255)


def _unknown(shape: Unknown) -> Iterator[Mark]:
    if shape.box is None:
        return
    rule = layout().unknown
    x, y, width, height = (value / QUARTERS for value in shape.box)
    corners = [complex(x, y), complex(x + width, y), complex(x + width, y + height), complex(x, y + height)]
    yield AreaMark([_ring(corners)], colour_of(rule.fill), 1.0)
    yield LineMark(corners, True, rule.line_width, colour_of(rule.line), 1.0)


def path_rings(path: str) -> list[Ring]:
    """The rings of an SVG path of M, L, C and Z, all absolute, the largest first."""
    rings: list[list[complex]] = []
    words = path.split()
    at = 0
    command = ""
    while at < len(words):
        if words[at].isalpha():
            command = words[at]
            at += 1
        if command == "Z":
            continue
        count = 3 if command == "C" else 1
        values = [float(word) for word in words[at : at + 2 * count]]
        at += 2 * count
        points = [complex(*values[place : place + 2]) for place in range(0, len(values), 2)]
        if command == "M":
            rings.append(points)
        elif command == "L":
            rings[-1] += points
        else:
            rings[-1] += cubic(rings[-1][-1], points[0], points[1], points[2], _STAMP_CURVE_STEPS)
    areas = sorted(((ring_area(ring), ring) for ring in rings), key=lambda entry: -abs(entry[0]))
    return [Ring(area > 0, tuple(ring)) for area, ring in areas]


def _dash(shape: Shape, width: float) -> tuple[float, float] | None:
    if not shape.flags & Flag.DASHED:
        return None
    rule = layout().stroke
    return max(rule.dash_on_least, rule.dash_on_widths * width), max(rule.dash_off_least, rule.dash_off_widths * width)


def _turn(tenths: int) -> complex:
    return rect(1, math.pi * tenths / _HALF_TURN_TENTHS) if tenths else _NO_TURN


def _centre(box: Box) -> complex:
    return complex(box.x + box.width / 2, box.y + box.height / 2) / QUARTERS


def _corners(box: Box) -> list[complex]:
    centre, turn = _centre(box), _turn(box.angle)
    half = complex(box.width, box.height) / (2 * QUARTERS)
    return [centre + complex(x * half.real, y * half.imag) * turn for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def _ellipse_points(box: Box) -> list[complex]:
    centre, turn = _centre(box), _turn(box.angle)
    across, down = box.width / (2 * QUARTERS), box.height / (2 * QUARTERS)
    steps = min(360, max(48, int(max(across, down))))
    # From the right side on, clockwise, as a canvas does: dashes begin there.
    circle = (rect(1, 2 * math.pi * step / steps) for step in range(steps))
    return [centre + complex(point.real * across, point.imag * down) * turn for point in circle]


def _rounded_box(width: float, height: float, radius: float) -> list[complex]:
    points = []
    for quarter, (x, y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        middle = complex(x * (width / 2 - radius), y * (height / 2 - radius))
        points += [middle + rect(radius, math.pi / 2 * (quarter + step / 6)) for step in range(7)]
    return points


def _ring(points: list[complex]) -> Ring:
    return Ring(True, tuple(points))
