"""Boards of rooms on the server: their connections and their store; slides, pictures and exports beside them."""

from server.boards.boards import Boards, BoardsConfig, NotAllowed
from server.boards.content import source_of
from server.boards.exports import WorkerExports
from server.boards.rendering import IMAGE_WIDTHS, SLIDE_WIDTHS, Exports, RenderFault, RenderRefused, Slides
from server.boards.slides import SlidesConfig, WorkerSlides
from server.boards.wire import BoardLine, FrameWire
from server.boards.work import BoardWork, WorkConfig

__all__ = [
    "IMAGE_WIDTHS",
    "SLIDE_WIDTHS",
    "BoardLine",
    "BoardWork",
    "Boards",
    "BoardsConfig",
    "Exports",
    "FrameWire",
    "NotAllowed",
    "RenderFault",
    "RenderRefused",
    "Slides",
    "SlidesConfig",
    "WorkConfig",
    "WorkerExports",
    "WorkerSlides",
    "source_of",
]
