"""What a command works with: settings, an up-to-date database, and the gate of access, open for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.access import Access, load_master_key
from server.settings import Settings
from server.storage import Database, migrate, open_database


@dataclass(frozen=True, slots=True)
class Office:
    """The open things of one command."""

    settings: Settings
    database: Database
    access: Access


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Migrates if need be and opens. Raises StorageUnavailable, MasterKeyLost. It may run beside the server."""
    config = settings.storage()
    await migrate(config)
    access_config = settings.access(load_master_key(settings.secret_key, settings.data_dir))
    async with open_database(config) as database:
        yield Office(settings, database, Access(database, access_config))
