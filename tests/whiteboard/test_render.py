"""Both painters against pictures that a person has looked at, and pages that nobody would draw."""

import tempfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.whiteboard import shape_vectors
from tests.whiteboard.pdf_pages import opened, seen
from tests.whiteboard.scenes import SCENES, WIDTH, difference, photo, reference, scene
from whiteboard.render.overlay import laid_over
from whiteboard.render.pdf import PdfPainter
from whiteboard.render.raster import paint
from whiteboard.render.scene import Page
from whiteboard.shapes import Flag, Image, Ink, Line, Note, Rectangle, Shape, Stamp, Style, Text, encode

_VECTORS = [encode(shape) for shape in shape_vectors.SHAPES.values()]


def _pdf(folder: Path, *pages: Page) -> bytes:
    painter = PdfPainter(folder, photo)
    for page in pages:
        painter.add(page)
    return painter.bytes()


def _text(document: pdfium.PdfDocument) -> str:
    page = document[0]
    content = page.get_textpage()
    try:
        text: str = content.get_text_range()
        return text
    finally:
        content.close()
        page.close()


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_looks_as_it_did(name: str) -> None:
    mean, worst = difference(paint(SCENES[name], WIDTH, pictures=photo), reference(name))
    assert mean <= 1
    assert worst <= 10


@pytest.mark.parametrize("name", SCENES)
def test_a_pdf_looks_like_the_picture(name: str, tmp_path: Path) -> None:
    with opened(_pdf(tmp_path, SCENES[name])) as document:
        mean, worst = difference(seen(document, 0, WIDTH), reference(name))
    # PDFium draws finer edges than ours; a word or a line that is missing makes a block of 80 and more.
    assert mean <= 4
    assert worst <= 56


def test_text_of_a_pdf_can_be_found_and_copied(tmp_path: Path) -> None:
    with opened(_pdf(tmp_path, SCENES["text_spanish"])) as document:
        text = _text(document)
    assert "Impuesto al" in text
    assert "«sí» o «no»" in text
    assert "En negrita" in text


def test_a_small_picture_shows_the_same_as_a_large_one() -> None:
    small = paint(SCENES["ink"], 64, pictures=photo)
    mean, worst = difference(small, paint(SCENES["ink"], 640, pictures=photo).reduce(10))
    assert mean <= 4
    assert worst <= 24


_EDGES: dict[str, Shape] = {
    "ink far away": Ink(z="a", style=Style(1, 0, 255), xs=(-4_000_000, 4_000_000) * 50, ys=(4_000_000, -4_000_000) * 50,
                        pressures=(255, 0) * 50),
    "ink on one spot": Ink(z="a", xs=(400,) * 600, ys=(400,) * 600, pressures=(128,) * 600),
    "ink without width": Ink(z="a", style=Style(1, 0, 0), xs=(1, 2), ys=(1, 2), pressures=(1, 1)),
    "highlighter without opacity": Ink(z="a", style=Style(5, 0, 40, 0), flags=3, xs=(0, 900), ys=(0, 900)),
    "dashed line of a million units": Line(z="a", style=Style(1, 0, 1), flags=7, x1=-4_000_000, y1=-3_999_000,
                                           x2=4_000_000, y2=4_000_000),
    "line of no length": Line(z="a", flags=3, x1=100, y1=100, x2=100, y2=100),
    "rectangle of no size": Rectangle(z="a", x=100, y=100, width=0, height=0, flags=Flag.DASHED),
    "rectangle of all the plane": Rectangle(z="a", style=Style(3, 6, 255, 100), x=-4_000_000, y=-4_000_000,
                                            width=4_000_000, height=4_000_000, angle=3_600, flags=Flag.DASHED),
    "text of no width": Text(z="a", x=0, y=0, width=0, size=20, text="no room"),
    "text as large as can be": Text(z="a", x=0, y=0, width=4_000_000, size=2_000, text="Ågjy"),
    "text of controls": Text(z="a", x=0, y=0, width=900, size=20, text="\x00\x07\u202e\u2066\ufeff\r\n\u2028\t|"),
    "text of marks alone": Text(z="a", x=0, y=0, width=900, size=20, text="\u0301\u0301 \u200d\u0651\u064b"),
    "text of 4000 marks": Text(z="a", x=0, y=0, width=900, size=20, text="a" + "\u0301" * 3_999),
    "text of brackets both ways": Text(z="a", x=0, y=0, width=40_000, size=2, text="(א[a" * 1_000),
    "note without room": Note(z="a", x=0, y=0, width=10, height=10, size=2_000, text="x" * 4_000),
    "note of one long word": Note(z="a", x=0, y=0, width=400, height=400, size=60, text="x" * 4_000),
    "image of no size": Image(z="a", x=0, y=0, width=0, height=0, file="photo"),
    "image of all the plane": Image(z="a", x=-4_000_000, y=-4_000_000, width=4_000_000, height=4_000_000, file="photo"),
    "stamp of all the plane": Stamp(z="a", x=-2_000_000, y=-2_000_000, size=4_000_000, angle=77, kind=8),
    "stamp of no size": Stamp(z="a", x=0, y=0, size=0, kind=255),
}  # fmt: skip


@pytest.mark.parametrize("name", _EDGES)
def test_shapes_at_the_edge_of_sense_are_painted_without_complaint(name: str, tmp_path: Path) -> None:
    page = scene(_EDGES[name])
    assert paint(page, 160, pictures=photo).size == (160, 90)
    with opened(_pdf(tmp_path, page)) as document:
        assert len(document) == 1
        seen(document, 0, 160)


@given(some.lists(some.sampled_from(_VECTORS), min_size=1, max_size=3), some.data())
@settings(max_examples=25, deadline=None)
def test_whatever_the_codec_lets_in_both_painters_can_paint(vectors: list[bytes], draw: some.DataObject) -> None:
    shapes = {}
    for number, vector in enumerate(vectors):
        data = bytearray(vector)
        for _ in range(draw.draw(some.integers(0, 3))):
            data[draw.draw(some.integers(2, len(data) - 1))] = draw.draw(some.integers(0, 255))
        shapes[f"shape{number:03}"] = bytes(data)
    page = Page(320, 180, "dots", shapes)
    assert paint(page, 64, pictures=photo).size == (64, 36)
    with tempfile.TemporaryDirectory() as folder:
        assert _pdf(Path(folder), page).startswith(b"%PDF-")


def test_ink_that_crosses_itself_has_no_holes() -> None:
    circle = [(0, -1), (1, 0), (0, 1), (-1, 0)]
    xs = tuple(640 + 200 * circle[step % 4][0] for step in range(40))
    ys = tuple(360 + 200 * circle[step % 4][1] for step in range(40))
    ink = Ink(z="a", style=Style(1, 0, 255, 255), flags=Flag.NO_PRESSURE, xs=xs, ys=ys)
    picture = paint(scene(ink), 320)
    for point in ((160, 45), (205, 90), (160, 135), (115, 90)):
        pixel = picture.getpixel(point)
        assert isinstance(pixel, tuple)
        assert max(pixel) < 60


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_ink_lies_on_a_slide_as_it_is_seen_whichever_way_its_page_is_turned(turn: int, tmp_path: Path) -> None:
    slide = pdfium.PdfDocument.new()
    try:
        sides = (640.0, 360.0) if turn in (0, 180) else (360.0, 640.0)
        page = slide.new_page(*sides)
        page.set_mediabox(-50, -70, sides[0] - 50, sides[1] - 70)
        page.set_rotation(turn)
        page.close()
        mark = Rectangle(z="a", style=Style(0, 3), x=0, y=0, width=320, height=180)
        painted = _pdf(tmp_path, Page(320, 180, "grid", scene(mark).shapes, on_slide=True))
        made = laid_over(painted, [(slide, 0)])
    finally:
        slide.close()
    with opened(made) as document:
        picture = seen(document, 0, 320)
    assert picture.size == (320, 180)
    for point, red in (((5, 5), True), ((75, 40), True), ((90, 20), False), ((20, 55), False), ((310, 170), False)):
        pixel = picture.getpixel(point)
        assert isinstance(pixel, tuple)
        assert (pixel[0] > 180 > pixel[1]) is red, (point, pixel)
