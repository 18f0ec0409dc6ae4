"""As many workers at once as the machine has cores, some started ahead, the rest of the jobs in a bounded queue."""

import asyncio
import os
import shutil
import stat
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from server.workers.errors import FailReason, JobFailed, JobRefused
from server.workers.process import PREFIX, START, Progress, WorkerProcess
from server.workers.sandbox import Confined, Limits

_log = structlog.get_logger("server.workers")


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """
    `processes` work at once (default: one for each core), `spares` are started ahead, `waiting` jobs may queue;
    `timeout_s` is a job's time on the wall. `folder`: where workers have their own folders, this server's alone,
    default the system's; `start`: the program that a worker is.
    """

    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    spares: int = 1
    waiting: int = 64
    timeout_s: float = 90.0
    limits: Limits = field(default_factory=Limits)
    folder: Path | None = None
    start: Path = START


@dataclass(frozen=True, slots=True)
class JobDone:
    """What a job gave: a small value, and files in a folder that is gone when the context ends."""

    value: dict[str, Any]
    folder: Path

    def file(self, name: str) -> Path:
        """A file that the job wrote. Raises JobFailed when it is not one: a worker may have been taken over."""
        path = self.folder / Path(name).name
        try:
            ordinary = stat.S_ISREG(path.lstat().st_mode)
        except OSError:
            ordinary = False
        if not ordinary:
            raise JobFailed(FailReason.CRASHED, "no such file came of the job")
        return path


class WorkerPool:
    """Runs jobs of `server.workers.jobs`. `counters` count them by job and outcome. Use as a context."""

    def __init__(self, config: WorkerConfig) -> None:
        self.counters: Counter[str] = Counter()
        self._config = config
        self._slots = asyncio.Semaphore(config.processes)
        self._waiting = 0
        self._spares: list[WorkerProcess] = []
        self._closed = False
        self._noted = False

    async def __aenter__(self) -> Self:
        folder = self._config.folder
        if folder is not None:
            # What a server that was killed left of its workers; they died with it.
            await asyncio.to_thread(_sweep, folder)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        while self._spares:
            await self._spares.pop().close()

    @asynccontextmanager
    async def job(
        self,
        name: str,
        args: Mapping[str, Any],
        files: Sequence[Path] = (),
        *,
        progress: Progress | None = None,
        program: Path | None = None,
        timeout_s: float | None = None,
    ) -> AsyncIterator[JobDone]:
        """
        Runs one job in a process of its own, which sees `files`, opened for reading, and no others. `args` are JSON.
        With `program` it may run that one and what it needs of the system.
        Raises JobRefused, JobFailed, and OSError when a file cannot be opened.
        """
        if self._waiting >= self._config.waiting or self._closed:
            self.counters[f"{name} busy"] += 1
            raise JobFailed(FailReason.BUSY, "too many files are being worked on")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        worker = None
        try:
            worker = await self._take(program)
            await self._start_spares()
            value = await self._run(worker, name, args, files, progress, timeout_s or self._config.timeout_s)
            # What it has made is looked at when it cannot change it any more.
            await worker.stop()
            yield JobDone(value, worker.folder)
        finally:
            try:
                if worker is not None:
                    await asyncio.shield(worker.close())
            finally:
                self._slots.release()

    async def _run(
        self,
        worker: WorkerProcess,
        name: str,
        args: Mapping[str, Any],
        files: Sequence[Path],
        progress: Progress | None,
        timeout_s: float,
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(timeout_s):
                value = await worker.run(name, args, files, progress)
        except TimeoutError as error:
            self.counters[f"{name} timeout"] += 1
            raise JobFailed(FailReason.TIMEOUT, f"over {timeout_s:g} s") from error
        except JobRefused:
            self.counters[f"{name} refused"] += 1
            raise
        except JobFailed as failed:
            self.counters[f"{name} {failed.reason.value}"] += 1
            _log.warning("job_failed", job=name, reason=failed.reason.value, detail=failed.detail)
            raise
        finally:
            self._note(worker.confined)
        self.counters[f"{name} done"] += 1
        return value

    def _note(self, confined: Confined | None) -> None:
        """Says once what this kernel's sandbox holds."""
        if confined is None or self._noted:
            return
        self._noted = True
        whole = confined.files and confined.calls and confined.network
        log = _log.info if whole else _log.warning
        log("workers_confined", files=bool(confined.files), calls=confined.calls, network=confined.network)

    async def _take(self, program: Path | None) -> WorkerProcess:
        if program is not None:
            return await self._start(program)
        worker = None
        while self._spares and worker is None:
            spare = self._spares.pop()
            if spare.alive:
                worker = spare
            else:
                await spare.close()
        if worker is None:
            worker = await self._start()
        return worker

    async def _start_spares(self) -> None:
        while len(self._spares) < self._config.spares and not self._closed:
            # It warms itself up while the job runs; starting it takes some milliseconds.
            self._spares.append(await self._start())

    async def _start(self, program: Path | None = None) -> WorkerProcess:
        return await WorkerProcess.start(self._config.start, self._config.limits, self._config.folder, program)


def _sweep(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
