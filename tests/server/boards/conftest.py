"""A whole server on loopback, with one page that all may draw on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.access import Role
from server.settings import StorageConfig
from tests.server.boards.client import BoardClient, at_board
from tests.server.running import Stage, running_stage


@pytest.fixture
async def stage(sqlite_config: StorageConfig, tmp_path: Path) -> AsyncIterator[Stage]:
    """A running server with one room, on SQLite."""
    async with running_stage(sqlite_config, tmp_path / "static") as running:
        yield running


@dataclass(slots=True)
class Class:
    """A tutor at the board of a room, and the page that he made."""

    stage: Stage
    tutor: BoardClient
    page: int


@pytest.fixture
async def lesson(stage: Stage) -> AsyncIterator[Class]:
    """A board with one page on which everyone may draw own shapes."""
    async with at_board(stage.url, stage.http, await stage.token(Role.TUTOR, "Eva")) as tutor:
        page = await first_page(tutor, "own")
        yield Class(stage, tutor, page)


async def first_page(tutor: BoardClient, mode: str) -> int:
    """Makes a board with a page of this mode; the page's number."""
    board = (await tutor.ask("board_add", title="Board"))["board"]
    pages = [page["number"] for page in tutor.welcome["pages"]]
    page: int = (await tutor.ask("page_add", board=board))["page"] if not pages else pages[0]
    assert (await tutor.ask("rights", page=page, mode=mode))["type"] == "done"
    return page
