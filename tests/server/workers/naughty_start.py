"""A worker with jobs that do what a job must not: what the sandbox does about it is what the tests look at."""

import ctypes
import os
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
        "thread": _outcome(thread),
        "environment": sorted(os.environ),
        "confined": [task.confined.files, task.confined.calls, task.confined.network],
        "modules": sorted(name for name in sys.modules if name.startswith(("sqlalchemy", "aiohttp"))),
    }


def _link(task: Any, target: str) -> dict[str, Any]:
    os.symlink(target, "made")
    return {}


def _flood(task: Any) -> dict[str, Any]:
    return {"much": "x" * (8 << 20)}


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    from server.workers.child import serve
    from server.workers.jobs import JOBS

    JOBS.update(
        sleep=_sleep, spin=_spin, allocate=_allocate, crash=_crash, look=_look, link=_link, flood=_flood
    )  # fmt: skip
    serve(int(sys.argv[1]), Path(sys.argv[2]), _ROOT, sys.argv[3])
