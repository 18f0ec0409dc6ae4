"""All pages of a room that are in memory, and when each has something to do."""

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager

import structlog

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.errors import CommandRefused
from whiteboard.ids import Epoch, PageNumber, PersonKey
from whiteboard.ports import BoardTap, Wire
from whiteboard.rights import Right
from whiteboard.room.jobs import Job, PageJob, SaveMeta
from whiteboard.room.open_page import Borrower, OpenPage, Surroundings
from whiteboard.room.pace import Pace
from whiteboard.room.page_work import PageWork
from whiteboard.room.seats import Seat
from whiteboard.room.update_log import Unstored
from whiteboard.wire.messages import Open

_log = structlog.get_logger("whiteboard")

Refuse = Callable[[Seat, int | None, CommandRefused], None]


class OpenPages:
    """`wake` is called when something is due earlier than `advance` said."""

    def __init__(
        self,
        wire: Wire,
        config: BoardConfig,
        counters: Counters,
        taps: list[BoardTap],
        name_of: Callable[[PersonKey], str],
        refuse: Refuse,
        wake: Callable[[], None],
    ) -> None:
        self.unstored = Unstored(config)
        self.on_rolled: Callable[[PageNumber, Epoch], None] = lambda _page, _epoch: None
        self._around = Surroundings(
            wire,
            config,
            counters,
            Pace(config),
            self.unstored,
            taps,
            name_of,
            refuse,
            lambda page, epoch: self.on_rolled(page, epoch),
        )
        self._config = config
        self._counters = counters
        self._wake = wake
        self._works: dict[PageNumber, PageWork] = {}
        self._hot: dict[PageNumber, None] = {}
        self._planned_ms: int | None = None
        self._look_ms = 0
        self._counts: dict[PageNumber, int] = {}

    def __len__(self) -> int:
        return len(self._works)

    def get(self, number: PageNumber) -> OpenPage | None:
        """A page in memory."""
        work = self._works.get(number)
        return None if work is None else work.page

    def shape_count(self, number: PageNumber) -> int | None:
        """A page's living shapes, as far as they were ever counted; they are when it is loaded and unloaded."""
        return self._counts.get(number)

    def is_new(self, number: PageNumber) -> None:
        """A page that nobody has written on."""
        self._counts[number] = 0

    def touch(self, page: OpenPage) -> None:
        """Something has happened to a page."""
        due = page.due_ms
        if due is not None:
            self._hot[page.number] = None
            if self._planned_ms is None or due < self._planned_ms:
                self._planned_ms = due
                self._wake()

    def open(self, seat: Seat, message: Open, right: Right, now_ms: int) -> None:
        """Somebody who may see the page opens it."""
        page = self._page(PageNumber(message.page), now_ms)
        with self._guarded(page.number):
            page.open(seat, message, right, now_ms)
        self._urge(page.number, now_ms)

    def close(self, seat: Seat, number: PageNumber, now_ms: int) -> None:
        """A connection needs the page no longer, or may not see it any more."""
        work = self._works.get(number)
        if work is not None:
            work.page.close(seat)
            work.page.last_use_ms = now_ms

    def borrow(self, number: PageNumber, borrower: Borrower, now_ms: int) -> None:
        """Gives out the document once it is loaded."""
        page = self._page(number, now_ms)
        page.last_use_ms = now_ms
        page.borrow(borrower)
        self._urge(number, now_ms)

    def set_right(self, seat: Seat, number: PageNumber, right: Right) -> None:
        """From the next frame on."""
        work = self._works.get(number)
        if work is not None:
            work.page.set_right(seat, right)

    def congestion_changed(self, seat: Seat) -> None:
        """Who gets live messages is another one now."""
        for page in self._of(seat):
            page.fan.changed()

    def fall_behind(self, seat: Seat) -> None:
        """A connection gets no more updates until its queue has drained."""
        for page in self._of(seat):
            with self._guarded(page.number):
                page.fall_behind(seat)

    def catch_up(self, seat: Seat) -> None:
        """It does again."""
        for page in self._of(seat):
            with self._guarded(page.number):
                page.catch_up(seat)

    def advance(self, now_ms: int, stored: Container[PageNumber], *, closing: bool) -> tuple[list[PageJob], int | None]:
        """What is to be carried out, and when to ask again. `stored`: pages whose rows are stored."""
        if now_ms >= self._look_ms or closing:
            self._look_ms = now_ms + self._config.look_ms
            self._unload(now_ms)
            self._hot = dict.fromkeys(self._works)
        jobs: list[PageJob] = []
        dues: list[int] = [self._look_ms] if self._works else []
        for number in list(self._hot):
            work = self._works.get(number)
            if work is None:
                del self._hot[number]
                continue
            due = None
            with self._guarded(number):
                work.page.tick(now_ms)
                job = work.next_job(now_ms, room_saved=number in stored, closing=closing)
                if job is not None:
                    jobs.append(job)
                due = _earliest(work, now_ms)
            if number not in self._works:
                continue
            if due is None:
                del self._hot[number]
            else:
                dues.append(due)
        self._planned_ms = min(dues) if dues else None
        return jobs, self._planned_ms

    def done(self, job: Job, result: object, now_ms: int) -> None:
        """A page's job has worked."""
        work = self._work_of(job)
        if work is not None and not isinstance(job, SaveMeta):
            with self._guarded(job.page):
                work.done(job, result, now_ms)
                if work.page.doc is not None and job.page not in self._counts:
                    self._counts[job.page] = work.page.doc.shape_count
            self._urge(job.page, now_ms)

    def failed(self, job: Job, now_ms: int) -> None:
        """It has not."""
        work = self._work_of(job)
        if work is not None and not isinstance(job, SaveMeta):
            with self._guarded(job.page):
                work.failed(job, now_ms)
            self._urge(job.page, now_ms)

    def urge(self, now_ms: int) -> None:
        """Rows of pages were stored: whoever waited for that can be loaded."""
        for number, work in self._works.items():
            if work.page.doc is None:
                self._urge(number, now_ms)

    def _page(self, number: PageNumber, now_ms: int) -> OpenPage:
        work = self._works.get(number)
        if work is None:
            page = OpenPage(number, self._around)
            page.last_use_ms = now_ms
            work = self._works[number] = PageWork(page, self._config)
        return work.page

    def _of(self, seat: Seat) -> list[OpenPage]:
        return [self._works[number].page for number in seat.open if number in self._works]

    def _work_of(self, job: Job) -> PageWork | None:
        work = None if isinstance(job, SaveMeta) else self._works.get(job.page)
        # A page that was given up may be here again, while an earlier job of it is still under way.
        return work if work is not None and work.busy is job else None

    @contextmanager
    def _guarded(self, number: PageNumber) -> Iterator[None]:
        """The boundary of one page: a fault in it is ours, and must not end the other pages."""
        try:
            yield
        except Exception:
            _log.exception("page_failed", page=number)
            self._counters.add("pages_failed")
            work = self._works.pop(number, None)
            self._hot.pop(number, None)
            if work is not None:
                work.page.damaged()
                work.page.load_failed()

    def _urge(self, number: PageNumber, now_ms: int) -> None:
        self._hot[number] = None
        if self._planned_ms is None or now_ms < self._planned_ms:
            self._planned_ms = now_ms
            self._wake()

    def _unload(self, now_ms: int) -> None:
        for number, work in list(self._works.items()):
            if work.unloadable(now_ms):
                with self._guarded(number):
                    if work.page.doc is not None:
                        self._counts[number] = work.page.doc.shape_count
                    self._counters.add("pages_unloaded")
                self._works.pop(number, None)
                self._hot.pop(number, None)


def _earliest(work: PageWork, now_ms: int) -> int | None:
    """
    When a page has something to do. A page that waits for the store is asked again when that has answered; one that
    waits for its row, when that is stored.
    """
    page = work.page
    times = [page.fan.updates_due_ms, page.fan.lives_due_ms]
    if work.busy is None:
        times.append(work.due_ms(now_ms) if work.failing else page.log.due_ms)
    known = [at for at in times if at is not None]
    return min(known) if known else None
