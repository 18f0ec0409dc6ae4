"""
The boards' log buffer: what the pages of all rooms append while one commit runs goes into the next one together, as
one unit of work. A unit of its own for each page would cost a savepoint and two statements for a stroke or two.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NewType

import structlog
from sqlalchemy import Connection, Dialect, bindparam, insert, select
from sqlalchemy.sql.compiler import SQLCompiler

from server.storage.board_tables import board_page, board_session, board_update
from server.storage.database import Database
from server.storage.errors import Conflict, StorageError, StorageFault, WriteFailed
from server.storage.ids import SessionId
from whiteboard import Epoch, LoggedUpdate

_log = structlog.get_logger("server.storage")

PageId = NewType("PageId", int)
"""The short id of a page in the database, unique over all rooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLogConfig:
    """Bounds of the log buffer; tuned for some hundred drawing persons on SQLite."""

    unit_rows: int = 2_000
    """Updates in one unit of work."""

    unit_bytes: int = 4_000_000
    """Their bytes; one append alone may be larger."""

    waiting_bytes: int = 64_000_000
    """What may wait for its commit; further appends are refused, so a stuck disk cannot eat the memory."""


@dataclass(slots=True)
class _Append:
    page: PageId
    epoch: Epoch
    session: SessionId | None
    updates: Sequence[LoggedUpdate]
    size: int
    done: "asyncio.Future[None]"


class BoardLog:
    """`run` must be running while `append` is called. `units` and `rows` count what was committed."""

    def __init__(self, database: Database, config: BoardLogConfig | None = None) -> None:
        self.units = 0
        self.rows = 0
        self._database = database
        self._config = config or BoardLogConfig()
        self._waiting: deque[_Append] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._closing = False

    @property
    def waiting(self) -> int:
        """Appends whose commit has not begun."""
        return len(self._waiting)

    async def append(
        self, page: PageId, epoch: Epoch, session: SessionId | None, updates: Sequence[LoggedUpdate]
    ) -> None:
        """
        Returns after the commit. Raises Conflict for a seq that is taken or an epoch that is over, WriteFailed for the
        environment; then none of `updates` is stored. A cancelled caller does not take them back.
        """
        if not updates:
            return
        size = sum(len(update.data) for update in updates)
        if self._closing:
            raise WriteFailed(StorageFault.CLOSED, "The boards' log is closed.")
        if self._waiting_bytes + size > self._config.waiting_bytes:
            raise WriteFailed(StorageFault.OVERLOADED, "Too many board updates wait to be stored.")
        append = _Append(page, epoch, session, updates, size, asyncio.get_running_loop().create_future())
        self._waiting.append(append)
        self._waiting_bytes += size
        self._wake.set()
        await append.done

    def close(self) -> None:
        """Refuses new appends; `run` returns after those that wait are committed."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """The log's task: returns after `close`, when nothing waits."""
        try:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                await self._commit(self._take())
        finally:
            self._closing = True
            failure = WriteFailed(StorageFault.CLOSED, "The boards' log was closed.")
            for append in self._waiting:
                _settle(append, failure)
            self._waiting.clear()

    def _take(self) -> list[_Append]:
        taken: list[_Append] = []
        rows = size = 0
        while self._waiting:
            first = self._waiting[0]
            if taken and (
                rows + len(first.updates) > self._config.unit_rows or size + first.size > self._config.unit_bytes
            ):
                break
            taken.append(self._waiting.popleft())
            rows += len(first.updates)
            size += first.size
        return taken

    async def _commit(self, appends: list[_Append]) -> None:
        failure: StorageError | None = None
        try:
            await self._database.write(lambda connection: store(connection, appends), gathered=True)
            self.units += 1
            self.rows += sum(len(append.updates) for append in appends)
        except StorageError as error:
            failure = error
        except Exception as error:
            # The boundary of one unit: what a driver says of its rows must not end the log of all rooms.
            _log.exception("board_log_failed")
            failure = WriteFailed(StorageFault.OTHER, f"{type(error).__name__}: {error}")
        faulty = isinstance(failure, WriteFailed) and failure.reason is StorageFault.OTHER
        if (faulty or isinstance(failure, Conflict)) and len(appends) > 1:
            # One page's fault is not its neighbours'.
            for append in appends:
                await self._commit([append])
            return
        for append in appends:
            self._waiting_bytes -= append.size
            _settle(append, failure)


def _settle(append: _Append, failure: StorageError | None) -> None:
    if append.done.done():
        return
    if failure is None:
        append.done.set_result(None)
    elif isinstance(failure, WriteFailed):
        # Each waiter gets an exception of its own: raising one object twice would mix their tracebacks.
        append.done.set_exception(WriteFailed(failure.reason, str(failure)))
    else:
        append.done.set_exception(Conflict(str(failure)))


# Made once: building a statement costs several times what running it does.
_EPOCHS = select(board_page.c.id, board_page.c.epoch).where(board_page.c.id.in_(bindparam("pages", expanding=True)))
_LAST_SESSION = (
    select(board_session.c.session_id)
    .where(board_session.c.page_id == bindparam("page"), board_session.c.epoch == bindparam("epoch"))
    .order_by(board_session.c.first_seq.desc())
    .limit(1)
)
_NEW_SESSION = insert(board_session)


_COLUMNS = ("page_id", "epoch", "seq", "at_ms", "client", "data")


@cache
def _new_update(dialect: Dialect) -> str:
    """For the driver itself: with a row or two in a commit the library's work on a statement is most of its cost."""
    compiled = insert(board_update).compile(dialect=dialect, column_keys=_COLUMNS)
    assert isinstance(compiled, SQLCompiler), "an insert is SQL"
    assert tuple(compiled.positiontup or ()) == _COLUMNS, "rows are given by position"
    return str(compiled)


def store(connection: Connection, appends: Sequence[_Append]) -> None:
    """A unit of work: the rows of all appends, and where a page's log passes into another session."""
    pages = sorted({append.page for append in appends})
    epochs = {row.id: row.epoch for row in connection.execute(_EPOCHS, {"pages": pages})}
    sessions: dict[tuple[PageId, Epoch], SessionId | None] = {}
    for append in appends:
        if epochs.get(append.page) != append.epoch:
            raise Conflict("The page was rewritten under another epoch.")
        _note_session(connection, append, sessions)
    rows = [
        (append.page, append.epoch, update.seq, update.at_ms, update.client, update.data)
        for append in appends
        for update in append.updates
    ]
    connection.exec_driver_sql(_new_update(connection.dialect), rows)


def _note_session(connection: Connection, append: _Append, known: dict[tuple[PageId, Epoch], SessionId | None]) -> None:
    key = (append.page, append.epoch)
    if key not in known:
        last = connection.execute(_LAST_SESSION, {"page": append.page, "epoch": append.epoch}).first()
        # A log without any row belongs to no session.
        known[key] = SessionId(last.session_id) if last is not None and last.session_id is not None else None
    if known[key] != append.session:
        known[key] = append.session
        row = {
            "page_id": append.page,
            "epoch": append.epoch,
            "first_seq": append.updates[0].seq,
            "session_id": append.session,
        }
        connection.execute(_NEW_SESSION, row)
