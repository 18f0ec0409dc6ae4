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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A JPEG is decoded at an eighth, a quarter or a half where that is enough.
        picture.draft("RGB", (width, width))
        turned = ImageOps.exif_transpose(picture)
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    # Fewer bits a channel than the file may have: screens show no more.
    made = turned.convert("RGBA" if has_alpha else "RGB")
    if made.width > width:
        height = max(1, round(made.height * width / made.width))
        made = made.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return made
