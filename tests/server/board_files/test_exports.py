"""Exports of pages and boards, with slides of real documents behind them."""

import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image as Picture

from server.boards.exports import WorkerExports
from server.boards.rendering import PageContent, RenderFault, RenderRefused
from server.boards.slides import WorkerSlides
from server.workers import WorkerPool
from tests.server.board_files import made_files as made
from tests.whiteboard.pdf_pages import opened, seen
from tests.whiteboard.scenes import SCENES, difference
from whiteboard.shapes import Image, Rectangle, Style, encode

pytestmark = pytest.mark.slow


@pytest.fixture
def exports(pool: WorkerPool, slides: WorkerSlides) -> WorkerExports:
    return WorkerExports(pool, slides)


def _page(scene: str, **fields: object) -> PageContent:
    page = SCENES[scene]
    given: dict[str, object] = {"title": scene, "width": 320, "height": 180, "paper": page.paper}
    return PageContent(**{**given, "shapes": page.shapes, **fields})  # type: ignore[arg-type]  # fields of a test


def _texts(document: pdfium.PdfDocument) -> list[str]:
    found = []
    for index in range(len(document)):
        page = document[index]
        text = page.get_textpage()
        found.append(text.get_text_range())
        text.close()
        page.close()
    return found


async def test_a_board_becomes_a_pdf_whose_slides_are_still_vectors(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "slides.pdf"
    path.write_bytes(made.pdf_of(["One fish", "Two fish"]))
    source = made.source(path, "application/pdf")
    pages = [_page("ink", slide=(source, 2)), _page("text_spanish"), _page("stamps", slide=(source, 1))]
    steps: list[tuple[int, int]] = []
    async with exports.board(pages, "pdf", lambda done, total: steps.append((done, total))) as made_path:
        with opened(made_path.read_bytes()) as document:
            assert len(document) == 3
            texts = _texts(document)
    assert "Two fish" in texts[0]
    assert "Impuesto" in texts[1]
    assert "One fish" in texts[2]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert not made_path.exists()


async def test_an_annotated_slide_looks_alike_as_pdf_and_as_png(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "slides.pdf"
    path.write_bytes(made.pdf_of(["Annotated"]))
    page = _page("ink", slide=(made.source(path, "application/pdf"), 1), paper="grid")
    async with exports.page(page, "png", 640) as made_path:
        png = Picture.open(made_path).convert("RGB")
    async with exports.page(page, "pdf") as made_path:
        with opened(made_path.read_bytes()) as document:
            pdf = seen(document, 0, 640)
    mean, worst = difference(png.reduce(2), pdf.reduce(2))
    assert mean <= 4
    assert worst <= 56
    assert png.getpixel((320, 330)) == (220, 230, 250), "the slide shows, and no grid on it"


async def test_pictures_of_a_page_are_in_its_exports(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made.jpeg((400, 200)))
    shapes = {"image": encode(Image(z="a", x=0, y=0, width=1280, height=720, file="photo", alternative="A photo"))}
    page = _page("dots", shapes=shapes, images={"photo": made.source(path, "image/jpeg")})
    async with exports.page(page, "png", 320) as made_path:
        pixel = Picture.open(made_path).convert("RGB").getpixel((60, 90))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200 > 60 > pixel[1]
    async with exports.page(page, "pdf") as made_path:
        with opened(made_path.read_bytes()) as document:
            pixel = seen(document, 0, 320).getpixel((260, 90))
    assert isinstance(pixel, tuple)
    assert pixel[2] > 200 > 60 > pixel[1]


async def test_a_damaged_picture_is_a_box_and_no_error(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made.jpeg((400, 200))[:200])
    shapes = {"image": encode(Image(z="a", x=0, y=0, width=1280, height=720, file="photo"))}
    page = _page("dots", shapes=shapes, images={"photo": made.source(path, "image/jpeg")})
    async with exports.page(page, "png", 320) as made_path:
        assert Picture.open(made_path).convert("RGB").getpixel((100, 20)) == (0xEE, 0xF1, 0xF5)


async def test_a_photo_can_be_the_slide(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made.jpeg((640, 360)))
    mark = encode(Rectangle(z="a", style=Style(0, 6), x=0, y=0, width=160, height=160))
    page = _page("dots", shapes={"mark": mark}, slide=(made.source(path, "image/jpeg"), 1))
    for kind in ("png", "pdf"):
        async with exports.page(page, kind, 320) as made_path:
            if kind == "png":
                picture = Picture.open(made_path).convert("RGB")
            else:
                with opened(made_path.read_bytes()) as document:
                    picture = seen(document, 0, 320)
        corner, left, right = (picture.getpixel(point) for point in ((5, 5), (100, 90), (300, 90)))
        assert isinstance(corner, tuple)
        assert isinstance(left, tuple)
        assert isinstance(right, tuple)
        assert corner[1] > max(corner[0], corner[2])
        assert left[0] > 200 > left[2]
        assert right[2] > 200 > right[0]


async def test_a_board_becomes_a_zip_of_pictures_with_safe_names(exports: WorkerExports) -> None:
    pages = [
        _page("ink", title="../../etc/passwd"),
        _page("notes", title="Clase nº 1: célula"),
        _page("dots", title=""),
    ]
    async with exports.board(pages, "zip") as path:
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["001 etc passwd.png", "002 Clase nº 1 célula.png", "003.png"]
            assert archive.testzip() is None


async def test_what_cannot_be_exported_is_refused(exports: WorkerExports, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    bad = _page("ink", slide=(made.source(path, "application/pdf"), 1))
    for page in (bad, _page("ink", width=1, height=4000)):
        with pytest.raises(RenderRefused) as refused:
            async with exports.page(page, "png", 5000):
                pass
        assert refused.value.fault is RenderFault.EXPORT_FAILED
    with pytest.raises(RenderRefused):
        async with exports.board([], "pdf"):
            pass
