"""The worker's side: confines itself, takes one job from its socket, answers and ends."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from server.workers.errors import FailReason, JobRefused
from server.workers.jobs import JOBS, Task
from server.workers.sandbox import Limits, confine

MAX_FILES = 250
"""Open files that one message can carry (SCM_MAX_FD is 253)."""


def serve(channel: int, folder: Path, packages: Path, settings: str) -> None:
    """Runs one job. `settings`: JSON of Limits and `program`."""
    options = json.loads(settings)
    program = options.pop("program")
    os.chdir(folder)
    with socket.socket(fileno=channel) as link:
        confined = confine(folder, packages, Limits(**options), Path(program) if program else None)

        def tell(message: dict[str, Any]) -> None:
            # write and not send: send is sendto, which a worker may not call.
            line = json.dumps(message).encode() + b"\n"
            while line:
                line = line[os.write(link.fileno(), line) :]

        tell({"confined": [confined.files, confined.calls, confined.network]})
        _, files, _, _ = socket.recv_fds(link, 1, MAX_FILES)
        if not files:
            return

        with os.fdopen(files[0], "rb") as request:
            wanted = json.loads(request.read())
        task = Task(
            files=tuple(files[1:]),
            folder=folder,
            progress=lambda done, total: tell({"progress": [done, total]}),
            confined=confined,
        )
        tell(_answer(wanted["job"], wanted["args"], task))


def _answer(job: str, args: dict[str, Any], task: Task) -> dict[str, Any]:
    try:
        return {"done": JOBS[job](task, **args)}
    except JobRefused as refused:
        return {"refused": refused.code, "detail": refused.detail}
    except MemoryError:
        return {"failed": FailReason.MEMORY.value, "detail": "out of memory"}
    except Exception as error:
        # The process's one task ends here; what a file did to a library is told in a word, not in a trace.
        return {"failed": FailReason.CRASHED.value, "detail": f"{type(error).__name__}: {error}"[:300]}
