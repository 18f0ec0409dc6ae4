"""What a job is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.workers.sandbox import Confined


@dataclass(frozen=True, slots=True)
class Task:
    """
    `files`: descriptors of its input, open for reading; `folder`: its own, where results go; `progress(done, total)`
    tells who waits; `confined`: what the sandbox could take away.
    """

    files: tuple[int, ...]
    folder: Path
    progress: Callable[[int, int], None]
    confined: Confined
