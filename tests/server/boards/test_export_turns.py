"""Exports one after the other: what waits holds no shapes in memory, and too much is refused."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from server.boards import BoardWork, RenderFault, RenderRefused, WorkConfig, work
from server.boards.rendering import PageContent, Progress
from server.storage import PersonId, RoomId
from whiteboard import PageRow

_ROOM = RoomId("room")
_PAGE = cast(PageRow, None)


class Painter:
    """Exports that take until they are told; implements what `BoardWork` asks of Exports."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def page(self, page: PageContent, kind: Literal["png", "pdf"], width: int = 1600) -> AsyncIterator[Path]:
        """Waits."""
        self.begun.set()
        await self.go_on.wait()
        yield Path("made")

    @asynccontextmanager
    async def board(
        self, pages: Sequence[PageContent], kind: Literal["pdf", "zip"], progress: Progress | None = None
    ) -> AsyncIterator[Path]:
        """Waits."""
        async with self.page(pages[0], "pdf") as made:
            yield made


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An entry for each page whose shapes were taken into memory: six bytes each."""
    found: list[int] = []

    async def content(*_: Any) -> PageContent:
        found.append(1)
        return PageContent("", 1600, 900, "blank", {"shape-01": b"shapes"})

    monkeypatch.setattr(work, "page_content", content)
    return found


def made_by(painter: Painter, **bounds: Any) -> BoardWork:
    """The work, with nothing behind it."""
    nothing = cast(Any, None)
    return BoardWork(nothing, nothing, nothing, painter, lambda: 0, WorkConfig(**bounds))


async def test_an_export_that_waits_for_its_turn_holds_nothing_and_a_further_one_is_refused(
    gathered: list[int],
) -> None:
    painter = Painter()
    exports = made_by(painter, exports=1, exports_waiting=1)

    async def ask() -> None:
        async with exports.page(_ROOM, _PAGE, "png", 1600):
            pass

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await painter.begun.wait()
        tasks.create_task(ask())
        await asyncio.sleep(0)
        assert len(gathered) == 1
        with pytest.raises(RenderRefused) as refused:
            await ask()
        assert refused.value.fault is RenderFault.BUSY
        painter.go_on.set()
    assert len(gathered) == 2
    assert exports.counters["exports_refused"] == 1


async def test_a_board_with_more_shapes_than_an_export_may_hold_is_refused_before_they_are_all_gathered(
    gathered: list[int],
) -> None:
    exports = made_by(Painter(), export_bytes=10)
    with pytest.raises(RenderRefused) as refused:
        async with exports.board(_ROOM, [_PAGE] * 5, "pdf"):
            pass
    assert refused.value.fault is RenderFault.EXPORT_FAILED
    assert len(gathered) == 2


def test_one_person_takes_no_more_than_his_share_of_the_places_for_pictures() -> None:
    pictures = made_by(Painter(), pictures_of_person=2)
    ana, bo = PersonId("ana"), PersonId("bo")
    with pictures.picture_of(ana), pictures.picture_of(ana):
        with pytest.raises(RenderRefused) as refused, pictures.picture_of(ana):
            pass
        assert refused.value.fault is RenderFault.BUSY
        with pictures.picture_of(bo):
            pass
    with pictures.picture_of(ana):
        assert pictures.counters["pictures_refused"] == 1
