"""Migrations, and databases that cannot be used: one sentence each."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, update
from sqlalchemy import table as sql_table
from sqlalchemy.sql import column

from server.settings import StorageConfig
from server.storage import (
    NEWEST_REVISION,
    StorageFault,
    StorageUnavailable,
    WriteFailed,
    create_institution,
    list_institutions,
    migrate,
    open_database,
)
from server.storage.connections import connect_to
from server.storage.database import unavailable
from server.storage.migrate import alembic_config
from server.storage.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_uses(storage_config: StorageConfig) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with open_database(storage_config) as database:
        assert await database.read(differences) == []


def test_the_program_asks_for_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [NEWEST_REVISION]


async def test_an_up_to_date_database_is_left_alone(storage_config: StorageConfig) -> None:
    assert await migrate(storage_config) == (NEWEST_REVISION, NEWEST_REVISION)


async def test_the_way_back_and_forth_ends_where_it_began(storage_config: StorageConfig) -> None:
    def down(connection: Connection) -> list[str]:
        alembic = alembic_config()
        alembic.attributes["connection"] = connection
        with connection.begin():
            command.downgrade(alembic, "base")
        return inspect(connection).get_table_names()

    connections = connect_to(storage_config, readonly=False)
    assert await connections.run(down) == ["alembic_version"]
    await connections.close()
    assert await migrate(storage_config) == (None, NEWEST_REVISION)


async def test_a_database_of_a_newer_version_is_refused_in_one_sentence(storage_config: StorageConfig) -> None:
    version = sql_table("alembic_version", column("version_num"))
    async with open_database(storage_config) as database:
        await database.write(lambda c: c.execute(update(version).values(version_num="9999")))
    with pytest.raises(StorageUnavailable, match="revision 9999, which only a newer version") as refused:
        await migrate(storage_config)
    assert "\n" not in str(refused.value)


async def test_a_new_database_is_made_with_its_folder(tmp_path: Path) -> None:
    config = StorageConfig(url=f"sqlite:///{tmp_path}/a/b/muster.db")
    assert await migrate(config) == (None, NEWEST_REVISION)


async def test_a_locked_database_stops_the_start_in_one_sentence(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "muster.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageUnavailable, match="is locked by another program") as refused:
        await migrate(replace(sqlite_config, busy_timeout_s=0.05))
    other.close()
    assert refused.value.reason is StorageFault.LOCKED


async def test_a_file_that_is_no_database_stops_the_start_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "muster.db").write_bytes(b"not a database" * 500)
    with pytest.raises(StorageUnavailable, match="is not a healthy SQLite database"):
        await migrate(StorageConfig(url=f"sqlite:///{tmp_path / 'muster.db'}"))


async def test_an_unreachable_server_stops_the_start_in_one_sentence_without_its_password() -> None:
    config = StorageConfig(url="postgresql+asyncpg://muster:hush@127.0.0.1:1/muster")
    with pytest.raises(StorageUnavailable) as refused:
        await migrate(config)
    assert refused.value.reason is StorageFault.UNREACHABLE
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("error", "fault", "words"),
    [
        (sqlite3.OperationalError("database is locked"), StorageFault.LOCKED, "is locked by another program"),
        (sqlite3.OperationalError("database or disk is full"), StorageFault.DISK_FULL, "is full; free some space"),
        (OSError(28, "No space left on device"), StorageFault.DISK_FULL, "is full; free some space"),
        (sqlite3.OperationalError("disk I/O error"), StorageFault.IO_ERROR, "does not work (input/output error)"),
        (sqlite3.OperationalError("unable to open database file"), StorageFault.READ_ONLY, "cannot be written"),
        (sqlite3.DatabaseError("database disk image is malformed"), StorageFault.CORRUPT, "restore it from a backup"),
        (TimeoutError(), StorageFault.UNREACHABLE, "cannot be reached: TimeoutError."),
        (RuntimeError("of a kind we do not know"), StorageFault.OTHER, "cannot be reached: of a kind we do not know."),
    ],
)
def test_each_fault_at_the_start_has_its_sentence(error: Exception, fault: StorageFault, words: str) -> None:
    refused = unavailable(StorageConfig(url="sqlite:////srv/muster.db"), error)
    assert refused.reason is fault
    assert words in str(refused)
    assert "/srv/muster.db" in str(refused)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 800 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root on a machine of its own can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
async def test_on_a_disk_that_is_really_full_writes_fail_and_go_on_when_there_is_room(small_disk: Path) -> None:
    config = StorageConfig(url=f"sqlite:///{small_disk}/muster.db")
    await migrate(config)
    async with open_database(config) as database:
        await database.write(lambda c: create_institution(c, "small", (), 1))
        fill(small_disk / "ballast")
        with pytest.raises(WriteFailed) as failed:
            await database.write(lambda c: create_institution(c, "large", ("x" * 100_000,), 1))
        assert failed.value.reason is StorageFault.DISK_FULL
        (small_disk / "ballast").unlink()
        await database.write(lambda c: create_institution(c, "large", ("x" * 100_000,), 1))
        assert [one.name for one in await database.read(list_institutions)] == ["large", "small"]


def fill(ballast: Path) -> None:
    """Writes until the disk is full."""
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
