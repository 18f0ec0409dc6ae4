"""One database: a writer with group commit, and reading connections beside it. SQLite or PostgreSQL by URL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout

from server.settings import StorageConfig
from server.storage.connections import Connections, connect_to
from server.storage.errors import ReadFailed, StorageFault, StorageUnavailable, fault_of
from server.storage.writer import T, Work, Writer, WriterStats


class Database:
    """An open database; made by `open_database`."""

    def __init__(self, config: StorageConfig, writing: Connections, reading: Connections) -> None:
        self._config = config
        self._reading = reading
        self._writer = Writer(writing, config)

    @property
    def stats(self) -> WriterStats:
        """The writer's counters."""
        return self._writer.stats

    async def write(self, work: Work[T], *, gathered: bool = False) -> T:
        """
        Runs `work(connection)` and returns its result after the commit; see Writer.submit for what it raises, and for
        `gathered`.
        """
        return await self._writer.submit(work, gathered=gathered)

    async def read(self, query: Work[T]) -> T:
        """Runs `query(connection)` on a reading connection. Raises what it raises, or ReadFailed."""
        try:
            async with asyncio.timeout(self._config.commit_timeout_s):
                return await self._reading.run(query)
        except (DBAPIError, SQLAlchemyTimeout, OSError, TimeoutError) as error:
            cause = getattr(error, "orig", None) or error
            raise ReadFailed(fault_of(cause), f"{type(cause).__name__}: {cause}") from error


@asynccontextmanager
async def open_database(config: StorageConfig) -> AsyncIterator[Database]:
    """
    Opens the database for the length of the context; queued writes are committed before it closes.
    Raises StorageUnavailable. The schema is not touched: see `migrate`.
    """
    writing = connect_to(config, readonly=False)
    reading = connect_to(config, readonly=True)
    try:
        await check_reachable(writing, config)
        failure: Exception | None = None
        async with asyncio.TaskGroup() as tasks:
            database = Database(config, writing, reading)
            tasks.create_task(database._writer.run(), name="storage-writer")
            try:
                yield database
            except Exception as error:  # raised again below: within the group it would come out wrapped
                failure = error
            finally:
                database._writer.close()
        if failure is not None:
            raise failure
    finally:
        await reading.close()
        await writing.close()


async def check_reachable(connections: Connections, config: StorageConfig) -> None:
    """Opens a transaction and ends it. Raises StorageUnavailable with one sentence for the operator."""
    try:
        async with asyncio.timeout(config.commit_timeout_s):
            await connections.run(_begin_and_end)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise unavailable(config, error) from error


def _begin_and_end(connection: Connection) -> None:
    with connection.begin():
        pass


def unavailable(config: StorageConfig, error: BaseException) -> StorageUnavailable:
    """The operator's sentence for an exception of the driver."""
    cause = getattr(error, "orig", None) or error
    fault = fault_of(cause)
    shown = describe(config)
    sentences = {
        StorageFault.LOCKED: f"The database {shown} is locked by another program; stop that program, then start again.",
        StorageFault.DISK_FULL: f"The disk of the database {shown} is full; free some space, then start again.",
        StorageFault.IO_ERROR: f"The disk of the database {shown} does not work (input/output error); check the disk.",
        StorageFault.READ_ONLY: f"The database {shown} cannot be written; check the folder and its permissions.",
        StorageFault.CORRUPT: f"The file {shown} is not a healthy SQLite database; restore it from a backup.",
    }
    default = f"The database {shown} cannot be reached: {_detail(cause)}."
    return StorageUnavailable(fault, sentences.get(fault, default))


def _detail(cause: BaseException) -> str:
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there (connection refused)"
    said = (isinstance(cause, OSError) and cause.strerror) or str(cause).strip()
    return said.splitlines()[0].rstrip(".") if said else type(cause).__name__


def describe(config: StorageConfig) -> str:
    """The database's place for messages, without its password."""
    url = make_url(config.url)
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    # Which driver we use is no concern of an operator.
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def sqlite_path(config: StorageConfig) -> Path | None:
    """The database's file, or None when it is not SQLite."""
    url = make_url(config.url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
