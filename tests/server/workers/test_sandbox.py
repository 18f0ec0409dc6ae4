"""What a worker cannot do, each tried from within by a job that does it."""

import asyncio
import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.workers import FailReason, JobDone, JobFailed, WorkerConfig, WorkerPool
from server.workers.kernel import landlock_version
from server.workers.sandbox import Limits

pytestmark = pytest.mark.slow
_ROOT = Path(__file__).resolve().parents[3]
_START = Path(__file__).with_name("naughty_start.py")

known_machine = pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no call numbers for it")


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    folder = tmp_path / "workers"
    folder.mkdir()
    limits = Limits(memory_bytes=300 << 20, cpu_s=1)
    async with WorkerPool(
        WorkerConfig(processes=2, spares=0, waiting=2, folder=folder, start=_START, limits=limits, timeout_s=20)
    ) as pool:
        yield pool


async def _fails(pool: WorkerPool, job: str, timeout_s: float | None = None) -> FailReason:
    with pytest.raises(JobFailed) as failed:
        async with pool.job(job, {}, timeout_s=timeout_s):
            pass
    return failed.value.reason


@pytest.fixture
async def seen(pool: WorkerPool, tmp_path: Path) -> dict[str, Any]:
    secret, given = tmp_path / "secret.txt", tmp_path / "given.txt"
    secret.write_text("secret")
    given.write_text("given")
    async with pool.job("look", {"path": str(secret), "sibling": str(tmp_path)}, [given]) as done:
        assert secret.read_text() == "secret"
        assert given.read_text() == "given"
        return done.value


@known_machine
async def test_a_worker_makes_no_socket_and_no_process_but_threads(seen: dict[str, Any]) -> None:
    for act in ("inet", "udp", "unix", "fork", "exec"):
        assert seen[act] == "PermissionError", act
    assert seen["thread"] == "done"


@pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")
async def test_a_worker_sees_its_input_and_its_folder_and_no_other_file(seen: dict[str, Any]) -> None:
    for act in ("read", "write", "sibling", "passwd"):
        assert seen[act] == "PermissionError", act
    assert seen["own"] == "done"
    assert seen["input"] == "given"


async def test_a_worker_cannot_write_to_its_input(seen: dict[str, Any]) -> None:
    assert seen["input_write"] == "OSError"


async def test_a_worker_knows_nothing_of_the_servers_environment(
    monkeypatch: pytest.MonkeyPatch, pool: WorkerPool, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUSTER_SECRET", "x")
    given = tmp_path / "given.txt"
    given.write_text("given")
    async with pool.job("look", {"path": "/", "sibling": "/"}, [given]) as done:
        assert set(done.value["environment"]) <= {"PATH", "LANG", "HOME", "TMPDIR", "LC_CTYPE"}


@known_machine
async def test_a_worker_reaches_no_other_process_and_stays_in_its_group(seen: dict[str, Any]) -> None:
    for act in ("limit_parent", "slow_parent", "pin_parent", "leave_group", "kill_all", "kill_parent"):
        assert seen[act] == "PermissionError", act
    for act in ("limit_itself", "signal_itself"):
        assert seen[act] == "done", act


async def test_a_worker_is_gone_before_anybody_looks_at_what_it_made(pool: WorkerPool) -> None:
    async with pool.job("linger", {}) as done:
        with pytest.raises(ProcessLookupError):
            os.kill(done.value["pid"], 0)
        assert done.file("made").read_text() == "mine"


@pytest.mark.parametrize("word", ["[" * 100_000, "1", '{"progress": "abc"}', '{"confined": 7}', "{", '{"done": 1}'])
async def test_an_answer_of_no_known_form_is_the_workers_end(pool: WorkerPool, word: str) -> None:
    with pytest.raises(JobFailed) as failed:
        async with pool.job("say", {"words": [word]}, progress=lambda _done, _total: None):
            pass
    assert failed.value.reason is FailReason.CRASHED


async def test_a_worker_that_never_stops_telling_its_progress_is_not_passed_on(pool: WorkerPool) -> None:
    told: list[int] = []
    async with pool.job("chatter", {}, progress=lambda done, _total: told.append(done)):
        pass
    assert 0 < len(told) < 200


async def test_a_caller_who_gives_up_while_a_spare_is_started_leaves_no_worker_behind(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never() -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(pool, "_start_spares", never)

    async def ask() -> None:
        async with pool.job("sleep", {}):
            pass

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(ask())
        await begun.wait()
        task.cancel()
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_machine_without_memory_ends_a_worker_before_the_server() -> None:
    code = (
        "from server.workers.sandbox import _limit, Limits; _limit(Limits());"
        "print(open('/proc/self/oom_score_adj').read())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_ROOT)
    assert said.stdout.strip() == "1000"


@pytest.mark.skipif(landlock_version() < 6, reason="Landlock's scopes are of Linux 6.12")
async def test_a_worker_cannot_signal_the_server(seen: dict[str, Any]) -> None:
    assert seen["kill_parent"] == "PermissionError"


async def test_a_job_that_sleeps_is_killed_at_its_time(pool: WorkerPool) -> None:
    assert await _fails(pool, "sleep", timeout_s=1.5) is FailReason.TIMEOUT


async def test_a_job_that_computes_for_ever_is_killed_by_its_cpu_limit(pool: WorkerPool) -> None:
    assert await _fails(pool, "spin") is FailReason.CPU


async def test_a_job_that_takes_all_memory_fails_alone(pool: WorkerPool) -> None:
    assert await _fails(pool, "allocate") is FailReason.MEMORY


async def test_a_job_that_crashes_fails_alone(pool: WorkerPool) -> None:
    assert await _fails(pool, "crash") is FailReason.CRASHED
    assert pool.counters["crash crashed"] == 1


async def test_an_answer_without_end_is_the_workers_end(pool: WorkerPool) -> None:
    assert await _fails(pool, "flood") is FailReason.CRASHED


async def test_a_link_to_a_strange_file_is_no_result(pool: WorkerPool, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    async with pool.job("link", {"target": str(secret)}) as done:
        with pytest.raises(JobFailed):
            done.file("made")


async def test_nothing_is_left_of_a_worker(pool: WorkerPool, tmp_path: Path) -> None:
    await _fails(pool, "sleep", timeout_s=0.5)
    assert list((tmp_path / "workers").iterdir()) == []


async def test_what_a_killed_server_left_of_its_workers_goes_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "workers" / "worker-old").mkdir(parents=True)
    (tmp_path / "workers" / "worker-old" / "made").write_text("half")
    async with WorkerPool(WorkerConfig(folder=tmp_path / "workers")):
        assert list((tmp_path / "workers").iterdir()) == []


async def test_jobs_wait_for_a_place_and_too_many_are_refused_at_once(pool: WorkerPool) -> None:
    async def run() -> FailReason | JobDone:
        try:
            async with pool.job("sleep", {}, timeout_s=1.0) as done:
                return done
        except JobFailed as failed:
            return failed.reason

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run()) for _ in range(6)]
    reasons = [task.result() for task in tasks]
    assert reasons.count(FailReason.BUSY) == 2
    assert reasons.count(FailReason.TIMEOUT) == 4


async def test_an_unknown_job_is_a_failure_and_not_a_hang(pool: WorkerPool) -> None:
    assert await _fails(pool, "no such job") is FailReason.CRASHED
