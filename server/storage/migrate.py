"""Brings a database to the newest schema with Alembic; run by `muster migrate` and at each start of the server."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from server.settings import StorageConfig
from server.storage.connections import connect_to
from server.storage.database import sqlite_path, unavailable
from server.storage.errors import StorageFault, StorageUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST_REVISION = "0002"
"""The revision that this program needs: the head of the migrations."""


async def migrate(config: StorageConfig) -> tuple[str | None, str]:
    """
    Creates or upgrades the schema, all or nothing, and returns the revisions (before, after).
    Raises StorageUnavailable, also for a database that a newer version of the program has written.
    """
    connections = connect_to(config, readonly=False)
    try:
        path = sqlite_path(config)
        if path is not None:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        async with asyncio.timeout(600):
            return await connections.run(_upgrade_at_once)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise unavailable(config, error) from error
    finally:
        await connections.close()


def current_revision(connection: Connection) -> str | None:
    """The revision of the connected database; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def known_revisions() -> set[str]:
    """Every revision that this program can start from."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def alembic_config() -> "Config":
    """Alembic's settings: where our migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade_at_once(connection: Connection) -> tuple[str | None, str]:
    with connection.begin():
        return _upgrade(connection)


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    before = current_revision(connection)
    if before == NEWEST_REVISION:
        return before, NEWEST_REVISION
    # Imported here: it takes as long to load as all the rest, and most starts have nothing to migrate.
    from alembic import command

    alembic = alembic_config()
    if before is not None and before not in known_revisions():
        raise StorageUnavailable(
            StorageFault.OTHER,
            f"The database has revision {before}, which only a newer version of the program knows; install that one.",
        )
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")
    return before, NEWEST_REVISION
