"""A shape to bytes: for pages that the server writes itself, and for tests."""

from itertools import pairwise

from whiteboard.shapes.decoding import decode
from whiteboard.shapes.errors import Refusal, ShapeRefused
from whiteboard.shapes.model import (
    VERSION,
    Box,
    Ellipse,
    Image,
    Ink,
    Line,
    Note,
    Rectangle,
    Shape,
    Stamp,
    Text,
)
from whiteboard.shapes.varints import put_varint, put_varuint

_TYPES: dict[type[Shape], int] = {
    Ink: 1,
    Line: 2,
    Rectangle: 3,
    Ellipse: 4,
    Text: 5,
    Note: 6,
    Image: 7,
    Stamp: 8,
}


def encode(shape: Shape) -> bytes:
    """The bytes of `shape`. Raises ShapeRefused when `decode` would refuse them or read another shape."""
    style = shape.style
    try:
        out = bytearray(
            (VERSION, _TYPES[type(shape)], shape.flags, style.stroke, style.fill, style.width, style.opacity)
        )
        _put_bytes(out, shape.z.encode("ascii"))
        put_varuint(out, shape.duration_ms)
        _put_geometry(out, shape)
    except (ValueError, KeyError) as error:
        raise ShapeRefused(Refusal.RANGE, "a value does not fit its place") from error
    data = bytes(out)
    if decode(data) != shape:
        raise ShapeRefused(Refusal.RANGE, "the fields contradict each other")
    return data


def _put_geometry(out: bytearray, shape: Shape) -> None:
    match shape:
        case Ink():
            _put_ink(out, shape)
        case Line():
            for value in (shape.x1, shape.y1, shape.x2, shape.y2):
                put_varint(out, value)
        case Text():
            for value in (shape.x, shape.y, shape.width, shape.angle):
                put_varint(out, value)
            put_varuint(out, shape.size)
            _put_bytes(out, shape.text.encode("utf-8"))
        case Stamp():
            for value in (shape.x, shape.y, shape.size, shape.angle):
                put_varint(out, value)
            out.append(shape.kind)
        case Box():
            for value in (shape.x, shape.y, shape.width, shape.height, shape.angle):
                put_varint(out, value)
            _put_box_rest(out, shape)


def _put_box_rest(out: bytearray, shape: Box) -> None:
    match shape:
        case Note():
            put_varuint(out, shape.size)
            _put_bytes(out, shape.text.encode("utf-8"))
        case Image():
            _put_bytes(out, shape.file.encode("ascii"))
            _put_bytes(out, shape.alternative.encode("utf-8"))


def _put_ink(out: bytearray, ink: Ink) -> None:
    put_varuint(out, len(ink.xs))
    columns = [_deltas(ink.xs), _deltas(ink.ys)]
    if ink.pressures:
        columns.append(_deltas(ink.pressures))
    for values in zip(*columns, strict=True):
        for value in values:
            put_varint(out, value)


def _deltas(values: tuple[int, ...]) -> list[int]:
    return [*values[:1], *(after - before for before, after in pairwise(values))]


def _put_bytes(out: bytearray, data: bytes) -> None:
    put_varuint(out, len(data))
    out += data
