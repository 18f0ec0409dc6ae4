"""Bytes to a shape. The bytes come from any person who may draw: whatever they are, only ShapeRefused is raised."""

import re
from collections.abc import Callable
from itertools import accumulate
from typing import TypedDict

from whiteboard.shapes.errors import Refusal, ShapeRefused
from whiteboard.shapes.model import (
    MAX_ALTERNATIVE_CHARS,
    MAX_ANGLE,
    MAX_COORDINATE,
    MAX_DURATION_MS,
    MAX_FILE_ID_CHARS,
    MAX_POINTS,
    MAX_SHAPE_BYTES,
    MAX_TEXT_CHARS,
    MAX_TEXT_SIZE,
    MAX_Z_CHARS,
    VERSION,
    Ellipse,
    Flag,
    Image,
    Ink,
    Line,
    Note,
    Rectangle,
    Shape,
    Stamp,
    Style,
    Text,
    Unknown,
)
from whiteboard.shapes.varints import Reader, all_varints

_Z = re.compile(r"[0-9A-Za-z]+")
_FILE_ID = re.compile(r"[A-Za-z0-9_-]+")


class _Head(TypedDict):
    flags: int
    style: Style
    z: str
    duration_ms: int


class _BoxFields(TypedDict):
    x: int
    y: int
    width: int
    height: int
    angle: int


def decode(data: bytes) -> Shape | Unknown:
    """
    The shape that `data` is: whole, without anything behind it. Raises ShapeRefused; a version or type that is not
    known is an Unknown, not an error.
    """
    if len(data) > MAX_SHAPE_BYTES:
        raise ShapeRefused(Refusal.TOO_BIG, f"{len(data)} bytes")
    reader = Reader(data)
    version, kind = reader.byte(), reader.byte()
    if version != VERSION:
        return Unknown(version=version, type=kind, z="", box=None, data=data)
    flags = reader.byte()
    style = Style(reader.byte(), reader.byte(), reader.byte(), reader.byte())
    z = _ascii(reader, MAX_Z_CHARS, _Z, Refusal.Z)
    duration_ms = reader.varuint(MAX_DURATION_MS)
    geometry = _GEOMETRY.get(kind)
    if geometry is None:
        return Unknown(version=version, type=kind, z=z, box=_unknown_box(reader.rest()), data=data)
    shape = geometry(reader, {"flags": flags, "style": style, "z": z, "duration_ms": duration_ms})
    if reader.left:
        raise ShapeRefused(Refusal.TRAILING, f"{reader.left} bytes behind the shape")
    return shape


def _ink(reader: Reader, head: _Head) -> Ink:
    count = reader.varuint(MAX_POINTS)
    if count == 0:
        raise ShapeRefused(Refusal.RANGE, "ink without a point")
    pressed = not head["flags"] & Flag.NO_PRESSURE
    values = all_varints(reader.rest())
    step = 3 if pressed else 2
    if len(values) < count * step:
        raise ShapeRefused(Refusal.TRUNCATED, f"{count} points are announced, {len(values) // step} are there")
    if len(values) > count * step:
        raise ShapeRefused(Refusal.TRAILING, "numbers behind the last point")
    xs, ys = tuple(accumulate(values[0::step])), tuple(accumulate(values[1::step]))
    if not (min(xs) >= -MAX_COORDINATE and max(xs) <= MAX_COORDINATE):
        raise ShapeRefused(Refusal.RANGE, "ink beyond the plane")
    if not (min(ys) >= -MAX_COORDINATE and max(ys) <= MAX_COORDINATE):
        raise ShapeRefused(Refusal.RANGE, "ink beyond the plane")
    pressures = tuple(accumulate(values[2::step])) if pressed else ()
    if pressures and not (min(pressures) >= 0 and max(pressures) <= 255):
        raise ShapeRefused(Refusal.RANGE, "a pressure outside 0 to 255")
    return Ink(xs=xs, ys=ys, pressures=pressures, **head)


def _line(reader: Reader, head: _Head) -> Line:
    x1, y1, x2, y2 = (reader.varint(MAX_COORDINATE) for _ in range(4))
    return Line(x1=x1, y1=y1, x2=x2, y2=y2, **head)


def _rectangle(reader: Reader, head: _Head) -> Rectangle:
    return Rectangle(**_box(reader), **head)


def _ellipse(reader: Reader, head: _Head) -> Ellipse:
    return Ellipse(**_box(reader), **head)


def _text(reader: Reader, head: _Head) -> Text:
    x, y = reader.varint(MAX_COORDINATE), reader.varint(MAX_COORDINATE)
    width, angle = reader.length(MAX_COORDINATE), reader.varint(MAX_ANGLE)
    size = _text_size(reader)
    return Text(x=x, y=y, width=width, angle=angle, size=size, text=_string(reader, MAX_TEXT_CHARS), **head)


def _note(reader: Reader, head: _Head) -> Note:
    box = _box(reader)
    size = _text_size(reader)
    return Note(size=size, text=_string(reader, MAX_TEXT_CHARS), **box, **head)


def _image(reader: Reader, head: _Head) -> Image:
    box = _box(reader)
    file = _ascii(reader, MAX_FILE_ID_CHARS, _FILE_ID, Refusal.TEXT)
    return Image(file=file, alternative=_string(reader, MAX_ALTERNATIVE_CHARS), **box, **head)


def _stamp(reader: Reader, head: _Head) -> Stamp:
    x, y = reader.varint(MAX_COORDINATE), reader.varint(MAX_COORDINATE)
    size, angle = reader.length(MAX_COORDINATE), reader.varint(MAX_ANGLE)
    return Stamp(x=x, y=y, size=size, angle=angle, kind=reader.byte(), **head)


_GEOMETRY: dict[int, Callable[[Reader, _Head], Shape]] = {
    1: _ink,
    2: _line,
    3: _rectangle,
    4: _ellipse,
    5: _text,
    6: _note,
    7: _image,
    8: _stamp,
}


def _box(reader: Reader) -> _BoxFields:
    return {
        "x": reader.varint(MAX_COORDINATE),
        "y": reader.varint(MAX_COORDINATE),
        "width": reader.length(MAX_COORDINATE),
        "height": reader.length(MAX_COORDINATE),
        "angle": reader.varint(MAX_ANGLE),
    }


def _unknown_box(geometry: bytes) -> tuple[int, int, int, int] | None:
    reader = Reader(geometry)
    try:
        x, y = reader.varint(MAX_COORDINATE), reader.varint(MAX_COORDINATE)
        return x, y, reader.length(MAX_COORDINATE), reader.length(MAX_COORDINATE)
    except ShapeRefused:
        return None


def _text_size(reader: Reader) -> int:
    size = reader.varuint(MAX_TEXT_SIZE)
    if size == 0:
        raise ShapeRefused(Refusal.RANGE, "text of size 0")
    return size


def _ascii(reader: Reader, most: int, pattern: re.Pattern[str], reason: Refusal) -> str:
    data = reader.bytes_of(reader.varuint(most))
    text = data.decode("ascii", "replace")
    if pattern.fullmatch(text) is None:
        raise ShapeRefused(reason, "characters that do not belong there, or none")
    return text


def _string(reader: Reader, most_chars: int) -> str:
    data = reader.bytes_of(reader.varuint(MAX_SHAPE_BYTES))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ShapeRefused(Refusal.TEXT, "not UTF-8") from error
    if len(text) > most_chars:
        raise ShapeRefused(Refusal.TEXT, f"{len(text)} characters, {most_chars} are allowed")
    return text
