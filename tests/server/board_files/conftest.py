"""One pool of workers for a test, with little folders of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.boards.slides import SlidesConfig, WorkerSlides
from server.workers import WorkerConfig, WorkerPool


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    folder = tmp_path / "workers"
    folder.mkdir()
    async with WorkerPool(WorkerConfig(processes=2, folder=folder)) as pool:
        yield pool


@pytest.fixture
def slides(pool: WorkerPool, tmp_path: Path) -> WorkerSlides:
    return WorkerSlides(pool, SlidesConfig(tmp_path / "cache"))
