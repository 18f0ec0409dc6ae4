"""The shapes of a page as values, and their bytes (docs/protocol.md section 3.4)."""

from whiteboard.shapes.decoding import decode
from whiteboard.shapes.encoding import encode
from whiteboard.shapes.errors import Refusal, ShapeRefused
from whiteboard.shapes.model import (
    MAX_SHAPE_BYTES,
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
    Style,
    Text,
    Unknown,
)

__all__ = [
    "MAX_SHAPE_BYTES",
    "QUARTERS",
    "Box",
    "Ellipse",
    "Flag",
    "Image",
    "Ink",
    "Line",
    "Note",
    "Rectangle",
    "Refusal",
    "Shape",
    "ShapeRefused",
    "Stamp",
    "StampKind",
    "Style",
    "Text",
    "Unknown",
    "decode",
    "encode",
]
