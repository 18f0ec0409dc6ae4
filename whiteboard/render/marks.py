"""The few kinds of thing that a page is painted with. Points are complex numbers in page units, y downwards."""

from collections.abc import Sequence
from dataclasses import dataclass

from whiteboard.render.faces import Ring
from whiteboard.render.freehand import Options, Outline, outline
from whiteboard.render.layout import Colour
from whiteboard.render.words import TextBlock
from whiteboard.shapes import QUARTERS, Ink


@dataclass(frozen=True, slots=True)
class InkMark:
    """A pen stroke; `multiply` for a highlighter."""

    ink: Ink
    options: Options
    colour: Colour
    opacity: float
    multiply: bool

    def outline(self) -> Outline:
        """Its outline: the dear part, not needed where a stroke is a hair's breadth."""
        points = [complex(x, y) / QUARTERS for x, y in zip(self.ink.xs, self.ink.ys, strict=True)]
        return outline(points, [pressure / 255 for pressure in self.ink.pressures], self.options)


@dataclass(frozen=True, slots=True)
class AreaMark:
    """Rings filled by the nonzero rule."""

    rings: Sequence[Ring]
    colour: Colour
    opacity: float


@dataclass(frozen=True, slots=True)
class LineMark:
    """A line through `points`; `dash` is on and off in units. Caps are round, or butt ones when dashed or `butt`."""

    points: Sequence[complex]
    closed: bool
    width: float
    colour: Colour
    opacity: float
    dash: tuple[float, float] | None = None
    butt: bool = False


@dataclass(frozen=True, slots=True)
class TextMark:
    """Text with its box's corner at `corner`, turned about it; `turn` is a unit number."""

    block: TextBlock
    corner: complex
    turn: complex
    colour: Colour
    opacity: float


@dataclass(frozen=True, slots=True)
class PictureMark:
    """A file's picture, stretched over a box: its corner, its two sides turned already, and what it is for readers."""

    file: str
    corner: complex
    across: complex
    down: complex
    opacity: float
    alternative: str


Mark = InkMark | AreaMark | LineMark | TextMark | PictureMark
