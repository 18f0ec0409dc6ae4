"""What can stand on a page. Lengths and places are whole quarter units, angles tenths of a degree, as on the wire."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag

QUARTERS = 4
"""Steps of a coordinate in one page unit."""
VERSION = 1
MAX_SHAPE_BYTES = 16 * 1024
MAX_COORDINATE = 4_000_000
MAX_POINTS = 600
MAX_TEXT_CHARS = 4_000
MAX_ALTERNATIVE_CHARS = 1_000
MAX_FILE_ID_CHARS = 64
MAX_TEXT_SIZE = 2_000
MAX_ANGLE = 3_600
MAX_DURATION_MS = 86_400_000
MAX_Z_CHARS = 32


class Flag(IntFlag):
    """The flags byte. The first two bits mean one thing for ink and another for lines."""

    HIGHLIGHTER = 1
    NO_PRESSURE = 2
    ARROW_AT_END = 1
    ARROW_AT_START = 2
    DASHED = 4
    CENTRED = 8
    BOLD = 16


class StampKind(IntEnum):
    """The stamps of `whiteboard/stamps.json`; others may come and are painted as a circle."""

    TICK = 1
    CROSS = 2
    QUESTION = 3
    EXCLAMATION = 4
    STAR = 5
    HEART = 6
    THUMB_UP = 7
    CIRCLE = 8
    ARROW = 9


@dataclass(frozen=True, slots=True)
class Style:
    """Colours are indexes of `whiteboard/palette.json`, 0 is none; width in half units; opacity 255 is opaque."""

    stroke: int = 1
    fill: int = 0
    width: int = 6
    opacity: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What every shape has. `z` orders the shapes of a page, by code unit; ties go by shape id."""

    z: str
    style: Style = Style()
    flags: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Shape):
    """A shape that fills a box, turned clockwise about the box's centre."""

    x: int
    y: int
    width: int
    height: int
    angle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink(Shape):
    """A stroke. `pressures` is 0 to 255 for each point, or empty with Flag.NO_PRESSURE."""

    xs: tuple[int, ...]
    ys: tuple[int, ...]
    pressures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Shape):
    """A straight line, perhaps with arrow heads."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle(Box):
    """A rectangle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse(Box):
    """An ellipse that touches the box's sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Shape):
    """Text that wraps at `width` and is as high as it needs; turned about its corner (x, y). `size` in whole units."""

    x: int
    y: int
    width: int
    angle: int = 0
    size: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Box):
    """A sticky note; the fill colour is the paper's. `size` in whole units: the largest that the text is set in."""

    size: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Box):
    """A picture from the room's files."""

    file: str
    alternative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp(Shape):
    """A sign in a square of side `size`, turned about its centre. `kind` is a StampKind or one to come."""

    x: int
    y: int
    size: int
    angle: int = 0
    kind: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """
    A shape of a version or type to come; `data` is the whole of it. Of version 1 the order and the box are known
    (a new type's geometry begins with x, y, width, height); of a later version nothing is, and nothing is painted.
    """

    version: int
    type: int
    z: str
    box: tuple[int, int, int, int] | None
    data: bytes
