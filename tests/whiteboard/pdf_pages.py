"""PDF documents of the board, looked at with an independent reader."""

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2 as pdfium
from PIL import Image


@contextmanager
def opened(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """A document for the length of the context."""
    document = pdfium.PdfDocument(data)
    try:
        yield document
    finally:
        document.close()


def seen(document: pdfium.PdfDocument, index: int, width: int) -> Image.Image:
    """One page as a picture of `width` pixels."""
    page = document[index]
    try:
        picture: Image.Image = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
        return picture
    finally:
        page.close()
