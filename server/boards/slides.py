"""Slides and pictures of the rooms' files, made in workers when first asked for and kept by the content's hash."""

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from server.boards.picture_cache import PictureCache
from server.boards.rendering import (
    IMAGE_WIDTHS,
    SLIDE_WIDTHS,
    Progress,
    RenderFault,
    RenderRefused,
    SlideSize,
    Source,
)
from server.workers import FailReason, JobDone, JobFailed, JobRefused, WorkerPool

PDF = "application/pdf"
_LONGER_SIDE = 1600
_BATCH = 20
_REMEMBERED = 256

_OFFICE_ENDINGS = {
    "application/x-ole-storage": "ppt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}

_FAILED = {
    FailReason.TIMEOUT: "The file takes too long to be shown.",
    FailReason.CPU: "The file takes too long to be shown.",
    FailReason.MEMORY: "The file takes too much memory to be shown.",
    FailReason.CRASHED: "The file is damaged.",
}


@dataclass(frozen=True, slots=True)
class SlidesConfig:
    """`folder` and `cache_bytes` of what was made; `office`: LibreOffice's program, None to look for it on the path."""

    folder: Path
    cache_bytes: int = 2 << 30
    office: Path | None = None


class WorkerSlides:
    """`server.boards.rendering.Slides` by workers. Two who ask for the same picture wait for one job."""

    def __init__(self, pool: WorkerPool, config: SlidesConfig) -> None:
        self._pool = pool
        self._cache = PictureCache(config.folder, config.cache_bytes)
        found = config.office or shutil.which("soffice") or shutil.which("libreoffice")
        self._office = Path(found).resolve() if found else None
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._refused: OrderedDict[str, tuple[RenderFault, str]] = OrderedDict()

    @property
    def takes_office(self) -> bool:
        """Whether LibreOffice was found."""
        return self._office is not None

    async def open(self, source: Source, progress: Progress | None = None) -> Sequence[SlideSize]:
        """See Slides.open."""
        if source.type.startswith("image/"):
            async with AsyncExitStack() as stack:
                done = await self._job(stack, source, "picture", {"width": SLIDE_WIDTHS[0]}, [source.path])
                width, height = done.value["width"], done.value["height"]
                await asyncio.to_thread(
                    self._cache.keep, _picture_name(source, SLIDE_WIDTHS[0]), done.file("picture.webp")
                )
            if progress is not None:
                progress(1, 1)
            return (_size(width, height),)
        path = await self.document(source)
        async with AsyncExitStack() as stack:
            done = await self._job(stack, source, "slides", {}, [path])
            sizes = [_size(width, height) for width, height in done.value["sizes"]]
        for first in range(0, len(sizes), _BATCH):
            pages = list(range(first, min(first + _BATCH, len(sizes))))
            await self._make(source, path, pages, SLIDE_WIDTHS[0], _shifted(progress, first, len(sizes)))
        return tuple(sizes)

    async def slide(self, source: Source, page: int, width: int) -> Path:
        """See Slides.slide."""
        if width not in SLIDE_WIDTHS or page < 1:
            raise KeyError(f"{page} at {width}")
        if source.type.startswith("image/"):
            if page != 1:
                raise KeyError(page)
            return await self._picture(source, width)
        return await self._one(_slide_name(source, page, width), lambda: self._make_page(source, page, width))

    async def text(self, source: Source, page: int) -> str:
        """See Slides.text."""
        if source.type.startswith("image/"):
            return ""
        name = _text_name(source, page)
        path = await self._one(name, lambda: self._make_page(source, page, SLIDE_WIDTHS[0]))
        return await asyncio.to_thread(path.read_text, encoding="utf-8")

    async def image(self, source: Source, width: int) -> Path:
        """See Slides.image."""
        if width not in IMAGE_WIDTHS:
            raise KeyError(width)
        return await self._picture(source, width)

    async def document(self, source: Source) -> Path:
        """The PDF of a document: itself, or what LibreOffice made of it. Raises RenderRefused."""
        if source.type == PDF:
            return source.path
        if source.type not in _OFFICE_ENDINGS:
            raise RenderRefused(RenderFault.SLIDES_REFUSED, "Slides are made of PDF, pictures and office files.")
        if self._office is None:
            raise RenderRefused(
                RenderFault.OFFICE_MISSING, "This server cannot open office files: save the file as PDF and take that."
            )
        return await self._one(f"{_folder(source)}/slides.pdf", lambda: self._convert(source))

    async def _picture(self, source: Source, width: int) -> Path:
        async def make() -> None:
            async with AsyncExitStack() as stack:
                done = await self._job(stack, source, "picture", {"width": width}, [source.path])
                await asyncio.to_thread(self._cache.keep, _picture_name(source, width), done.file("picture.webp"))

        return await self._one(_picture_name(source, width), make)

    async def _make_page(self, source: Source, page: int, width: int) -> None:
        await self._make(source, await self.document(source), [page - 1], width, None)

    async def _make(
        self, source: Source, path: Path, pages: Sequence[int], width: int, progress: Progress | None
    ) -> None:
        async with AsyncExitStack() as stack:
            args = {"pages": pages, "width": width}
            done = await self._job(stack, source, "slide_pictures", args, [path], progress)
            for index in pages:
                picture, text = done.file(f"{index}.webp"), done.file(f"{index}.txt")
                await asyncio.to_thread(self._cache.keep, _slide_name(source, index + 1, width), picture)
                await asyncio.to_thread(self._cache.keep, _text_name(source, index + 1), text)

    async def _convert(self, source: Source) -> None:
        assert self._office is not None, "document() has looked"
        async with AsyncExitStack() as stack:
            args = {"ending": _OFFICE_ENDINGS[source.type], "program": str(self._office)}
            done = await self._job(stack, source, "office", args, [source.path], program=self._office)
            await asyncio.to_thread(self._cache.keep, f"{_folder(source)}/slides.pdf", done.file("slides.pdf"))

    async def _one(self, name: str, make: Callable[[], Awaitable[None]]) -> Path:
        """The file of this name, made by the first who asks while the others wait."""
        for _ in range(2):
            found = await asyncio.to_thread(self._cache.find, name)
            if found is not None:
                return found
            lock = self._locks.setdefault(name, asyncio.Lock())
            async with lock:
                found = await asyncio.to_thread(self._cache.find, name)
                if found is not None:
                    return found
                await make()
        found = await asyncio.to_thread(self._cache.find, name)
        if found is None:
            raise RenderRefused(RenderFault.BUSY, "The server has no room to keep the picture.")
        return found

    async def _job(
        self,
        stack: AsyncExitStack,
        source: Source,
        name: str,
        args: Mapping[str, object],
        files: Sequence[Path],
        progress: Progress | None = None,
        program: Path | None = None,
    ) -> JobDone:
        """Runs a job; a file that was refused for good is not tried again, it may have cost a minute."""
        key = f"{source.hash} {name} {args.get('pages')}"
        if key in self._refused:
            # A new one each time: an exception that is raised again keeps every frame that it went through.
            raise RenderRefused(*self._refused[key])
        try:
            return await stack.enter_async_context(
                self._pool.job(name, args, files, progress=progress, program=program)
            )
        except JobRefused as refused:
            if refused.code == "no_such_page":
                raise KeyError(refused.detail) from refused
            fault = RenderFault.OFFICE_MISSING if refused.code == "office_missing" else RenderFault.SLIDES_REFUSED
            raise self._remember(key, RenderRefused(fault, refused.detail)) from refused
        except JobFailed as failed:
            if failed.reason is FailReason.BUSY:
                raise RenderRefused(RenderFault.BUSY, "The server is busy with other files.") from failed
            why = RenderRefused(RenderFault.SLIDES_REFUSED, _FAILED[failed.reason])
            # On the wall a busy machine may have been the slow one: that is tried again.
            raise (why if failed.reason is FailReason.TIMEOUT else self._remember(key, why)) from failed
        except OSError as error:
            raise RenderRefused(RenderFault.SLIDES_REFUSED, "The file cannot be read.") from error

    def _remember(self, key: str, refused: RenderRefused) -> RenderRefused:
        self._refused[key] = (refused.fault, refused.detail)
        if len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)
        return refused


def _size(width: float, height: float) -> SlideSize:
    scale = _LONGER_SIDE / max(width, height)
    return SlideSize(max(1, round(width * scale)), max(1, round(height * scale)))


def _shifted(progress: Progress | None, first: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _: progress(first + done, total)


def _folder(source: Source) -> str:
    return f"{source.hash[:2]}/{source.hash}"


def _slide_name(source: Source, page: int, width: int) -> str:
    return f"{_folder(source)}/{page}-{width}.webp"


def _text_name(source: Source, page: int) -> str:
    return f"{_folder(source)}/{page}.txt"


def _picture_name(source: Source, width: int) -> str:
    return f"{_folder(source)}/{width}.webp"
