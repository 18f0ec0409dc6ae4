"""Slides in real browsers: a PDF becomes pages, is drawn on, followed, and comes back as PDF and picture."""

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image as Picture
from PIL import ImageDraw
from playwright.async_api import expect

from tests.interop.board_page import SHOWN_MS, BoardPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.server.board_files.made_files import pdf_of
from tests.whiteboard.scenes import difference
from whiteboard.shapes import QUARTERS, Ink, decode

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

WIDTH, HEIGHT = 960, 540
PAGE_WIDTH = 1600
RED = "#d92d20"
# An edge of a letter or a line a pixel aside makes a block of up to 60; one that is missing makes 90 and more.
MEAN_AT_MOST = 3.0
BLOCK_AT_MOST = 72


def seen(pdf: bytes, page: int = 0) -> Picture.Image:
    """A page of a PDF as another program paints it."""
    document = pdfium.PdfDocument(pdf)
    try:
        sheet = document[page]
        picture: Picture.Image = sheet.render(scale=WIDTH / sheet.get_width()).to_pil().convert("RGB")
        sheet.close()
        return picture
    finally:
        document.close()


def drawn_on(slide: Picture.Image, data: bytes) -> Picture.Image:
    """The slide with a stroke of one width on it, by Pillow's own pen."""
    ink = decode(data)
    assert isinstance(ink, Ink)
    scale = WIDTH / PAGE_WIDTH
    points = [(x / QUARTERS * scale, y / QUARTERS * scale) for x, y in zip(ink.xs, ink.ys, strict=True)]
    picture = slide.copy()
    ImageDraw.Draw(picture).line(points, fill=RED, width=round(ink.style.width / 2 * scale), joint="curve")
    return picture


async def exported(board: BoardPage, entry: str) -> bytes:
    async with board.page.expect_download() as started:
        await board.choose(entry)
    return (await (await started.value).path()).read_bytes()


async def test_a_pdf_becomes_pages_that_are_drawn_on_followed_and_exported(room: ClassRoom, people: People) -> None:
    ana, ben = [
        BoardPage(await people.enter(link, name, camera=False, mic=False))
        for link, name in ((room.tutor, "Tutor Ana"), (room.officer, "Officer Ben"))
    ]
    await ana.show()
    slides = pdf_of(["Rules of origin", "Valuation"], (WIDTH, HEIGHT))
    async with ana.page.expect_file_chooser() as chosen:
        await ana.view.get_by_role("button", name="Add slides").first.click()
    await (await chosen.value).set_files({"name": "lesson.pdf", "mimeType": "application/pdf", "buffer": slides})
    strip = ana.view.get_by_role("navigation", name="Pages")
    await expect(strip.get_by_role("listitem")).to_have_count(2, timeout=SHOWN_MS)
    await expect(strip.locator("canvas")).to_have_count(2, timeout=SHOWN_MS)
    await ana.ready()
    await ana.view.get_by_role("button", name="Turn the class here").click()
    await expect(ben.view.get_by_text("1 of 2")).to_be_visible(timeout=SHOWN_MS)
    # A thick red line between two corners of the page, which the engine's own camera says where they are.
    await ana.view.get_by_role("button", name="Colour and width").click()
    await ana.view.get_by_role("radio", name="Red").first.click()
    await ana.view.get_by_role("radio", name="Very thick").click()
    await ana.page.keyboard.press("Escape")
    line = [(0.3 + 0.02 * step, 0.5 + 0.005 * step) for step in range(21)]
    await ana.draw(line)
    await ana.saved()
    shapes = await ben.has(1)
    assert shapes == await ana.has(1)
    pdf, png = await exported(ana, "This page as PDF"), await exported(ana, "This page as a picture (PNG)")
    picture = Picture.open(io.BytesIO(png)).convert("RGB").resize((WIDTH, HEIGHT), Picture.Resampling.BOX)
    untouched = seen(slides)
    reference = drawn_on(untouched, next(iter(shapes.values())))
    for name, made in (("PNG", picture), ("PDF", seen(pdf))):
        mean, worst = difference(made, reference)
        assert mean <= MEAN_AT_MOST, name
        assert worst <= BLOCK_AT_MOST, name
        assert difference(made, untouched)[1] > 2 * BLOCK_AT_MOST / 1.5, f"the line is on the {name}"
    # The officer follows when the class is turned, and finds back when he looked elsewhere.
    await ana.view.get_by_role("button", name="Next page").click()
    await ana.view.get_by_role("button", name="Turn the class here").click()
    await expect(ben.view.get_by_text("2 of 2")).to_be_visible(timeout=SHOWN_MS)
    await ben.view.get_by_role("button", name="Previous page").click()
    await expect(ben.view.get_by_text("1 of 2")).to_be_visible()
    await ben.view.get_by_role("button", name="Back to the class page").click()
    await expect(ben.view.get_by_text("2 of 2")).to_be_visible()
