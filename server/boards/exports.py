"""Pages and boards as files: PNG, PDF with vector ink over the original slides, or a zip of pictures."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from server.boards.rendering import PageContent, Progress, RenderFault, RenderRefused, Source
from server.boards.slides import WorkerSlides
from server.workers import FailReason, JobDone, JobError, JobFailed, WorkerPool

_ZIP_WIDTH = 1600
_MAX_FILES = 240
_UNSAFE = re.compile(r"[^\w .()-]+")
_TITLE_CHARS = 60


class WorkerExports:
    """`server.boards.rendering.Exports` by workers."""

    def __init__(self, pool: WorkerPool, slides: WorkerSlides) -> None:
        self._pool = pool
        self._slides = slides

    @asynccontextmanager
    async def page(self, page: PageContent, kind: Literal["png", "pdf"], width: int = 1600) -> AsyncIterator[Path]:
        """See Exports.page."""
        if kind == "pdf":
            async with self._run("export_pdf", [page], {}, None, "board.pdf") as path:
                yield path
        else:
            args = {"width": width, "names": ["page.png"], "archive": None}
            async with self._run("export_png", [page], args, None, "page.png") as path:
                yield path

    @asynccontextmanager
    async def board(
        self, pages: Sequence[PageContent], kind: Literal["pdf", "zip"], progress: Progress | None = None
    ) -> AsyncIterator[Path]:
        """See Exports.board."""
        if not pages:
            raise RenderRefused(RenderFault.EXPORT_FAILED, "The board has no pages.")
        if kind == "pdf":
            async with self._run("export_pdf", pages, {}, progress, "board.pdf") as path:
                yield path
        else:
            names = [f"{number:03} {_safe(page.title)}".strip() + ".png" for number, page in enumerate(pages, 1)]
            args = {"width": _ZIP_WIDTH, "names": names, "archive": "board.zip"}
            async with self._run("export_png", pages, args, progress, "board.zip") as path:
                yield path

    @asynccontextmanager
    async def _run(
        self, job: str, pages: Sequence[PageContent], args: dict[str, Any], progress: Progress | None, made: str
    ) -> AsyncIterator[Path]:
        files: dict[Path, int] = {}
        described = []
        for page in pages:
            slide = await self._slide(page.slide, files)
            images = {name: _place(files, source.path) for name, source in page.images.items()}
            described.append(await asyncio.to_thread(_described, page, slide, images))
        if len(files) > _MAX_FILES:
            raise RenderRefused(RenderFault.EXPORT_FAILED, f"The board has more than {_MAX_FILES} different files.")
        async with AsyncExitStack() as stack:
            done = await self._start(stack, job, {"pages": described, **args}, list(files), progress)
            yield done.file(made)

    async def _start(
        self, stack: AsyncExitStack, job: str, args: dict[str, Any], files: Sequence[Path], progress: Progress | None
    ) -> JobDone:
        try:
            return await stack.enter_async_context(self._pool.job(job, args, files, progress=progress))
        except JobFailed as failed:
            if failed.reason is FailReason.BUSY:
                raise RenderRefused(RenderFault.BUSY, "The server is busy with other files.") from failed
            raise RenderRefused(RenderFault.EXPORT_FAILED, "The board is too much for one file.") from failed
        except (JobError, OSError) as error:
            raise RenderRefused(RenderFault.EXPORT_FAILED, "A file of the board cannot be read.") from error

    async def _slide(self, slide: tuple[Source, int] | None, files: dict[Path, int]) -> dict[str, Any] | None:
        if slide is None:
            return None
        source, page = slide
        if source.type.startswith("image/"):
            return {"kind": "picture", "file": _place(files, source.path), "page": 0}
        return {"kind": "pdf", "file": _place(files, await self._slides.document(source)), "page": page - 1}


def _described(page: PageContent, slide: dict[str, Any] | None, images: dict[str, int]) -> dict[str, Any]:
    return {
        "width": page.width,
        "height": page.height,
        "paper": page.paper,
        "slide": slide,
        "images": images,
        "shapes": {name: base64.b64encode(data).decode("ascii") for name, data in page.shapes.items()},
    }


def _place(files: dict[Path, int], path: Path) -> int:
    return files.setdefault(path, len(files))


def _safe(title: str) -> str:
    return " ".join(_UNSAFE.sub(" ", title).split()).strip(" .")[:_TITLE_CHARS].strip()
