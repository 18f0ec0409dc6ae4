"""Pages of the board made into pictures and documents. Their slides and pictures are files of strangers, so: here."""

import base64
import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from server.workers.errors import JobRefused
from server.workers.jobs.pictures import MAX_PIXELS, opened, upright
from server.workers.jobs.slides import document
from server.workers.jobs.task import Task
from whiteboard.render.overlay import Slide, laid_over
from whiteboard.render.pdf import PdfPainter
from whiteboard.render.raster import paint
from whiteboard.render.scene import Page

_MAX_PICTURE = 2560


def export_png(
    task: Task, pages: Sequence[dict[str, Any]], width: int, names: Sequence[str], archive: str | None
) -> dict[str, Any]:
    """One PNG a page, named by `names`; with `archive` all of them in a zip of that name."""
    for done, (wanted, name) in enumerate(zip(pages, names, strict=True), 1):
        page = _page(wanted)
        if width * width * page.height / page.width > MAX_PIXELS:
            raise JobRefused("export_failed", "The picture would have more than 40 megapixels.")
        with _backgrounds(task, [wanted]) as backgrounds:
            made = paint(
                page, width, slide=backgrounds.picture(wanted, width), pictures=_Pictures(task, wanted["images"])
            )
        made.save(task.folder / name, "PNG", compress_level=4)
        task.progress(done, len(pages))
    if archive is not None:
        # Stored: PNG is compressed already.
        with zipfile.ZipFile(task.folder / archive, "w", zipfile.ZIP_STORED) as out:
            for name in names:
                out.write(task.folder / name, name)
    return {}


def export_pdf(task: Task, pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`board.pdf` of all pages, with their slides as they are in their documents."""
    folder = task.folder / "fonts"
    folder.mkdir()
    with _backgrounds(task, pages) as backgrounds:
        images = {name: place for wanted in pages for name, place in wanted["images"].items()}
        painter = PdfPainter(folder, _Pictures(task, images))
        slides: list[Slide | None] = []
        for done, wanted in enumerate(pages, 1):
            slide = backgrounds.slide(wanted)
            picture = None if slide is not None else backgrounds.picture(wanted, _MAX_PICTURE)
            painter.add(_page(wanted), picture)
            slides.append(slide)
            task.progress(done, len(pages))
        painted = painter.bytes()
        made = laid_over(painted, slides) if any(slides) else painted
    (task.folder / "board.pdf").write_bytes(made)
    return {}


def _page(wanted: dict[str, Any]) -> Page:
    return Page(
        width=wanted["width"],
        height=wanted["height"],
        paper=wanted["paper"],
        shapes={name: base64.b64decode(data) for name, data in wanted["shapes"].items()},
        on_slide=wanted["slide"] is not None,
    )


class _Backgrounds:
    """The documents behind the pages, each opened once."""

    def __init__(self, documents: dict[int, pdfium.PdfDocument], task: Task) -> None:
        self._documents = documents
        self._task = task

    def slide(self, wanted: dict[str, Any]) -> Slide | None:
        """The page of a document that is a page's background."""
        slide = wanted["slide"]
        if slide is None or slide["kind"] != "pdf":
            return None
        opened_document = self._documents[slide["file"]]
        if not 0 <= slide["page"] < len(opened_document):
            raise JobRefused("export_failed", "A slide is not in its document any more.")
        return opened_document, slide["page"]

    def picture(self, wanted: dict[str, Any], width: int) -> Image.Image | None:
        """The background as a picture, whatever it is made of."""
        slide = self.slide(wanted)
        if slide is not None:
            page = slide[0][slide[1]]
            try:
                picture: Image.Image = page.render(scale=width / page.get_width()).to_pil()
                return picture.convert("RGB")
            finally:
                page.close()
        if wanted["slide"] is None:
            return None
        with opened(self._task.files[wanted["slide"]["file"]]) as picture:
            return _on_white(upright(picture, width))


@contextlib.contextmanager
def _backgrounds(task: Task, pages: Sequence[dict[str, Any]]) -> Iterator[_Backgrounds]:
    files = {page["slide"]["file"] for page in pages if page["slide"] is not None and page["slide"]["kind"] == "pdf"}
    with ExitStack() as stack:
        documents = {file: stack.enter_context(document(task.files[file])) for file in files}
        yield _Backgrounds(documents, task)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


class _Pictures:
    """Decodes the pictures that shapes name; one that cannot be read is missing, not an error."""

    def __init__(self, task: Task, places: dict[str, int]) -> None:
        self._task = task
        self._places = places

    def __call__(self, file: str, width: int) -> Image.Image | None:
        place = self._places.get(file)
        if place is None:
            return None
        try:
            with opened(self._task.files[place]) as picture:
                return upright(picture, min(max(width, 16), _MAX_PICTURE))
        except JobRefused:
            return None
