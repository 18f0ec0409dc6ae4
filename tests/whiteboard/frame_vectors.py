"""
What tests/vectors/board/frames.json holds: binary messages with their bytes and fields, and bytes that are none.

`python -m tests.whiteboard.frame_vectors` writes the file anew; whoever does, looks at the difference.
"""

from dataclasses import fields
from enum import IntEnum
from pathlib import Path
from typing import Any

from tests.vector_files import line_text
from whiteboard import Epoch, PageNumber, Seq
from whiteboard.wire.frames import (
    AckFrame,
    ClientFrame,
    Coding,
    LiveFrame,
    LiveKind,
    LivesFrame,
    ServerFrame,
    StateFrame,
    UpdateFrame,
    UpdatesFrame,
    write,
)

PATH = Path(__file__).parents[1] / "vectors" / "board" / "frames.json"
_FAR = 2**53 - 1

CLIENT: dict[str, ClientFrame] = {
    "an update": UpdateFrame(PageNumber(1), Epoch(1), 1, bytes.fromhex("0000")),
    "an update with large numbers": UpdateFrame(PageNumber(300), Epoch(2**21), _FAR, bytes(range(40))),
    "a pointer": LiveFrame(PageNumber(5), LiveKind.POINTER, bytes.fromhex("a006c801")),
    "a laser": LiveFrame(PageNumber(5), LiveKind.LASER, bytes.fromhex("0000")),
    "a pointer that is gone": LiveFrame(PageNumber(5), LiveKind.GONE, b""),
    "the beginning of ink": LiveFrame(
        PageNumber(127), LiveKind.INK, bytes.fromhex("010008616263646566676800010004ffa006c80180")
    ),
    "a view": LiveFrame(PageNumber(128), LiveKind.VIEW, bytes.fromhex("00008019900e")),
    "two shapes that are held": LiveFrame(PageNumber(1), LiveKind.HELD, b"\x08abcdefgh\x08ABCDEFGH"),
    "a drag": LiveFrame(PageNumber(1), LiveKind.DRAG, b"\x01\x02\x08abcdefgh"),
}

SERVER: dict[str, ServerFrame] = {
    "one update": UpdatesFrame(PageNumber(1), Epoch(1), Seq(1), (bytes.fromhex("0000"),)),
    "an own update among others": UpdatesFrame(PageNumber(300), Epoch(2), Seq(16_384), (b"\1\2\3", b"", bytes(200))),
    "only an own update": UpdatesFrame(PageNumber(1), Epoch(1), Seq(7), (b"",)),
    "live messages of two actors": LivesFrame(PageNumber(1), ((1, 4, b"\0\0"), (200, 1, b"\2\2"), (1, 3, b""))),
    "an ack": AckFrame(PageNumber(1), Epoch(1), 3, Seq(128)),
    "a plain state": StateFrame(PageNumber(1), Epoch(3), Seq(0), Coding.PLAIN, bytes.fromhex("0000")),
    "a packed state": StateFrame(PageNumber(2), Epoch(1), Seq(500), Coding.ZLIB, bytes.fromhex("78016360000000020001")),
}

BROKEN_CLIENT: dict[str, str] = {
    "nothing": "",
    "a kind that there is not": "7701",
    "a kind of the server": "110101010200",
    "no page": "01",
    "a page that is cut off": "0180",
    "no n": "010101",
    "no live kind": "0201",
    "a live kind that there is not": "020108",
    "a number of nine bytes": "01ffffffffffffffff010101",
}

BROKEN_SERVER: dict[str, str] = {
    "nothing": "",
    "a kind of the client": "0101010100",
    "an update that is cut off": "11010101050000",
    "a live message that is cut off": "120101010500",
    "an ack with something behind it": "130101010100",
    "a coding that there is not": "1401010102",
    "a state without a coding": "14010101",
}


def vectors() -> dict[str, Any]:
    """The whole file."""
    return {
        "about": "Binary messages of docs/protocol.md section 3.3; bytes in hex. `broken` bytes are no message.",
        "client": [_vector(name, frame) for name, frame in CLIENT.items()],
        "server": [_vector(name, frame) for name, frame in SERVER.items()],
        "broken_client": [{"name": name, "hex": text} for name, text in BROKEN_CLIENT.items()],
        "broken_server": [{"name": name, "hex": text} for name, text in BROKEN_SERVER.items()],
    }


def text() -> str:
    """The file, one vector a line."""
    return line_text(vectors())


_NAMES = {
    UpdateFrame: "update",
    LiveFrame: "live",
    UpdatesFrame: "updates",
    LivesFrame: "lives",
    AckFrame: "ack",
    StateFrame: "state",
}


def _vector(name: str, frame: ClientFrame | ServerFrame) -> dict[str, Any]:
    found = {field.name: _plain(getattr(frame, field.name)) for field in fields(frame)}
    return {"name": name, "hex": write(frame).hex(), "type": _NAMES[type(frame)], "fields": found}


def _plain(value: object) -> object:
    if isinstance(value, IntEnum):
        return int(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
