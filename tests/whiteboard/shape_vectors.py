"""
What tests/vectors/board/shapes.json holds: shapes with their bytes and fields, and bytes that are none.

`python -m tests.whiteboard.shape_vectors` writes the file anew; whoever does, looks at the difference.
"""

from dataclasses import asdict
from pathlib import Path

from tests.vector_files import line_text
from whiteboard.shapes import (
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
    decode,
    encode,
)

PATH = Path(__file__).parents[1] / "vectors" / "board" / "shapes.json"
_FAR = 4_000_000
_ARABIC = "مرحبا بالعالم، السؤال 3 من 5 (صفحة 12)"
_SPANISH = "¿Cómo se pronuncia «desoxirribonucleico»? Escríbalo aquí."

SHAPES: dict[str, Shape] = {
    "ink of one point": Ink(z="a0", xs=(400,), ys=(-8,), pressures=(128,)),
    "ink with pressure": Ink(
        z="a1",
        style=Style(8, 0, 8, 255),
        duration_ms=420,
        xs=(400, 404, 440, 700, 690),
        ys=(400, 399, 380, -100, 64000),
        pressures=(0, 255, 0, 128, 127),
    ),
    "highlighter without pressure": Ink(
        z="a2",
        style=Style(5, 0, 40, 128),
        flags=Flag.HIGHLIGHTER | Flag.NO_PRESSURE,
        duration_ms=86_400_000,
        xs=(0, 1, 0, 63, -1),
        ys=(0, -1, 64, -64, 8191),
    ),
    "ink over the whole plane": Ink(
        z="zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        style=Style(255, 255, 255, 0),
        flags=255 - Flag.NO_PRESSURE,
        xs=(-_FAR, _FAR, -_FAR),
        ys=(_FAR, -_FAR, _FAR),
        pressures=(255, 0, 255),
    ),
    "ink of 600 points": Ink(
        z="Zz",
        style=Style(3, 0, 5, 255),
        duration_ms=9_000,
        xs=tuple(1000 + 8 * n for n in range(600)),
        ys=tuple(2000 + (n * n) % 97 for n in range(600)),
        pressures=tuple((n * 7) % 256 for n in range(600)),
    ),
    "line": Line(z="a3", x1=0, y1=0, x2=6400, y2=3600),
    "line dashed with two heads": Line(
        z="a4",
        style=Style(3, 0, 4, 200),
        flags=Flag.ARROW_AT_END | Flag.ARROW_AT_START | Flag.DASHED,
        x1=-_FAR,
        y1=_FAR,
        x2=_FAR,
        y2=-_FAR,
    ),
    "rectangle": Rectangle(z="a5", style=Style(6, 5, 4, 255), x=400, y=400, width=800, height=400),
    "rectangle turned and dashed": Rectangle(
        z="a6", style=Style(6, 0, 1, 90), flags=Flag.DASHED, x=-400, y=-401, width=801, height=0, angle=-3_600
    ),
    "ellipse": Ellipse(z="a7", style=Style(0, 10, 0, 255), x=1, y=2, width=3, height=4, angle=3_600),
    "text": Text(z="a8", x=100, y=200, width=1600, size=32, text="Hello"),
    "text in Spanish": Text(
        z="a9", style=Style(8, 0, 0, 255), flags=Flag.BOLD, x=100, y=200, width=800, angle=450, size=24, text=_SPANISH
    ),
    "text from right to left": Text(z="aA", flags=Flag.CENTRED, x=0, y=0, width=1200, size=40, text=_ARABIC),
    "text of nothing": Text(z="aB", x=0, y=0, width=0, size=1, text=""),
    "text outside the basic plane, with a byte order mark": Text(
        z="aC", x=0, y=0, width=400, size=2_000, text="\ufeff\U0001f44d\U0001d504\n\tZ\u0308"
    ),
    "text of 4000 characters": Text(z="aD", x=0, y=0, width=4000, size=12, text="ñ€漢\U0001f600" * 1000),
    "note": Note(
        z="aE", style=Style(1, 5, 0, 255), x=40, y=44, width=800, height=800, angle=-25, size=28, text="שלום\nworld"
    ),
    "image": Image(
        z="aF",
        x=-10,
        y=-20,
        width=3200,
        height=1800,
        angle=1,
        file="f_0-Zq9",
        alternative="Las partes de la célula",
    ),
    "image without alternative text": Image(z="aG", x=0, y=0, width=1, height=1, file="A" * 64),
    "stamp": Stamp(z="aH", style=Style(6, 0, 0, 255), x=10, y=20, size=256, angle=-150, kind=1),
    "stamp of a kind to come": Stamp(z="aI", style=Style(3, 0, 0, 255), x=10, y=20, size=256, kind=200),
}

UNKNOWN: dict[str, bytes] = {
    "type to come with a box": bytes.fromhex("0163000300ff0002613005 0a14 a00b c801 ff00ff".replace(" ", "")),
    "type to come without a box": bytes.fromhex("01ff0001000aff0161 00 07".replace(" ", "")),
    "type to come without geometry": bytes.fromhex("01000001000aff016100"),
    "version to come": bytes.fromhex("02010001"),
    "version 0": bytes.fromhex("0000"),
}

_HEAD = "000100 06ff 026130 00".replace(" ", "")

REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": ("truncated", b""),
    "version only": ("truncated", bytes.fromhex("01")),
    "head cut off": ("truncated", bytes.fromhex("0103000100")),
    "order of no characters": ("z", bytes.fromhex("0103000100 06ff 00 00")),
    "order of 33 characters": ("range", bytes.fromhex("0103000100 06ff 21" + "61" * 33 + "00")),
    "order with a hyphen": ("z", bytes.fromhex("0103000100 06ff 02612d 00")),
    "drawn for more than a day": ("range", bytes.fromhex("0103000100 06ff 026130 81b89929")),
    "number of nine bytes": ("number", bytes.fromhex("0102" + _HEAD + "808080808080808000" + "000000")),
    "number cut off": ("truncated", bytes.fromhex("0102" + _HEAD + "00000080")),
    "line beyond the plane": ("range", bytes.fromhex("0102" + _HEAD + "82a4e803" + "000000")),
    "byte behind a line": ("trailing", bytes.fromhex("0102" + _HEAD + "0000000000")),
    "ink without a point": ("range", bytes.fromhex("0101" + _HEAD + "00")),
    "ink of 601 points": ("range", bytes.fromhex("0101" + _HEAD + "d904" + "000000" * 601)),
    "ink with a point too few": ("truncated", bytes.fromhex("0101" + _HEAD + "02" + "000000")),
    "ink with a number too many": ("trailing", bytes.fromhex("0101" + _HEAD + "01" + "00000000")),
    "ink that ends within a number": ("truncated", bytes.fromhex("0101" + _HEAD + "01" + "000080")),
    "ink that wanders off the plane": (
        "range",
        bytes.fromhex("0101" + _HEAD + "02" + "80a4e8030000" + "020000"),
    ),
    "ink pressed more than fully": ("range", bytes.fromhex("0101" + _HEAD + "01" + "00008004")),
    "ink pressed less than not": ("range", bytes.fromhex("0101" + _HEAD + "01" + "000001")),
    "rectangle of negative width": ("range", bytes.fromhex("0103" + _HEAD + "0000010000")),
    "rectangle turned more than once": ("range", bytes.fromhex("0103" + _HEAD + "00000000a238")),
    "text of size 0": ("range", bytes.fromhex("0105" + _HEAD + "0000000000" + "00")),
    "text that is not UTF-8": ("text", bytes.fromhex("0105" + _HEAD + "0000000010" + "02c328")),
    "text with half a surrogate pair": ("text", bytes.fromhex("0105" + _HEAD + "0000000010" + "03eda080")),
    "text that is longer than it is": ("truncated", bytes.fromhex("0105" + _HEAD + "0000000010" + "0541")),
    "text of 4001 characters": ("text", bytes.fromhex("0105" + _HEAD + "0000000010" + "a11f" + "41" * 4001)),
    "image without a file": ("text", bytes.fromhex("0107" + _HEAD + "0000000000" + "0000")),
    "image of a path": ("text", bytes.fromhex("0107" + _HEAD + "0000000000" + "032e2e2f" + "00")),
    "more than 16 kB": ("too_big", bytes.fromhex("0163" + _HEAD) + bytes(16 * 1024)),
}


def vectors() -> dict[str, object]:
    """The content of the file."""
    return {
        "about": "Shapes of docs/protocol.md section 3.4. Places and lengths in quarter units, angles in tenths of a "
        "degree, text sizes in units. `refused` bytes are no shape; `reason` is informative.",
        "shapes": [
            {"name": name, "hex": encode(shape).hex(), "type": type(shape).__name__.lower(), "fields": asdict(shape)}
            for name, shape in SHAPES.items()
        ],
        "unknown": [
            {
                "name": name,
                "hex": data.hex(),
                "fields": {"version": shape.version, "type": shape.type, "z": shape.z, "box": shape.box},
            }
            for name, data in UNKNOWN.items()
            if isinstance(shape := decode(data), Unknown)
        ],
        "refused": [{"name": name, "hex": data.hex(), "reason": reason} for name, (reason, data) in REFUSED.items()],
    }


def text() -> str:
    """The file, byte for byte: a vector a line."""
    return line_text(vectors())


if __name__ == "__main__":
    PATH.write_text(text(), encoding="ascii")
