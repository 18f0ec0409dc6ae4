"""The writer: groups, neighbours, bounds, and the faults of the environment."""

import asyncio
import os
import signal
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, text

from server.settings import StorageConfig
from server.storage import Conflict, Database, ReadFailed, StorageFault, WriteFailed, open_database, sqlite_path
from server.storage.connections import connect_to
from server.storage.tables import institution
from server.storage.writer import Writer


def add(connection: Connection, name: str, size: int = 1) -> str:
    """One row; `size` makes it large."""
    row = {"id": name[:26], "name": name, "embed_origins": ["x" * size], "created_at": 1}
    connection.execute(insert(institution).values(row))
    return name


async def names(database: Database) -> set[str]:
    """What is stored."""
    return set(await database.read(lambda c: c.scalars(select(institution.c.name)).all()))


async def gather(database: Database, *wanted: str) -> list[str | BaseException]:
    """Writes all at once."""
    units = [database.write(lambda c, name=name: add(c, name)) for name in wanted]  # type: ignore[misc]  # mypy: lambda default
    return await asyncio.gather(*units, return_exceptions=True)


async def test_writes_at_the_same_time_share_a_commit_and_each_gets_its_result(database: Database) -> None:
    wanted = [f"n{number}" for number in range(80)]
    assert await gather(database, *wanted) == wanted
    assert database.stats.commits <= 2
    assert database.stats.largest_group >= 40
    assert await names(database) == set(wanted)


async def test_a_result_is_visible_to_others_when_it_is_returned(sqlite_config: StorageConfig) -> None:
    async with open_database(sqlite_config) as database:
        await database.write(lambda c: add(c, "seen"))
        with sqlite3.connect(sqlite_path(sqlite_config) or "") as other:
            assert other.execute("SELECT name FROM institution").fetchall() == [("seen",)]
        other.close()


async def test_a_unit_that_raises_leaves_nothing_and_its_neighbours_stay(database: Database) -> None:
    def half(connection: Connection) -> None:
        add(connection, "half")
        raise ValueError("a bug of this unit alone")

    outcomes = await asyncio.gather(
        database.write(lambda c: add(c, "before")),
        database.write(half),
        database.write(lambda c: add(c, "after")),
        return_exceptions=True,
    )
    assert outcomes[0] == "before"
    assert isinstance(outcomes[1], ValueError)
    assert outcomes[2] == "after"
    assert database.stats.commits == 1
    assert await names(database) == {"before", "after"}


@pytest.mark.parametrize("neighbours", [0, 1])
async def test_a_unit_that_raises_is_taken_back_alone_and_in_company(database: Database, neighbours: int) -> None:
    def half(connection: Connection) -> None:
        add(connection, "half")
        raise ValueError("a bug of this unit alone")

    others = [database.write(lambda c: add(c, "kept")) for _ in range(neighbours)]
    [outcome, *_] = await asyncio.gather(database.write(half), *others, return_exceptions=True)
    assert isinstance(outcome, ValueError)
    assert database.stats.largest_group == 1 + neighbours
    assert await database.write(lambda c: add(c, "after")) == "after"
    assert await names(database) == {"after", *["kept"] * neighbours}


async def test_a_taken_name_is_a_conflict_for_a_unit_alone(database: Database) -> None:
    await database.write(lambda c: add(c, "a"))
    with pytest.raises(Conflict):
        await database.write(lambda c: add(c, "a"))
    assert await database.write(lambda c: add(c, "b")) == "b"


async def test_a_taken_name_fails_its_own_unit_only(database: Database) -> None:
    outcomes = await gather(database, "a", "b", "a", "c")
    assert [type(outcome) for outcome in outcomes] == [str, str, Conflict, str]
    assert await names(database) == {"a", "b", "c"}


async def test_wrong_sql_fails_its_own_unit_only(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.write(lambda c: add(c, "before")),
        database.write(lambda c: c.execute(text("SELECT * FROM nonsense"))),
        database.write(lambda c: add(c, "after")),
        return_exceptions=True,
    )
    assert outcomes[0] == "before"
    assert outcomes[2] == "after"
    assert isinstance(outcomes[1], Exception)
    assert await names(database) == {"before", "after"}


async def test_a_cancelled_caller_hurts_nobody(database: Database) -> None:
    async with asyncio.TaskGroup() as tasks:
        cancelled = tasks.create_task(database.write(lambda c: add(c, "cancelled")))
        kept = tasks.create_task(database.write(lambda c: add(c, "kept")))
        await asyncio.sleep(0)
        cancelled.cancel()
    assert kept.result() == "kept"
    assert "kept" in await names(database)


async def test_a_full_queue_refuses_at_once_and_closing_commits_what_waits(sqlite_config: StorageConfig) -> None:
    config = replace(sqlite_config, write_queue=3)
    connections = connect_to(config, readonly=False)
    writer = Writer(connections, config)
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(writer.submit(lambda c, n=n: add(c, f"w{n}"))) for n in range(3)]  # type: ignore[misc]  # mypy: lambda default
        await asyncio.sleep(0)
        with pytest.raises(WriteFailed) as refused:
            await writer.submit(lambda c: add(c, "late"))
        assert refused.value.reason is StorageFault.OVERLOADED
        assert writer.stats.refused_units == 1
        writer.close()
        await writer.run()
    assert [task.result() for task in waiting] == ["w0", "w1", "w2"]
    with pytest.raises(WriteFailed) as closed:
        await writer.submit(lambda c: add(c, "later"))
    assert closed.value.reason is StorageFault.CLOSED
    await connections.close()


async def test_closing_the_database_commits_what_waits(sqlite_config: StorageConfig) -> None:
    async with asyncio.TaskGroup() as tasks:
        async with open_database(replace(sqlite_config, group_window_s=5)) as database:
            late = tasks.create_task(database.write(lambda c: add(c, "late")))
            await asyncio.sleep(0)
            await database.read(lambda c: None)
        assert await late == "late"
    async with open_database(sqlite_config) as again:
        assert await names(again) == {"late"}


async def test_an_error_inside_the_open_database_comes_out_as_itself(sqlite_config: StorageConfig) -> None:
    with pytest.raises(KeyError):
        async with open_database(sqlite_config):
            raise KeyError("mine")


async def test_a_locked_database_fails_the_write_with_its_reason_and_the_next_one_works(
    sqlite_config: StorageConfig,
) -> None:
    async with open_database(replace(sqlite_config, busy_timeout_s=0.05)) as database:
        other = sqlite3.connect(sqlite_path(sqlite_config) or "", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(WriteFailed) as failed:
            await database.write(lambda c: add(c, "blocked"))
        assert failed.value.reason is StorageFault.LOCKED
        other.execute("ROLLBACK")
        other.close()
        assert await database.write(lambda c: add(c, "free")) == "free"
        assert await names(database) == {"free"}


async def test_on_a_full_disk_the_large_unit_fails_and_its_small_neighbours_are_stored(
    sqlite_config: StorageConfig,
) -> None:
    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")

    async with open_database(sqlite_config) as database:
        await database.write(fill)
        outcomes = await asyncio.gather(
            database.write(lambda c: add(c, "small")),
            database.write(lambda c: add(c, "large", size=1_000_000)),
            database.write(lambda c: add(c, "tiny")),
            return_exceptions=True,
        )
        assert outcomes[0] == "small"
        assert isinstance(outcomes[1], WriteFailed)
        assert outcomes[1].reason is StorageFault.DISK_FULL
        assert outcomes[2] == "tiny"
        assert await names(database) == {"small", "tiny"}


async def test_reading_connections_cannot_write(database: Database) -> None:
    with pytest.raises(ReadFailed) as failed:
        await database.read(lambda c: add(c, "sneaky"))
    assert failed.value.reason is StorageFault.READ_ONLY


async def test_a_lost_connection_fails_the_write_and_the_next_one_gets_a_new_connection(
    postgres_config: StorageConfig,
) -> None:
    async with open_database(postgres_config) as database:
        with pytest.raises(WriteFailed) as failed:
            await database.write(lambda c: c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
        assert failed.value.reason is StorageFault.UNREACHABLE
        assert await database.write(lambda c: add(c, "again")) == "again"


@pytest.mark.slow
async def test_a_database_server_that_hangs_fails_writes_in_bounded_time_while_the_loop_runs_on(
    postgres_config: StorageConfig,
) -> None:
    loop = asyncio.get_running_loop()
    async with open_database(replace(postgres_config, commit_timeout_s=0.3)) as database:
        backend: int = await database.write(lambda c: c.execute(text("SELECT pg_backend_pid()")).scalar_one())
        os.kill(backend, signal.SIGSTOP)
        started = loop.time()
        try:
            outcomes = await gather(database, "a", "b")
        finally:
            os.kill(backend, signal.SIGCONT)
        assert [getattr(outcome, "reason", outcome) for outcome in outcomes] == [StorageFault.UNREACHABLE] * 2
        assert loop.time() - started < 10
        assert await database.write(lambda c: add(c, "again")) == "again"


async def test_sqlite_is_opened_for_durability(sqlite_config: StorageConfig) -> None:
    async with open_database(sqlite_config) as database:
        assert await database.write(lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar_one()) == "wal"
        assert await database.write(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar_one()) == 2
        assert await database.write(lambda c: c.exec_driver_sql("PRAGMA foreign_keys").scalar_one()) == 1
