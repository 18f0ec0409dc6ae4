"""Fixtures of the server's tests: the same suite on SQLite and PostgreSQL, a hand-pushed clock, a room."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from server.access import Access
from server.attendance import Attendance
from server.settings import AccessConfig, Secret, StorageConfig
from server.storage import Database, Institution, Room, create_institution, create_room, migrate, open_database
from tests.server.postgres import find_binaries, running_cluster

NOW = 1_800_000_000_000


class HandClock:
    """A clock in Unix ms that the test pushes."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def push(self, seconds: float) -> None:
        """Moves the time forward."""
        self.now += int(seconds * 1000)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The URL of a migrated database, copied for each test."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    with running_cluster(binaries) as socket:
        asyncio.run(_admin(socket, "CREATE DATABASE template_muster"))
        url = f"postgresql+asyncpg://muster@/template_muster?host={socket}"
        asyncio.run(migrate(StorageConfig(url=url)))
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "muster.db"
    asyncio.run(migrate(StorageConfig(url=f"sqlite:///{path}")))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def storage_config(request: pytest.FixtureRequest, tmp_path: Path) -> StorageConfig:
    """A fresh, migrated database; every test that uses it runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "muster.db")
        return StorageConfig(url=f"sqlite:///{tmp_path / 'muster.db'}")
    return _fresh_postgres(request.getfixturevalue("postgres_template"))


@pytest.fixture
def postgres_config(postgres_template: str) -> StorageConfig:
    """A fresh, migrated PostgreSQL database, for what only PostgreSQL does."""
    return _fresh_postgres(postgres_template)


@pytest.fixture
def sqlite_config(tmp_path: Path, sqlite_template: Path) -> StorageConfig:
    """A fresh, migrated SQLite database, for what only SQLite does."""
    shutil.copy(sqlite_template, tmp_path / "muster.db")
    return StorageConfig(url=f"sqlite:///{tmp_path / 'muster.db'}")


@pytest.fixture
async def database(storage_config: StorageConfig) -> AsyncIterator[Database]:
    """An open database of either kind."""
    async with open_database(replace(storage_config, group_window_s=0.001)) as opened:
        yield opened


@pytest.fixture
def clock() -> HandClock:
    """The time of the test."""
    return HandClock()


@pytest.fixture
def access_config() -> AccessConfig:
    """Settings of access with a fixed master key."""
    return AccessConfig(public_url="https://class.example", master_key=Secret("m" * 64))


@pytest.fixture
def access(database: Database, access_config: AccessConfig, clock: HandClock) -> Access:
    """The gate."""
    return Access(database, access_config, clock)


@pytest.fixture
def attendance(database: Database, clock: HandClock) -> Attendance:
    """The register."""
    return Attendance(database, clock)


@pytest.fixture
async def academy(database: Database) -> Institution:
    """An institution."""
    return await database.write(lambda c: create_institution(c, "Academy", ("https://lms.example",), NOW))


@pytest.fixture
async def room(database: Database, academy: Institution) -> Room:
    """A room of it."""
    return await database.write(lambda c: create_room(c, academy.id, "Customs law", "law", NOW))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly when half of the suite did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if "PostgreSQL is not installed" in str(report.longrepr)]
    if missed:
        terminalreporter.section("PostgreSQL is not installed", red=True, bold=True)
        terminalreporter.line(f"{len(missed)} tests ran on SQLite only. Install Debian's package postgresql.", red=True)


def _fresh_postgres(template: str) -> StorageConfig:
    socket = template.partition("host=")[2]
    asyncio.run(_admin(socket, "DROP DATABASE IF EXISTS test_muster WITH (FORCE)"))
    asyncio.run(_admin(socket, "CREATE DATABASE test_muster TEMPLATE template_muster"))
    return StorageConfig(url=template.replace("/template_muster", "/test_muster"))


async def _admin(socket: str, statement: str) -> None:
    connection = await asyncpg.connect(host=socket, user="muster", database="postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
