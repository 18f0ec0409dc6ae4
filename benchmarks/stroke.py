"""What one stroke of 40 points costs on Muster's wire: the ink while it is drawn, and the shape that stays."""

import math

from whiteboard import ClientId, Epoch, PageNumber
from whiteboard.document.update import Written, binary_struct
from whiteboard.document.update import encode as update_of
from whiteboard.shapes import Ink, Style, encode
from whiteboard.shapes.varints import put_varint, put_varuint
from whiteboard.wire.frames import LiveFrame, LiveKind, UpdateFrame, write

POINTS = 40
PIECE = 4
"""Points of one live message: 50 ms at the 80 points a second of a pen."""

_ID = "Hq7dK2xWbM41ZtRv"
_CLIENT = ClientId(3_141_592_653)
_PAGE, _EPOCH = PageNumber(7), Epoch(1)


def stroke_bytes() -> dict[str, int]:
    """`sent`: by its author in WebSocket messages, live and to stay; `stored`: in the log."""
    points = handwriting()
    live = sum(len(message) for message in live_messages(points))
    xs, ys, pressures = zip(*points, strict=True)
    ink = Ink(style=Style(8, 0, 6, 255), z="a0", duration_ms=500, xs=xs, ys=ys, pressures=pressures)
    update = update_of([Written(_CLIENT, 300, binary_struct(_ID.encode(), encode(ink)))], ())
    return {"sent": live + len(write(UpdateFrame(_PAGE, _EPOCH, 12, update))), "stored": len(update)}


def handwriting() -> list[tuple[int, int, int]]:
    """Points of a written loop (x, y in quarter units, pressure), some 6 units apart."""
    return [
        (
            round(4 * (400 + 5 * at + 14 * math.sin(at / 2.1))),
            round(4 * (300 + 22 * math.cos(at / 2.7))),
            round(140 + 40 * math.sin(at / 6)),
        )
        for at in range(POINTS)
    ]


def live_messages(points: list[tuple[int, int, int]]) -> list[bytes]:
    """The pieces that are shown while the stroke is drawn (docs/protocol.md section 3.3, live kind 4)."""
    messages = []
    last = (0, 0)
    for first in range(0, len(points), PIECE):
        payload = bytearray()
        put_varuint(payload, 12)
        put_varuint(payload, first)
        if first == 0:
            payload += bytes([len(_ID)]) + _ID.encode() + bytes([0, 8, 0, 6, 255])
        for x, y, pressure in points[first : first + PIECE]:
            put_varint(payload, x - last[0])
            put_varint(payload, y - last[1])
            payload.append(pressure)
            last = (x, y)
        messages.append(write(LiveFrame(_PAGE, LiveKind.INK, bytes(payload))))
    return messages
