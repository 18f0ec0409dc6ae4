"""
What a worker does to itself before it looks at a file: limits, no new rights, no network, no files but its own.

Rights that a kernel does not have (Landlock is of 5.13, network namespaces need rights) are gone without; what holds is
told in `Confined`, and the limits and the ban on sockets hold everywhere on x86-64 and arm64.
"""

import contextlib
import math
import os
import resource
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from server.workers import calls, kernel

_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_REFER = 1 << 13
_ALL_FIRST = (1 << 13) - 1
_DEVICES = sum(1 << bit for bit in (6, 11))
_NET_TCP = 3
_SCOPES = 3
_NICENESS = 10
_MAX_FILES = 256

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom")
_FOR_PROGRAMS = ("/bin", "/usr", "/opt", "/etc/libreoffice", "/etc/fonts", "/proc", "/dev/urandom", "/etc/passwd")
_DEV_NULL = "/dev/null"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one job: bytes of memory and of a written file, seconds of CPU."""

    memory_bytes: int = 512 << 20
    cpu_s: int = 60
    file_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Confined:
    """What could be taken away. `files`: the Landlock ABI, 0 for none."""

    files: int
    calls: bool
    network: bool


def confine(folder: Path, packages: Path, limits: Limits, program: Path | None = None) -> Confined:
    """
    Confines this process for ever: it can read Python, this program under `packages` and files that are open already,
    and write in `folder`. With `program` it may run that one and those of the system. Raises OSError when even the
    limits cannot be set.
    """
    _limit(limits)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    network = True
    try:
        kernel.unshare(kernel.CLONE_NEWNET)
    except OSError:
        network = False
    files = _close_files(folder, packages, program)
    ban = calls.forbidden(kernel.machine(), may_run_programs=program is not None, me=os.getpid(), parent=os.getppid())
    if ban is not None:
        kernel.seccomp(ban)
    return Confined(files=files, calls=ban is not None, network=network or ban is not None)


def _limit(limits: Limits) -> None:
    # Data and not address space: libraries map far more than they touch.
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, _MAX_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (least, least))
    # What starting took does not count. SIGXCPU comes at the soft limit, SIGKILL at the hard one.
    spent = limits.cpu_s + math.ceil(time.process_time())
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    most = spent + 1 if hard == resource.RLIM_INFINITY else min(spent + 1, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (min(spent, most), most))
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    # Memory that is shared counts for no limit: should the machine run out of it, this process goes and not the server.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _close_files(folder: Path, packages: Path, program: Path | None) -> int:
    version = kernel.landlock_version()
    if not version:
        return 0
    handled = _ALL_FIRST | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    truncate = _TRUNCATE if version >= 3 else 0
    readable: list[str | Path] = [
        *_SYSTEM,
        sys.prefix,
        sys.base_prefix,
        *sys.path,
        packages / "server",
        packages / "whiteboard",
    ]
    if program is not None:
        readable += (*_FOR_PROGRAMS, program.resolve().parent)
    read = _READ_FILE | (_EXECUTE if program is not None else 0)
    rules: list[tuple[str | Path, int, int]] = [
        (path, read | _READ_DIR, read) for path in readable if str(path) and Path(path) != packages
    ]
    rules.append((folder, handled & ~_EXECUTE & ~_DEVICES, 0))
    rules.append((_DEV_NULL, 0, _READ_FILE | _WRITE_FILE | truncate))
    opened: list[tuple[int, int]] = []
    try:
        for path, for_folder, for_file in rules:
            with contextlib.suppress(OSError):
                file = os.open(path, os.O_PATH | os.O_CLOEXEC)
                opened.append((file, for_folder if Path(path).is_dir() else for_file))
        attributes = [handled, *([_NET_TCP] if version >= 4 else []), *([_SCOPES] if version >= 6 else [])]
        kernel.landlock(struct.pack(f"={len(attributes)}Q", *attributes), opened)
    finally:
        for file, _ in opened:
            os.close(file)
    return version
