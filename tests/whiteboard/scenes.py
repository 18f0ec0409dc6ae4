"""
One little page for each thing that can be painted, and the pictures that they must look like.

`python -m tests.whiteboard.scenes` paints the reference pictures anew; whoever does, opens each of them.
"""

import io
from pathlib import Path

from PIL import Image as Picture
from PIL import ImageChops

from whiteboard.render.raster import paint
from whiteboard.render.scene import Page
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
    StampKind,
    Style,
    Text,
    encode,
)

FOLDER = Path(__file__).parents[1] / "vectors" / "board" / "pictures"
WIDTH = 320
_WAVE = tuple(160 + 10 * n for n in range(96))
_SPANISH = "¿Cuál es la tasa del Impuesto al Valor Agregado que se aplica? Responda: ≤ 15 % — «sí» o «no» ✓"


def scene(*shapes: Shape, paper: str = "blank") -> Page:
    """A page of 320 x 180 units."""
    return Page(320, 180, paper, {f"shape{number:03}": encode(shape) for number, shape in enumerate(shapes)})


def _wave(style: Style, flags: int = 0, up: int = 360) -> Ink:
    pressed = not flags & Flag.NO_PRESSURE
    return Ink(
        z="a",
        style=style,
        flags=flags,
        xs=_WAVE,
        ys=tuple(up + 14 * abs(n % 16 - 8) - 56 for n in range(96)),
        pressures=tuple(20 + 8 * abs(n % 48 - 24) for n in range(96)) if pressed else (),
    )


def _loop() -> Ink:
    turns = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]
    xs, ys = [400], [480]
    for step in range(40):
        dx, dy = turns[step % 8]
        xs.append(xs[-1] + 36 * dx + 8)
        ys.append(ys[-1] + 36 * dy)
    return Ink(z="a", style=Style(8, 0, 24, 255), flags=Flag.NO_PRESSURE, xs=tuple(xs), ys=tuple(ys))


def _sharp(style: Style, up: int, step: int) -> Ink:
    """A W with points that are close together: its corners turn back on the width of the pen."""
    corners = [0, 1, 0, 1, 0]
    xs, ys = [], []
    for leg in range(4):
        for place in range(0, 60, step):
            xs.append(200 + 200 * leg + 200 * place // 60)
            ys.append(up + 260 * (corners[leg] * (60 - place) + corners[leg + 1] * place) // 60)
    return Ink(z="a", style=style, flags=Flag.NO_PRESSURE, xs=tuple(xs), ys=tuple(ys))


SCENES: dict[str, Page] = {
    "ink": scene(
        _wave(Style(8, 0, 12, 255), up=160),
        _wave(Style(3, 0, 16, 120), up=360),
        _wave(Style(1, 0, 5, 255), Flag.NO_PRESSURE, up=560),
    ),
    "ink_corners": scene(_sharp(Style(9, 0, 28), 40, 4), _sharp(Style(3, 0, 40, 140), 380, 12)),
    "ink_loops_and_dots": scene(
        _loop(), Ink(z="b", style=Style(3, 0, 40, 255), xs=(200,), ys=(200,), pressures=(200,))
    ),
    "highlighter": scene(
        Rectangle(z="a", style=Style(0, 8, 0, 255), x=480, y=200, width=320, height=320),
        _wave(Style(5, 0, 60, 255), Flag.HIGHLIGHTER),
        paper="grid",
    ),
    "lines": scene(
        Line(z="a", style=Style(1, 0, 6), x1=80, y1=80, x2=1200, y2=120),
        Line(z="b", style=Style(3, 0, 8), flags=Flag.ARROW_AT_END, x1=80, y1=200, x2=1200, y2=280),
        Line(z="c", style=Style(8, 0, 4), flags=3 | Flag.DASHED, x1=80, y1=340, x2=1200, y2=460),
        Line(z="d", style=Style(6, 0, 16, 128), flags=Flag.DASHED, x1=80, y1=520, x2=1200, y2=600),
        Line(z="e", style=Style(9, 0, 6), flags=3, x1=80, y1=640, x2=130, y2=650),
    ),
    "rectangles": scene(
        Rectangle(z="a", style=Style(8, 5, 8, 255), x=80, y=80, width=400, height=240),
        Rectangle(z="b", style=Style(3, 6, 8, 128), x=600, y=120, width=400, height=240, angle=300),
        Rectangle(z="c", style=Style(1, 0, 4, 255), flags=Flag.DASHED, x=200, y=440, width=800, height=200, angle=-50),
    ),
    "ellipses": scene(
        Ellipse(z="a", style=Style(8, 5, 8, 255), x=80, y=80, width=400, height=240),
        Ellipse(z="b", style=Style(3, 6, 8, 128), x=600, y=120, width=500, height=200, angle=300),
        Ellipse(z="c", style=Style(1, 0, 4, 255), flags=Flag.DASHED, x=200, y=440, width=800, height=200, angle=-50),
    ),
    "text_spanish": scene(
        Text(z="a", x=40, y=40, width=1200, size=18, text=_SPANISH),
        Text(
            z="b", style=Style(8), flags=Flag.BOLD | Flag.CENTRED, x=40, y=440, width=1200, size=24, text="En negrita"
        ),
        Text(z="c", style=Style(3, 0, 0, 128), x=800, y=700, width=400, size=20, angle=-200, text="girado"),
    ),
    "text_both_directions": scene(
        Text(z="a", x=40, y=30, width=1200, size=20, text="مرحبا بالعالم، السؤال 3 من 5 (صفحة 12) abc"),
        Text(z="b", x=40, y=300, width=1200, size=20, flags=Flag.BOLD, text="שלום 2026 world עולם"),
        Text(z="c", x=40, y=440, width=1200, size=18, text="Привет Ελλάδα Tiếng Việt नमस्ते दुनिया\nlatin עברית end."),
    ),
    "text_missing_glyphs": scene(Text(z="a", x=40, y=40, width=1200, size=28, text="漢字 \U0001f600 ok\ufffe")),
    "notes": scene(
        Note(
            z="a", style=Style(1, 5), x=40, y=40, width=480, height=480, size=20, text="Un recado con texto largo " * 4
        ),
        Note(
            z="b",
            style=Style(8, 8),
            flags=24,
            x=640,
            y=120,
            width=480,
            height=360,
            angle=80,
            size=20,
            text="Centro\nאב",
        ),
        Note(z="c", style=Style(1, 0, 0, 120), x=360, y=560, width=240, height=120, size=14, text="claro"),
    ),
    "images": scene(
        Image(z="a", x=80, y=80, width=480, height=280, file="photo"),
        Image(z="b", style=Style(opacity=128), x=640, y=160, width=480, height=280, angle=200, file="photo"),
        Image(z="c", x=200, y=440, width=480, height=240, file="gone", alternative="A photo"),
    ),
    "stamps": scene(
        *(
            Stamp(
                z=f"a{kind}",
                style=Style(kind, 0, 0, 255 if kind % 2 else 140),
                x=30 + 250 * ((kind - 1) % 5),
                y=40 if kind <= 5 else 400,
                size=220,
                angle=0 if kind < 9 else 450,
                kind=kind,
            )
            for kind in StampKind
        )
    ),
    "ruled": scene(paper="ruled"),
    "dots": scene(paper="dots"),
    "unknown_and_order": Page(
        320,
        180,
        "blank",
        {
            "shape002": encode(Rectangle(z="b", style=Style(0, 3), x=200, y=200, width=400, height=240)),
            "shape001": encode(Rectangle(z="b", style=Style(0, 8), x=120, y=120, width=400, height=240)),
            "shape003": encode(Rectangle(z="a", style=Style(0, 6), x=40, y=40, width=400, height=240)),
            "unknown": bytes.fromhex("0163000100ff00016300") + bytes.fromhex("a00690069006a006"),
            "broken": b"\x01\x02",
        },
    ),
}


def photo(file: str, _width: int = 0) -> Picture.Image | None:
    """The only file there is: four colours."""
    if file != "photo":
        return None
    picture = Picture.new("RGB", (480, 280), "#d92d20")
    picture.paste("#1d4ed8", (240, 0, 480, 140))
    picture.paste("#16803c", (0, 140, 240, 280))
    return picture


def difference(one: Picture.Image, other: Picture.Image) -> tuple[float, float]:
    """Of two pictures of one size: the mean difference, and that of the worst block of 8 x 8 pixels (0 to 255)."""
    assert one.size == other.size, "pictures of one size are compared"
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    mean = apart.resize((1, 1), Picture.Resampling.BOX).getpixel((0, 0))
    blocks = apart.reduce(8).getextrema()
    assert isinstance(mean, int)
    assert isinstance(blocks[1], int)
    return float(mean), float(blocks[1])


def reference(name: str) -> Picture.Image:
    """The picture that a scene must look like."""
    return Picture.open(io.BytesIO((FOLDER / f"{name}.png").read_bytes())).convert("RGB")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for title, page in SCENES.items():
        paint(page, WIDTH, pictures=photo).quantize(64).save(FOLDER / f"{title}.png", optimize=True)
