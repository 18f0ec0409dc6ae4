"""The numbers of layout.json, the colours of palette.json and the signs of stamps.json, read once."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Colour = tuple[int, int, int]

_FOLDER = Path(__file__).parents[1]
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Paper:
    """Paper and its pattern, in page units."""

    colour: str
    line_colour: str
    line_width: float
    grid_spacing: float
    ruled_spacing: float
    ruled_first: float
    dots_spacing: float
    dot_radius: float


@dataclass(frozen=True, slots=True)
class InkRule:
    """Options of perfect-freehand."""

    thinning: float
    thinning_without_pressure: float
    smoothing: float
    streamline: float


@dataclass(frozen=True, slots=True)
class StrokeRule:
    """Dashes: multiples of the width, and the least in units."""

    dash_on_widths: float
    dash_off_widths: float
    dash_on_least: float
    dash_off_least: float


@dataclass(frozen=True, slots=True)
class ArrowRule:
    """Arrow heads."""

    length_base: float
    length_widths: float
    half_width: float
    line_ends_at: float


@dataclass(frozen=True, slots=True)
class TextRule:
    """Lines of text, in sizes."""

    line_height: float
    baseline: float
    measure_size: float
    tab_spaces: int
    paint_least_pixels: float


@dataclass(frozen=True, slots=True)
class NoteRule:
    """Sticky notes."""

    padding: float
    tint: float
    default_fill: int
    corner: float
    shrink: float
    least_size: float


@dataclass(frozen=True, slots=True)
class ImageRule:
    """What stands for a picture that is not there."""

    missing_fill: str
    missing_line: str
    missing_line_width: float


@dataclass(frozen=True, slots=True)
class UnknownRule:
    """What stands for a shape of a type to come."""

    fill: str
    line: str
    line_width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """All of layout.json."""

    paper: Paper
    ink: InkRule
    stroke: StrokeRule
    arrow: ArrowRule
    text: TextRule
    note: NoteRule
    image: ImageRule
    unknown: UnknownRule


@cache
def layout() -> Layout:
    """The measures. Raises TypeError when a number is missing or unknown."""
    data = _read("layout.json")
    return Layout(
        paper=Paper(**_numbers(data["paper"])),
        ink=InkRule(**_numbers(data["ink"])),
        stroke=StrokeRule(**_numbers(data["stroke"])),
        arrow=ArrowRule(**_numbers(data["arrow"])),
        text=TextRule(**_numbers(data["text"])),
        note=NoteRule(**_numbers(data["note"])),
        image=ImageRule(**_numbers(data["image"])),
        unknown=UnknownRule(**_numbers(data["unknown"])),
    )


def colour(index: int) -> Colour:
    """The palette's colour for a light page; black for indexes that it does not have."""
    return _palette().get(index, _palette()[1])


def colour_of(text: str) -> Colour:
    """A colour of the form #rrggbb."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mixed_with_white(base: Colour, part: float) -> Colour:
    """`base` with `part` of white in it."""
    red, green, blue = (round(channel + (255 - channel) * part) for channel in base)
    return red, green, blue


@cache
def stamp_paths() -> dict[int, str]:
    """The SVG path of each kind of stamp, in a square of `stamp_side`."""
    return {stamp["kind"]: stamp["path"] for stamp in _read("stamps.json")["stamps"]}


@cache
def stamp_side() -> float:
    """The side of the square that stamps are drawn in."""
    return float(_read("stamps.json")["side"])


@cache
def _palette() -> dict[int, Colour]:
    return {entry["index"]: colour_of(entry["light"]) for entry in _read("palette.json")["colours"]}


def _read(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _numbers(section: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in section.items() if name != "about"}
