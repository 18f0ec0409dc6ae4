"""A worker with jobs that do what a job must not: what the sandbox does about it is what the tests look at."""

import ctypes
import os
import resource
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]


def _outcome(act: Any) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


def _sleep(task: Any) -> dict[str, Any]:
    time.sleep(600)
    return {}


def _spin(task: Any) -> dict[str, Any]:
    while True:
        pass


def _allocate(task: Any) -> dict[str, Any]:
    kept = [bytearray(16 << 20) for _ in range(64)]
    return {"kept": len(kept)}


def _crash(task: Any) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def _look(task: Any, path: str, sibling: str) -> dict[str, Any]:
    def thread() -> None:
        worker = threading.Thread(target=lambda: None)
        worker.start()
        worker.join()

    return {
        "read": _outcome(lambda: Path(path).read_bytes()),
        "write": _outcome(lambda: Path(path).write_bytes(b"x")),
        "sibling": _outcome(lambda: os.listdir(sibling)),
        "passwd": _outcome(lambda: Path("/etc/passwd").read_bytes()),
        "own": _outcome(lambda: Path("own.txt").write_text("mine")),
        "input": os.read(task.files[0], 100).decode(),
        "input_write": _outcome(lambda: os.write(task.files[0], b"x")),
        "inet": _outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
        "udp": _outcome(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()),
        "unix": _outcome(lambda: socket.socket(socket.AF_UNIX).close()),
        "fork": _outcome(lambda: os._exit(0) if os.fork() == 0 else None),
        "exec": _outcome(lambda: os.execv("/bin/true", ["true"])),
        "kill_parent": _outcome(lambda: os.kill(os.getppid(), 0)),
        "limit_parent": _outcome(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)),
        "slow_parent": _outcome(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)),
        "pin_parent": _outcome(lambda: os.sched_setaffinity(os.getppid(), {0})),
        "leave_group": _outcome(lambda: os.setpgid(0, 0)),
        "kill_all": _outcome(lambda: os.kill(-1, 0)),
        "limit_itself": _outcome(lambda: resource.getrlimit(resource.RLIMIT_NOFILE)),
        "signal_itself": _outcome(lambda: os.kill(os.getpid(), 0)),
        "thread": _outcome(thread),
        "environment": sorted(os.environ),
        "confined": [task.confined.files, task.confined.calls, task.confined.network],
        "modules": sorted(name for name in sys.modules if name.startswith(("sqlalchemy", "aiohttp"))),
    }


def _link(task: Any, target: str) -> dict[str, Any]:
    os.symlink(target, "made")
    return {}


def _linger(task: Any) -> dict[str, Any]:
    threading.Thread(target=time.sleep, args=(600,)).start()
    Path("made").write_text("mine")
    return {"pid": os.getpid()}


def _say(task: Any, words: list[str]) -> dict[str, Any]:
    link = next(int(name) for name in sys.argv[1:2])
    for word in words:
        os.write(link, word.encode() + b"\n")
    return {"said": len(words)}


def _chatter(task: Any) -> dict[str, Any]:
    for done in range(50_000):
        task.progress(done, 50_000)
    return {}


def _flood(task: Any) -> dict[str, Any]:
    return {"much": "x" * (8 << 20)}


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    from server.workers.child import serve
    from server.workers.jobs import JOBS

    JOBS.update(
        sleep=_sleep, spin=_spin, allocate=_allocate, crash=_crash, look=_look, link=_link, flood=_flood,
        linger=_linger, say=_say, chatter=_chatter,
    )  # fmt: skip
    serve(int(sys.argv[1]), Path(sys.argv[2]), _ROOT, sys.argv[3])
