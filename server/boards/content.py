"""What there is to paint of a page: its shapes, the slide behind them and the pictures in them."""

from server.boards.boards import Boards
from server.boards.rendering import PageContent, RenderFault, RenderRefused, Source
from server.files import FileRepository, StoredFile
from server.storage import NotFound, RoomId
from whiteboard import BoardError, PageRow
from whiteboard.shapes import Image, ShapeRefused, decode


async def page_content(boards: Boards, files: FileRepository, room: RoomId, page: PageRow) -> PageContent:
    """
    A page as it is now. A file that is gone leaves its place empty. Raises NotFound for an unknown page,
    RenderRefused(BUSY) while it cannot be read, or the store's errors.
    """
    try:
        shapes = await boards.shapes(room, page.number)
    except KeyError:
        raise NotFound("There is no such page.") from None
    except (BoardError, TimeoutError) as error:
        raise RenderRefused(RenderFault.BUSY, "The page cannot be read now; please try again.") from error
    slide: tuple[Source, int] | None = None
    if page.slide is not None:
        behind = await _source(files, room, page.slide.file)
        slide = None if behind is None else (behind, page.slide.page)
    images: dict[str, Source] = {}
    for name in sorted({name for shape in shapes if (name := _image_of(shape.data)) is not None}):
        found = await _source(files, room, name)
        if found is not None:
            images[name] = found
    return PageContent(
        title=page.title,
        width=page.width,
        height=page.height,
        paper=page.paper.value,
        shapes={shape.id: shape.data for shape in shapes},
        slide=slide,
        images=images,
    )


def source_of(files: FileRepository, stored: StoredFile) -> Source:
    """A stored file as the workers take it."""
    return Source(files.path_of(stored), stored.hash, stored.type)


async def _source(files: FileRepository, room: RoomId, file: str) -> Source | None:
    try:
        return source_of(files, await files.find(room, file))
    except NotFound:
        return None


def _image_of(data: bytes) -> str | None:
    try:
        shape = decode(data)
    except ShapeRefused:
        return None
    return shape.file if isinstance(shape, Image) else None
