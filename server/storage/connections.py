"""How SQL gets off the event loop: SQLite in threads of its own, PostgreSQL by an asynchronous driver."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.settings import StorageConfig

T = TypeVar("T")


class Connections(Protocol):
    """Connections to one database, for writing (one) or for reading (several)."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Calls `work` with a connection; what it has not committed is rolled back. A cancelled call may go on."""

    async def close(self) -> None:
        """Waits for running work and closes all connections."""


def connect_to(config: StorageConfig, *, readonly: bool) -> Connections:
    """One connection for the writer, or `readers` for reading; each is opened when it is first needed."""
    count = config.readers if readonly else 1
    if make_url(config.url).get_backend_name() == "sqlite":
        return _Threads(_sqlite(config, count, readonly=readonly), count)
    return _Greenlets(_postgresql(config, count, readonly=readonly))


class _Threads:
    # A whole group of units crosses to the thread once; with aiosqlite each statement does, for twice the CPU time.
    def __init__(self, engine: Engine, count: int) -> None:
        self._engine = engine
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="sqlite")

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._call, work)

    async def close(self) -> None:
        await asyncio.to_thread(self._executor.shutdown)
        self._engine.dispose()

    def _call(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)


class _Greenlets:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


def _postgresql(config: StorageConfig, count: int, *, readonly: bool) -> AsyncEngine:
    server_settings = {
        "application_name": "muster",
        "lock_timeout": f"{int(config.busy_timeout_s * 1000)}",
        "default_transaction_read_only": "on" if readonly else "off",
    }
    return create_async_engine(
        config.url,
        pool_size=count,
        max_overflow=0,
        pool_timeout=config.busy_timeout_s,
        pool_pre_ping=True,
        connect_args={"server_settings": server_settings, "timeout": config.busy_timeout_s},
    )


def _sqlite(config: StorageConfig, count: int, *, readonly: bool) -> Engine:
    engine = create_engine(
        make_url(config.url).set(drivername="sqlite"),
        pool_size=count,
        max_overflow=0,
        pool_timeout=config.busy_timeout_s,
        connect_args={"timeout": config.busy_timeout_s},
    )

    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    def on_connect(connection: DBAPIConnection, _record: Any) -> None:
        # The driver's own BEGIN comes late and breaks savepoints; ours comes with each transaction.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(config.busy_timeout_s * 1000)}",
            f"query_only={'ON' if readonly else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        # A writer that upgrades a read lock can fail at once with SQLITE_BUSY; IMMEDIATE waits instead.
        try:
            # By the driver itself: through a statement of the library it costs as much as a query.
            connection.connection.cursor().execute(begin)
        except sqlite3.Error as error:
            raise OperationalError(begin, None, error) from error

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine
