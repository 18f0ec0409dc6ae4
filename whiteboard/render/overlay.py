"""
Lays painted pages over the pages of other PDFs, which stay vectors. It opens files of strangers with PDFium: only for
sandboxed workers.
"""

import io
from collections.abc import Sequence

import pypdfium2 as pdfium

Slide = tuple[pdfium.PdfDocument, int]
"""An open document and the index of a page in it, from 0."""


def laid_over(painted: bytes, slides: Sequence[Slide | None]) -> bytes:
    """`painted` with each page on its slide, where it has one. Raises PdfiumError for pages that cannot be copied."""
    overlay = pdfium.PdfDocument(painted)
    made = pdfium.PdfDocument.new()
    try:
        for index, slide in enumerate(slides):
            if slide is None:
                made.import_pages(overlay, [index])
            else:
                made.import_pages(slide[0], [slide[1]])
                _lay(made, overlay, index)
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()
    finally:
        made.close()
        overlay.close()


def visible_box(page: pdfium.PdfPage) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is shown of a page, before it is turned, in points."""
    left, bottom, right, top = page.get_cropbox()
    whole = page.get_mediabox()
    box = max(left, whole[0]), max(bottom, whole[1]), min(right, whole[2]), min(top, whole[3])
    return box if box[0] < box[2] and box[1] < box[3] else whole


def _lay(made: pdfium.PdfDocument, overlay: pdfium.PdfDocument, index: int) -> None:
    page = made[len(made) - 1]
    form = overlay.page_as_xobject(index, made)
    mark = form.as_pageobject()
    width, height = overlay.get_page_size(index)
    mark.set_matrix(_matrix(page, width, height))
    page.insert_obj(mark)
    page.gen_content()
    form.close()
    page.close()


def _matrix(page: pdfium.PdfPage, width: float, height: float) -> pdfium.PdfMatrix:
    """Takes the overlay's page of `width` x `height` to the slide as it is seen, in the slide's own coordinates."""
    left, bottom, right, top = visible_box(page)
    across, up = right - left, top - bottom
    turn = page.get_rotation()
    if turn in (90, 270):
        x, y = up / width, across / height
    else:
        x, y = across / width, up / height
    match turn:
        case 90:
            return pdfium.PdfMatrix(0, x, -y, 0, right, bottom)
        case 180:
            return pdfium.PdfMatrix(-x, 0, 0, -y, right, top)
        case 270:
            return pdfium.PdfMatrix(0, -x, y, 0, left, top)
        case _:
            return pdfium.PdfMatrix(x, 0, 0, y, left, bottom)
