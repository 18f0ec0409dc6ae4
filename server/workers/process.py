"""One worker process as its parent sees it: started ahead, given a job, read, killed with all that it started."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from server.workers.errors import FailReason, JobFailed, JobRefused
from server.workers.sandbox import Confined, Limits

Progress = Callable[[int, int], None]

START = Path(__file__).with_name("start.py")
PREFIX = "worker-"
"""How the names of workers' folders begin."""
_ANSWER_BYTES = 4 << 20
_BURIAL_S = 10.0
_PROGRESS_FREE = 50
_PROGRESS_S = 0.1
_COMPLAINTS = "stderr"
_COMPLAINT_BYTES = 300
_REASONS = {-signal.SIGXCPU: FailReason.CPU}


class WorkerProcess:
    """Owns a process, its socket and its folder; `close` ends all three."""

    def __init__(self, process: asyncio.subprocess.Process, link: socket.socket, folder: Path) -> None:
        self.folder = folder
        self.confined: Confined | None = None
        self._process = process
        self._link = link

    @classmethod
    async def start(
        cls, start: Path, limits: Limits, parent: Path | None, program: Path | None = None
    ) -> "WorkerProcess":
        """Starts a worker that waits for a job. Raises OSError."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=PREFIX, dir=parent))
        ours, theirs = socket.socketpair()
        complaints = os.open(folder / _COMPLAINTS, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            settings = json.dumps({**asdict(limits), "program": str(program) if program else None})
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(start), str(theirs.fileno()), str(folder), settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=complaints,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                cwd=folder,
                # Of the server's environment, which holds secrets, nothing.
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)},
            )
        except BaseException:
            ours.close()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise
        finally:
            theirs.close()
            os.close(complaints)
        return cls(process, ours, folder)

    @property
    def alive(self) -> bool:
        """Whether it still waits or works."""
        return self._process.returncode is None

    async def run(
        self, job: str, args: Mapping[str, Any], files: Sequence[Path], progress: Progress | None
    ) -> dict[str, Any]:
        """Gives it its one job and awaits the answer. Raises JobRefused, JobFailed, OSError for a file that is gone."""
        await asyncio.to_thread(self._send, job, args, files)
        reader, writer = await asyncio.open_connection(sock=self._link, limit=_ANSWER_BYTES)
        try:
            told, told_s, loop = 0, 0.0, asyncio.get_running_loop()
            while line := await _line(reader):
                match _parsed(line):
                    case {"confined": [int(files_abi), bool(calls), bool(network)]}:
                        self.confined = Confined(files_abi, calls, network)
                    case {"progress": [int(done), int(total)]}:
                        # A worker may have been taken over: however much it says, others get their turn.
                        if progress is not None and (told < _PROGRESS_FREE or loop.time() - told_s >= _PROGRESS_S):
                            told, told_s = told + 1, loop.time()
                            progress(done, total)
                        await asyncio.sleep(0)
                    case answer:
                        return _result(answer)
        finally:
            writer.close()
        code = await self._process.wait()
        complaint = await asyncio.to_thread(_last_line, self.folder / _COMPLAINTS)
        raise JobFailed(_REASONS.get(code, FailReason.CRASHED), f"exit {code} {complaint}".strip())

    async def stop(self) -> None:
        """Kills the process and its children: from then on nobody writes in the folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._link.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BURIAL_S):
                await self._process.wait()

    async def close(self) -> None:
        """The same, and removes its folder."""
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    def _send(self, job: str, args: Mapping[str, Any], files: Sequence[Path]) -> None:
        opened: list[int] = []
        try:
            request = os.memfd_create("job", os.MFD_CLOEXEC)
            opened.append(request)
            with os.fdopen(os.dup(request), "wb") as out:
                out.write(json.dumps({"job": job, "args": args}).encode())
            os.lseek(request, 0, os.SEEK_SET)
            opened += [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in files]
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self._link, [b"j"], opened)
        finally:
            for file in opened:
                os.close(file)


async def _line(reader: asyncio.StreamReader) -> bytes:
    """A line of the worker's, or nothing once it is gone. It may be compromised: too long a line is its end."""
    try:
        return await reader.readline()
    except (ConnectionResetError, ValueError):
        return b""


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _COMPLAINT_BYTES))
            lines = stream.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _result(answer: object) -> dict[str, Any]:
    match answer:
        case {"done": dict(value)}:
            return value
        case {"refused": str(code), "detail": str(detail)}:
            raise JobRefused(code, detail)
        case {"failed": str(reason), "detail": str(detail)} if reason in {known.value for known in FailReason}:
            raise JobFailed(FailReason(reason), detail)
        case _:
            raise JobFailed(FailReason.CRASHED, "an answer of no known form")
