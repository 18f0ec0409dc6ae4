"""Slides, exports and saved boards: what takes long, beside the live boards. What becomes of it is told to the room."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import orjson
import structlog

from server.access import Clock
from server.boards.boards import Boards
from server.boards.content import page_content, source_of
from server.boards.rendering import Exports, PageContent, RenderFault, RenderRefused, Slides, SlideSize
from server.files import FileRefused, FileRepository, StoredFile
from server.storage import PersonId, RoomId, StorageError, new_id
from whiteboard import BoardId, CommandRefused, Member, PageNumber, PageRow, PersonKey, Role, Slide

_log = structlog.get_logger("server.boards")

_NOBODY = Member(PersonKey(""), Role.TUTOR, "")
"""Sees what tutors see: for what the server does by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkConfig:
    """Bounds of what is under way; each job also has a worker's limits of memory and time."""

    jobs: int = 32
    """Slide jobs that wait or run; further ones are refused."""
    jobs_of_room: int = 4
    """Those of one room."""
    pictures_of_person: int = 12
    """Slides and pictures that one person asks for at once; browsers ask for six."""
    exports: int = 2
    """Boards and pages that are gathered and painted at once: all shapes of one are in memory meanwhile."""
    exports_waiting: int = 32
    """Those that wait for their turn; further ones are refused."""
    export_bytes: int = 200_000_000
    """Shapes of one export, bytes."""
    saves_s: float = 300.0
    """How long saving a room's boards at the end of a session may take, seconds."""


class BoardWork:
    """`run` must be running while jobs are started. Implements `server.rooms.RoomWatch` for the end of sessions."""

    def __init__(
        self,
        boards: Boards,
        files: FileRepository,
        slides: Slides,
        exports: Exports,
        clock: Clock,
        config: WorkConfig | None = None,
    ) -> None:
        self.slides = slides
        self.exports = exports
        self.counters: Counter[str] = Counter()
        self._boards = boards
        self._files = files
        self._clock = clock
        self._config = config or WorkConfig()
        self._jobs: Counter[RoomId] = Counter()
        self._saving: set[RoomId] = set()
        self._turns = asyncio.Semaphore(self._config.exports)
        self._exports_waiting = 0
        self._pictures: Counter[PersonId] = Counter()
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until cancelled; jobs that still run are then given up."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            # Jobs are told as failed by themselves; the group only waits to be cancelled.
            await asyncio.Event().wait()

    def start_slides(self, room: RoomId, stored: StoredFile, board: BoardId | None, after: PageNumber | None) -> str:
        """Makes pages of a file, in a task of its own; the job's id. Raises RenderRefused(BUSY)."""
        full = self._jobs.total() >= self._config.jobs or self._jobs[room] >= self._config.jobs_of_room
        if full or self._tasks is None:
            raise RenderRefused(RenderFault.BUSY, "Other slides are being made; please try again in a moment.")
        job = new_id(self._clock())
        self._jobs[room] += 1
        self._tasks.create_task(self._slides(room, job, stored, board, after), name="board-slides")
        return job

    @contextmanager
    def picture_of(self, person: PersonId) -> Iterator[None]:
        """One picture for a person: nobody takes all places from the others. Raises RenderRefused(BUSY)."""
        if self._pictures[person] >= self._config.pictures_of_person:
            self.counters["pictures_refused"] += 1
            raise RenderRefused(RenderFault.BUSY, "You have asked for many pictures; please wait for them.")
        self._pictures[person] += 1
        try:
            yield
        finally:
            self._pictures[person] -= 1
            if not self._pictures[person]:
                del self._pictures[person]

    @asynccontextmanager
    async def page(self, room: RoomId, page: PageRow, kind: Literal["png", "pdf"], width: int) -> AsyncIterator[Path]:
        """A page as a file, gone when the context ends. Raises RenderRefused, or the store's errors."""
        async with self._turn():
            (content,) = await self._gather(room, [page])
            async with self.exports.page(content, kind, width) as made:
                yield made

    @asynccontextmanager
    async def board(self, room: RoomId, pages: Sequence[PageRow], kind: Literal["pdf", "zip"]) -> AsyncIterator[Path]:
        """A board as a file, gone when the context ends. Raises RenderRefused, or the store's errors."""
        async with self._turn(), self._painted(room, pages, kind) as made:
            yield made

    async def save(self, room: RoomId, title: str, pages: Sequence[PageRow], by: PersonId | None) -> StoredFile:
        """Writes a board's PDF into the room's files. Raises RenderRefused, FileRefused, or the store's errors."""
        # What the server saves by itself is one for each room, and must not fail for what others ask at that moment.
        async with self._turn(patient=by is None), self._painted(room, pages, "pdf") as made:
            return await self._files.save(room, f"{title or 'Board'}.pdf", made, by)

    @asynccontextmanager
    async def _painted(
        self, room: RoomId, pages: Sequence[PageRow], kind: Literal["pdf", "zip"]
    ) -> AsyncIterator[Path]:
        contents = await self._gather(room, pages)
        async with self.exports.board(contents, kind) as made:
            yield made

    @asynccontextmanager
    async def _turn(self, *, patient: bool = False) -> AsyncIterator[None]:
        """One export's place. Raises RenderRefused(BUSY) when too many wait, unless it is `patient`."""
        if self._exports_waiting >= self._config.exports_waiting and not patient:
            self.counters["exports_refused"] += 1
            raise RenderRefused(RenderFault.BUSY, "The server is busy with other boards; please try again in a moment.")
        self._exports_waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._exports_waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def _gather(self, room: RoomId, pages: Sequence[PageRow]) -> list[PageContent]:
        """What is on pages. Raises RenderRefused when it is too much, or the store's errors."""
        contents: list[PageContent] = []
        left = self._config.export_bytes
        for page in pages:
            contents.append(await page_content(self._boards, self._files, room, page))
            left -= sum(map(len, contents[-1].shapes.values()))
            if left < 0:
                self.counters["exports_too_big"] += 1
                raise RenderRefused(RenderFault.EXPORT_FAILED, "The board is too much for one file.")
        return contents

    def removed(self, room: RoomId, person: PersonId) -> None:
        """Nothing to do: the connections are the boards' affair."""

    def ended(self, room: RoomId) -> None:
        """A session has ended: its boards are saved if the room says so."""
        self._save_at_end(room)

    def closed(self, room: RoomId) -> None:
        """The class is empty, which ends most sessions; a server that restarts empties it too, but ends nothing."""
        if not self._boards.draining:
            self._save_at_end(room)

    def _save_at_end(self, room: RoomId) -> None:
        if self._tasks is not None and room not in self._saving:
            self._saving.add(room)
            self._tasks.create_task(self._save_all(room), name="board-save")

    async def _save_all(self, room: RoomId) -> None:
        try:
            async with asyncio.timeout(self._config.saves_s):
                live = await self._boards.room(room)
                wanted, waiting = live.save_at_end, live.unstored > 0
                since = await self._files.newest_own(room)
                # What was drawn last may not have reached the log yet.
                if not wanted or not (waiting or await self._boards.changed_since(room, since)):
                    return
                titles = await self._boards.titles(room)
                live = await self._boards.room(room)
                pages = [page for page in live.pages(_NOBODY) if page.copy_of is None]
                for board, title in titles.items():
                    of_board = [page for page in pages if page.board == board]
                    if of_board:
                        await self.save(room, title, of_board, None)
                        self.counters["saved_at_end"] += 1
        except (RenderRefused, FileRefused, StorageError, TimeoutError, OSError) as error:
            # The boards themselves are stored; only their PDF is missing.
            self.counters["not_saved_at_end"] += 1
            _log.warning("board_not_saved", room=room, error=f"{type(error).__name__}: {error}")
        except Exception:
            # The boundary of one room's job.
            _log.exception("board_save_failed", room=room)
        finally:
            self._saving.discard(room)

    async def _slides(
        self, room: RoomId, job: str, stored: StoredFile, board: BoardId | None, after: PageNumber | None
    ) -> None:
        tell = partial(self._tell, room, job)
        try:
            tell(state="waiting", done=0, total=0)
            source = source_of(self._files, stored)
            sizes = await self.slides.open(source, lambda done, total: tell(state="running", done=done, total=total))
            made = await self._add_pages(room, stored, sizes, board, after)
            self.counters["slides"] += len(sizes)
            tell(state="done", done=len(sizes), total=len(sizes), board=made)
        except RenderRefused as error:
            tell(state="failed", done=0, total=0, code=error.fault.value, detail=error.detail)
        except CommandRefused as error:
            tell(state="failed", done=0, total=0, code=error.code.value, detail=error.detail)
        except (StorageError, OSError) as error:
            _log.warning("slides_not_made", room=room, error=f"{type(error).__name__}: {error}")
            tell(state="failed", done=0, total=0, code="storage", detail="The server cannot store this now.")
        except Exception:
            # The boundary of one job.
            _log.exception("slides_failed", room=room)
            tell(state="failed", done=0, total=0, code="internal", detail="The server could not do this.")
        finally:
            self._jobs[room] -= 1
            if self._jobs[room] <= 0:
                del self._jobs[room]

    async def _add_pages(
        self,
        room: RoomId,
        stored: StoredFile,
        sizes: Sequence[SlideSize],
        board: BoardId | None,
        after: PageNumber | None,
    ) -> BoardId:
        live = await self._boards.room(room)
        slides = [(Slide(stored.id, number), size.width, size.height) for number, size in enumerate(sizes, 1)]
        title = stored.name.rpartition(".")[0] or stored.name
        return live.add_slides(slides, self._boards.now_ms(), title=title, board=board, after=after)

    def _tell(self, room: RoomId, job: str, **fields: str | int | None) -> None:
        message = orjson.dumps({"type": "job", "job": job, **fields})
        self._boards.announce(room, message, managers_only=True)
