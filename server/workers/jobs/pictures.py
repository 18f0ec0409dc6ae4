"""Pictures of strangers made into WebP: measured before they are decoded, turned as they say, the first frame alone."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from server.workers.errors import JobRefused
from server.workers.jobs.task import Task

MAX_PIXELS = 40_000_000
_MAX_SIDE = 30_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_WEBP_SIDE = 16_000
"""WebP ends at 16,383 pixels a side."""

_ORIENTATION = 0x0112
_TURNED_BY_A_QUARTER = frozenset({5, 6, 7, 8})
_QUALITY = 82
_METHOD = 3


def reencode(task: Task, width: int) -> dict[str, Any]:
    """`picture.webp`, at most `width` pixels across; answers its size and the original's."""
    with opened(task.files[0]) as picture:
        original = picture.size
        made = upright(picture, width)
    made.save(task.folder / "picture.webp", "WEBP", quality=_QUALITY, method=_METHOD)
    return {"width": made.width, "height": made.height, "original": list(original)}


@contextmanager
def opened(file: int) -> Iterator[Image.Image]:
    """A picture by its header, not decoded yet. Raises JobRefused, also when the context finds it damaged."""
    Image.MAX_IMAGE_PIXELS = None
    os.lseek(file, 0, os.SEEK_SET)
    try:
        with os.fdopen(os.dup(file), "rb") as stream, Image.open(stream, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS or max(picture.size) > _MAX_SIDE:
                raise JobRefused("slides_refused", "The picture has more than 40 megapixels.")
            yield picture
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise JobRefused("slides_refused", "The picture is damaged.") from error


def upright(picture: Image.Image, width: int) -> Image.Image:
    """Its first frame, decoded, reduced to at most `width` across and turned upright, as RGB or RGBA."""
    lies = picture.getexif().get(_ORIENTATION, 1) in _TURNED_BY_A_QUARTER
    across, down = (picture.height, picture.width) if lies else picture.size
    scale = min(1.0, width / across, MAX_WEBP_SIDE / down)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    # A JPEG is decoded at an eighth, a quarter or a half where that is enough.
    picture.draft("RGB", size)
    made = _eight_bits(picture)
    if made.size != size:
        # Reduced before it is turned: a copy of 40 megapixels is a third of a worker's memory.
        made = made.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ImageOps.exif_transpose(made, in_place=True)
    return made


def _eight_bits(picture: Image.Image) -> Image.Image:
    """As RGB or RGBA, without a copy where it is that already."""
    if picture.mode.startswith("I"):
        # Sixteen bits a sample (PNG): screens show the upper eight.
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if has_alpha else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)
