"""The last line of every benchmark: figures with what they were measured on."""

import contextlib
import json
import platform
import subprocess
from pathlib import Path

import media._native

RESULTS = Path(__file__).resolve().parent / "results"


def cpu_ns(pid: int) -> int:
    """CPU time of all threads of a process so far, nanoseconds (schedstat: finer than the ticks of /proc/PID/stat)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            total += int((task / "schedstat").read_text().split()[0])
    return total


def cpu_name() -> str:
    """As /proc/cpuinfo names it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def commit() -> str:
    """The checked-out commit, with `+` when the tree has uncommitted changes."""
    git = ["git", "-C", str(RESULTS.parent)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, check=False).stdout
    return head.strip() + ("+" if dirty else "")


def report(name: str, figures: dict[str, object]) -> None:
    """Writes results/NAME.json and prints the same object as one line."""
    profile = media._native.build_profile
    found = {"benchmark": name, **figures, "commit": commit(), "build_profile": profile, "cpu": cpu_name()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found), flush=True)
