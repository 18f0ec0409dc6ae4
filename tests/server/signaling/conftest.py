"""A whole server on loopback for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.settings import StorageConfig
from server.signaling import SignalingConfig
from tests.server.running import Stage, running_stage


@pytest.fixture
async def stage(sqlite_config: StorageConfig, tmp_path: Path) -> AsyncIterator[Stage]:
    """A running server with one room, on SQLite."""
    async with running_stage(sqlite_config, tmp_path / "static") as running:
        yield running


@pytest.fixture
async def hasty_stage(sqlite_config: StorageConfig, tmp_path: Path) -> AsyncIterator[Stage]:
    """A server that waits a second for the token."""
    hasty = SignalingConfig(authenticate_s=1.0)
    async with running_stage(sqlite_config, tmp_path / "static", signaling=hasty) as running:
        yield running
