"""Keeps cores at their working speed while something is measured."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def awake(core: int) -> Iterator[None]:
    """
    Keeps a core from idling by a spinner that gives way to everything (SCHED_IDLE). A server that is busy a fifth
    of the time would else be measured at the clock rate of a core that falls asleep, its control at that of a busy one.
    """
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        os.sched_setaffinity(spinner.pid, {core})
        os.sched_setscheduler(spinner.pid, os.SCHED_IDLE, os.sched_param(0))
        yield
    finally:
        spinner.kill()
        spinner.wait()
