"""PDFs of strangers made into pictures, and office files into PDFs."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from server.workers.errors import JobRefused
from server.workers.jobs.pictures import MAX_PIXELS, MAX_WEBP_SIDE
from server.workers.jobs.task import Task

MAX_PAGES = 500
MAX_TEXT_CHARS = 20_000
_LEAST_SIDE_POINTS = 3.0
_MOST_SIDE_POINTS = 40_000.0
_MOST_SHAPE = 50.0
_QUALITY = 84
_METHOD = 2
_PASSWORD = 4
_OFFICE_S = 75


def open_slides(task: Task) -> dict[str, Any]:
    """The sizes of all pages in points, as they are seen."""
    with document(task.files[0]) as opened:
        return {"sizes": [_size(opened, index) for index in range(len(opened))]}


def pictures(task: Task, pages: Sequence[int], width: int) -> dict[str, Any]:
    """`<page>.webp` for each index in `pages`, `width` pixels across, and `<page>.txt`, the page's text."""
    with document(task.files[0]) as opened:
        for done, index in enumerate(pages, 1):
            if not 0 <= index < len(opened):
                raise JobRefused("no_such_page", "The document has no such page.")
            _picture(opened, index, width, task.folder)
            task.progress(done, len(pages))
    return {"pages": list(pages)}


def convert_office(task: Task, ending: str, program: str) -> dict[str, Any]:
    """`slides.pdf` of an office file by LibreOffice at the path `program`, with a profile of its own."""
    source = task.folder / f"slides-in.{ending}"
    with os.fdopen(os.dup(task.files[0]), "rb") as stream, source.open("wb") as out:
        shutil.copyfileobj(stream, out)
    made = task.folder / "out"
    command = [
        program,
        f"-env:UserInstallation={(task.folder / 'profile').as_uri()}",
        *("--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
        *("--convert-to", "pdf", "--outdir", str(made), str(source)),
    ]
    try:
        subprocess.run(  # noqa: S603  our own command line; the program is the operator's
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_OFFICE_S, check=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise JobRefused("office_missing", "LibreOffice is not installed on this server.") from error
    except subprocess.SubprocessError as error:
        raise JobRefused("slides_refused", "LibreOffice could not convert the file.") from error
    found = sorted(made.glob("*.pdf")) if made.is_dir() else []
    if not found:
        raise JobRefused("slides_refused", "LibreOffice could not convert the file.")
    found[0].rename(task.folder / "slides.pdf")
    return {}


@contextmanager
def document(file: int) -> Iterator[pdfium.PdfDocument]:
    """An open PDF. Raises JobRefused for one that is encrypted, damaged or too long."""
    with os.fdopen(os.dup(file), "rb") as stream:
        try:
            opened = pdfium.PdfDocument(stream)
        except pdfium.PdfiumError as error:
            if getattr(error, "err_code", None) == _PASSWORD:
                raise JobRefused("slides_refused", "The document is encrypted.") from error
            raise JobRefused("slides_refused", "The document is damaged.") from error
        try:
            if len(opened) > MAX_PAGES:
                raise JobRefused("slides_refused", f"The document has more than {MAX_PAGES} pages.")
            if not len(opened):
                raise JobRefused("slides_refused", "The document has no pages.")
            yield opened
        except pdfium.PdfiumError as error:
            raise JobRefused("slides_refused", "The document is damaged.") from error
        finally:
            opened.close()


def _size(opened: pdfium.PdfDocument, index: int) -> tuple[float, float]:
    width, height = opened.get_page_size(index)
    sides = sorted((width, height))
    if sides[0] < _LEAST_SIDE_POINTS or sides[1] > _MOST_SIDE_POINTS or sides[1] > _MOST_SHAPE * sides[0]:
        raise JobRefused("slides_refused", f"Page {index + 1} has a size that cannot be shown.")
    return width, height


def _picture(opened: pdfium.PdfDocument, index: int, width: int, folder: Path) -> None:
    across, up = _size(opened, index)
    scale = min(width / across, MAX_WEBP_SIDE / up)
    if across * up * scale * scale > MAX_PIXELS:
        scale = (MAX_PIXELS / (across * up)) ** 0.5
    page = opened[index]
    try:
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
        image = bitmap.to_pil().convert("RGB")
        image.save(folder / f"{index}.webp", "WEBP", quality=_QUALITY, method=_METHOD)
        bitmap.close()
        text = page.get_textpage()
        count = min(text.count_chars(), MAX_TEXT_CHARS)
        content = text.get_text_range(0, count, errors="replace") if count else ""
        text.close()
        (folder / f"{index}.txt").write_text(content.replace("\r\n", "\n"), encoding="utf-8", errors="replace")
    finally:
        page.close()
