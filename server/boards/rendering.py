"""What routes and rooms ask of slides and exports; `server.boards.slides` and `.exports` do it in sandboxed workers."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal, Protocol

SLIDE_WIDTHS = (480, 1280, 2560, 5120)
IMAGE_WIDTHS = (480, 1280, 2560)
"""Pixels across; the only sizes that pictures are made in, so that the cache has a bound."""

Progress = Callable[[int, int], None]
"""Called with what is done and the total, on the event loop."""


class RenderFault(Enum):
    """The codes of docs/protocol.md section 3.5."""

    SLIDES_REFUSED = "slides_refused"
    OFFICE_MISSING = "office_missing"
    EXPORT_FAILED = "export_failed"
    BUSY = "busy"


class RenderRefused(Exception):
    """No picture or file came of it. `detail` can be shown to the person who asked."""

    def __init__(self, fault: RenderFault, detail: str) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Source:
    """A stored file: `hash` is its SHA-256 in hex, `type` its media type as found by content."""

    path: Path
    hash: str
    type: str


@dataclass(frozen=True, slots=True)
class SlideSize:
    """A slide's size in page units, its longer side at most 1600 (docs/protocol.md section 3.1)."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page to export: `shapes` by their id, encoded; `images` are the files that they name."""

    title: str
    width: int
    height: int
    paper: str
    shapes: Mapping[str, bytes]
    slide: tuple[Source, int] | None = None
    images: Mapping[str, Source] = field(default_factory=dict)


class Slides(Protocol):
    """Pictures of stored files. Each raises RenderRefused and caches what it made by the file's hash."""

    async def open(self, source: Source, progress: Progress | None = None) -> Sequence[SlideSize]:
        """The slides of a PDF, picture or office file; makes the small pictures of all of them on the way."""

    async def slide(self, source: Source, page: int, width: int) -> Path:
        """WebP of a slide (pages count from 1), one of SLIDE_WIDTHS across. KeyError for another page or width."""

    async def text(self, source: Source, page: int) -> str:
        """The text of a slide, for readers and search; empty for pictures."""

    async def image(self, source: Source, width: int) -> Path:
        """WebP of a picture, at most one of IMAGE_WIDTHS across, turned as its EXIF says."""


class Exports(Protocol):
    """Files of pages. The file is gone when the context ends. Both raise RenderRefused."""

    def page(
        self, page: PageContent, kind: Literal["png", "pdf"], width: int = 1600
    ) -> AbstractAsyncContextManager[Path]:
        """One page; `width` in pixels counts for PNG alone."""

    def board(
        self, pages: Sequence[PageContent], kind: Literal["pdf", "zip"], progress: Progress | None = None
    ) -> AbstractAsyncContextManager[Path]:
        """A board: one PDF, or a zip of PNGs."""
