"""
An open page's business with the store, one job at a time: load, bind client ids, append, snapshot, new epoch, unload.
A failure is tried again later, longer and longer apart; what was let in waits meanwhile.
"""

from dataclasses import dataclass

from whiteboard.config import BoardConfig
from whiteboard.document.page import PageDocument
from whiteboard.document.start import PageStart
from whiteboard.errors import PageDamaged
from whiteboard.ids import Seq
from whiteboard.ports import LoggedUpdate, Snapshot, StoredPage
from whiteboard.room.client_ids import draw_client
from whiteboard.room.jobs import Append, BeginEpoch, Compare, GiveClients, KeepSnapshot, LoadPage, PackState, PageJob
from whiteboard.room.open_page import OpenPage


@dataclass(slots=True)
class _Retry:
    """When the store is tried again after a failure."""

    at_ms: int = 0
    pause_ms: int = 0

    def failed(self, config: BoardConfig, now_ms: int) -> None:
        self.pause_ms = min(config.retry_most_ms, max(config.retry_ms, self.pause_ms * 2))
        self.at_ms = now_ms + self.pause_ms

    def worked(self) -> None:
        self.at_ms = self.pause_ms = 0


class PageWork:
    """Decides what a page needs next. `room_saved` of `next_job`: the page's own row is stored."""

    def __init__(self, page: OpenPage, config: BoardConfig) -> None:
        self.page = page
        self.busy: PageJob | None = None
        self._config = config
        self._retry = _Retry()
        self._doubtful = False
        self._snapshot: Snapshot | None = None
        self._snapshot_seq = Seq(0)
        self._since_snapshot_ms: int | None = None
        self._looked_at: Seq | None = None
        self._start: PageStart | None = None

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self._retry.pause_ms > 0

    def next_job(self, now_ms: int, *, room_saved: bool, closing: bool = False) -> PageJob | None:
        """What is to be done now, if anything; its outcome goes to `done` or `failed`."""
        if self.busy is not None or now_ms < self._retry.at_ms or not room_saved:
            return None
        try:
            self.busy = self._next(now_ms, closing)
        except PageDamaged:
            self._snapshot = None
            self._retry.failed(self._config, now_ms)
            self.page.damaged()
        return self.busy

    def due_ms(self, now_ms: int) -> int | None:
        """When to ask again, beside what the page's own `due_ms` says; None: not by itself."""
        if self.busy is not None:
            return None
        if self.failing:
            return self._retry.at_ms
        page = self.page
        if (page.doc is None and page.wanted) or page.packing_wanted or page.clients.unstored:
            return now_ms
        return None

    def unloadable(self, now_ms: int) -> bool:
        """Whether nobody has needed the page for long and everything is stored."""
        page = self.page
        idle = now_ms - max(page.last_use_ms, page.last_write_ms) >= self._config.idle_s * 1000
        return idle and self.at_rest and not self._snapshot_lacks

    @property
    def at_rest(self) -> bool:
        """Whether nobody has the page open, and nothing waits."""
        page = self.page
        return (
            self.busy is None
            and not page.subscriptions
            and not page.wanted
            and not page.log
            and not page.clients.unstored
            and self._snapshot is None
        )

    def done(self, job: PageJob, result: object, now_ms: int) -> None:
        """A job has worked."""
        self.busy = None
        self._retry.worked()
        page = self.page
        if isinstance(job, LoadPage | Compare):
            assert isinstance(result, StoredPage), "the hub gives what the store gave"
            self._loaded(job, result, now_ms)
        elif isinstance(job, GiveClients):
            page.clients.stored(job.clients)
        elif isinstance(job, Append):
            page.committed(job.updates[-1].seq, now_ms)
            if self._since_snapshot_ms is None:
                self._since_snapshot_ms = now_ms
        elif isinstance(job, KeepSnapshot):
            self._snapshot_seq = job.snapshot.seq
            self._snapshot = None
            self._since_snapshot_ms = None
        elif isinstance(job, PackState):
            assert isinstance(result, bytes), "the hub gives packed bytes"
            if page.doc is not None and job.epoch == page.doc.epoch:
                page.states.packed(page.doc, job, result)
                if not page.frozen:
                    page.admit(now_ms)
        elif isinstance(job, BeginEpoch):
            self._rolled(job.start, now_ms)

    def failed(self, job: PageJob, now_ms: int, *, damaged: bool = False) -> None:
        """A job has not worked. `damaged`: a page was loaded that does not hold together."""
        self.busy = None
        self._retry.failed(self._config, now_ms)
        page = self.page
        if isinstance(job, LoadPage):
            page.load_failed()
        elif isinstance(job, Append):
            self._doubtful = True
        elif isinstance(job, KeepSnapshot):
            # The next one is newer; the log has everything until then.
            self._snapshot = None
        elif isinstance(job, BeginEpoch):
            self._looked_at = page.doc.seq if page.doc is not None else None
            page.thaw(None, now_ms)
        elif damaged:
            page.damaged()

    def _next(self, now_ms: int, closing: bool) -> PageJob | None:
        page = self.page
        doc = page.doc
        if doc is None:
            return LoadPage(page.number) if page.wanted else None
        if page.clients.unstored:
            return GiveClients(page.number, doc.epoch, dict(page.clients.unstored))
        if self._doubtful:
            return Compare(page.number)
        if page.packing_wanted and not page.frozen:
            return page.states.job(doc)
        self._want_snapshot(doc, now_ms, closing)
        if self._snapshot is not None and page.log.stored >= self._snapshot.seq:
            return KeepSnapshot(page.number, doc.epoch, self._snapshot)
        if page.log and (closing or self._snapshot is not None or (page.log.due_ms or 0) <= now_ms):
            return Append(page.number, doc.epoch, page.log.batch())
        quiet = now_ms - page.last_write_ms >= self._config.look_ms
        if page.subscriptions and page.states.worth_packing(quiet=quiet) and not closing:
            return page.states.job(doc)
        if self._worth_rolling(doc, now_ms) and not closing:
            page.freeze()
            return BeginEpoch(page.number, doc.roll(draw_client, now_ms))
        return None

    @property
    def _snapshot_lacks(self) -> bool:
        return self.page.doc is not None and self.page.doc.seq > self._snapshot_seq

    def _want_snapshot(self, doc: PageDocument, now_ms: int, closing: bool) -> None:
        if self._snapshot is not None or not self._snapshot_lacks:
            return
        config = self._config
        since = self._since_snapshot_ms
        old = since is not None and now_ms - since >= config.snapshot_s * 1000
        many = doc.seq - self._snapshot_seq >= config.snapshot_updates
        idle = not self.page.subscriptions and now_ms - self.page.last_use_ms >= config.idle_s * 1000
        if old or many or idle or closing:
            self._snapshot = doc.snapshot(now_ms)

    def _worth_rolling(self, doc: PageDocument, now_ms: int) -> bool:
        quiet = now_ms - self.page.last_write_ms >= self._config.quiet_s * 1000
        if not quiet or self._looked_at == doc.seq or self.page.wanted or self.page.log:
            return False
        self._looked_at = doc.seq
        return doc.worth_rolling()

    def _loaded(self, job: PageJob, stored: StoredPage, now_ms: int) -> None:
        page = self.page
        if isinstance(job, Compare):
            self._doubtful = False
            if not self._compared(stored, now_ms):
                page.damaged()
            return
        self._snapshot_seq = stored.snapshot.seq if stored.snapshot is not None else Seq(0)
        try:
            page.loaded(stored, now_ms)
        except PageDamaged:
            page.load_failed()
            self._retry.failed(self._config, now_ms)
            page.damaged()
            return
        self._since_snapshot_ms = now_ms if self._snapshot_lacks else None

    def _compared(self, stored: StoredPage, now_ms: int) -> bool:
        """After an append in doubt: whether the store has a beginning of what waits, and nobody else's."""
        page = self.page
        assert page.doc is not None, "a page with a log is loaded"
        newest = stored.tail[-1].seq if stored.tail else stored.snapshot.seq if stored.snapshot else Seq(0)
        if stored.epoch != page.doc.epoch or newest < page.log.stored:
            return False
        ours = {logged.seq: logged.data for logged in page.log.batch()}
        theirs: dict[Seq, LoggedUpdate] = {logged.seq: logged for logged in stored.tail}
        for seq in range(page.log.stored + 1, newest + 1):
            found = theirs.get(Seq(seq))
            if found is None or ours.get(Seq(seq)) != found.data:
                return False
        if newest > page.log.stored:
            page.committed(newest, now_ms)
        return True

    def _rolled(self, start: PageStart, now_ms: int) -> None:
        page = self.page
        stored = StoredPage(start.epoch, start.clients, start.snapshot, ())
        self._snapshot_seq = start.snapshot.seq
        self._since_snapshot_ms = None
        self._looked_at = start.snapshot.seq
        page.thaw(PageDocument.restore(stored, self._config.page), now_ms)
