"""The one writer of a database: units of work are committed in groups, and each caller awaits its commit."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Transaction
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from server.settings import StorageConfig
from server.storage.connections import Connections
from server.storage.errors import Conflict, StorageFault, WriteFailed, fault_of

T = TypeVar("T")
Work = Callable[[Connection], T]
"""A unit of work: plain SQL on the given connection, all or nothing. It may run twice, so it keeps no state."""

_log = structlog.get_logger("server.storage")


@dataclass(slots=True)
class WriterStats:
    """Counters since the start, for metrics and tests."""

    commits: int = 0
    units: int = 0
    failed_units: int = 0
    refused_units: int = 0
    largest_group: int = 0


@dataclass(slots=True)
class _Unit:
    work: Work[Any]
    done: asyncio.Future[Any]
    due_at: float
    """When it need not wait for company any more, seconds of the loop's clock."""


class Writer:
    """
    Commits units of work in their order. The queue is bounded (`write_queue`); when it is full, `submit`
    refuses at once with WriteFailed(OVERLOADED), so a stuck disk cannot eat the memory.
    """

    def __init__(self, connections: Connections, config: StorageConfig) -> None:
        self.stats = WriterStats()
        self._connections = connections
        self._config = config
        self._queue: deque[_Unit] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()

    async def submit(self, work: Work[T], *, gathered: bool = False) -> T:
        """
        `gathered`: the unit is company enough for itself, and need not wait for more.
        Runs `work` in a transaction and returns its result once that is committed. Raises what `work` raised
        (then nothing of it is stored), Conflict for a broken unique rule, WriteFailed for the environment.
        A cancelled caller does not take the unit back.
        """
        if self._closing.is_set():
            raise WriteFailed(StorageFault.CLOSED, "The database is closed.")
        if len(self._queue) >= self._config.write_queue:
            self.stats.refused_units += 1
            raise WriteFailed(StorageFault.OVERLOADED, "Too many writes are waiting.")
        loop = asyncio.get_running_loop()
        now = loop.time()
        unit = _Unit(work, loop.create_future(), now if gathered else now + self._config.group_window_s)
        self._queue.append(unit)
        self._wake.set()
        result: T = await unit.done
        return result

    def close(self) -> None:
        """Refuses new units; `run` returns after the queued ones are committed."""
        self._closing.set()
        self._wake.set()

    async def run(self) -> None:
        """The writer's task: returns after `close`, when the queue is empty."""
        try:
            while self._queue or not self._closing.is_set():
                if not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                await self._gather_group()
                await self._commit_group(self._take_group())
        finally:
            self._closing.set()
            self._fail(list(self._queue), WriteFailed(StorageFault.CLOSED, "The database was closed."))
            self._queue.clear()

    async def _gather_group(self) -> None:
        # Counted from the oldest unit: those that waited for the last commit wait no second window.
        wait = self._queue[0].due_at - asyncio.get_running_loop().time()
        if wait > 0 and len(self._queue) < self._config.group_max:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._closing.wait()

    def _take_group(self) -> list[_Unit]:
        return [self._queue.popleft() for _ in range(min(len(self._queue), self._config.group_max))]

    async def _commit_group(self, group: list[_Unit]) -> None:
        self.stats.largest_group = max(self.stats.largest_group, len(group))
        try:
            await self._try_group(group)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            failure = _write_failed(error)
            _log.warning("write_failed", reason=failure.reason.value, units=len(group), detail=str(failure))
            # A full disk may have been the fault of one large unit: its neighbours get a try of their own.
            if len(group) > 1 and failure.reason is StorageFault.DISK_FULL:
                for unit in group:
                    await self._commit_group([unit])
            else:
                self._fail(group, failure)

    async def _try_group(self, group: list[_Unit]) -> None:
        async with asyncio.timeout(self._config.commit_timeout_s):
            outcomes = await self._connections.run(lambda connection: _run_group(connection, group))
        self.stats.commits += 1
        for unit, (result, error) in zip(group, outcomes, strict=True):
            self.stats.units += 1
            if unit.done.done():
                continue
            if error is None:
                unit.done.set_result(result)
            else:
                self.stats.failed_units += 1
                unit.done.set_exception(error)

    def _fail(self, group: list[_Unit], failure: WriteFailed) -> None:
        for unit in group:
            self.stats.failed_units += 1
            if not unit.done.done():
                unit.done.set_exception(WriteFailed(failure.reason, str(failure)))


_Outcome = tuple[Any, Exception | None]


def _run_group(connection: Connection, group: list[_Unit]) -> list[_Outcome]:
    with connection.begin() as transaction:
        if len(group) == 1:
            return [_run_alone(connection, transaction, group[0].work)]
        return [_run_unit(connection, unit.work) for unit in group]


def _run_alone(connection: Connection, transaction: Transaction, work: Work[Any]) -> _Outcome:
    """A unit without neighbours needs no savepoint: the transaction itself takes back what a failed one did."""
    try:
        return work(connection), None
    except Exception as error:  # the boundary of one caller's unit, as below
        if _is_environment(error):
            raise
        transaction.rollback()
        return None, _told(error)


def _run_unit(connection: Connection, work: Work[Any]) -> _Outcome:
    """One unit under its own savepoint: what it raises is its own affair, except faults of the environment."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
        savepoint.commit()
    except Exception as error:  # the boundary between one caller's unit and its neighbours
        # No rollback to the savepoint here: on a full disk SQLite has undone the whole transaction with it.
        if _is_environment(error):
            raise
        savepoint.rollback()
        return None, _told(error)
    return result, None


def _told(error: Exception) -> Exception:
    return Conflict(str(error.orig)) if isinstance(error, IntegrityError) else error


def _is_environment(error: Exception) -> bool:
    if not isinstance(error, DBAPIError) or isinstance(error, (IntegrityError, ProgrammingError, DataError)):
        return False
    return error.connection_invalidated or fault_of(error.orig or error) is not StorageFault.OTHER


def _write_failed(error: BaseException) -> WriteFailed:
    cause = getattr(error, "orig", None) or error
    return WriteFailed(fault_of(cause), f"{type(cause).__name__}: {cause}")
