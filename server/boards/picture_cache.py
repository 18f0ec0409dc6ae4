"""A bounded folder of files that can be made again, named by what they were made from."""

import contextlib
import os
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class _Entry:
    size: int
    used: float


class PictureCache:
    """
    Files under `folder`, at most `most_bytes` in all; those that were not asked for the longest go first. Blocking: to
    be called in threads. Whoever opens a file that was found may find it gone, and asks anew.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] | None = None
        self._bytes = 0

    def find(self, name: str) -> Path | None:
        """The file of this name, now the last to go."""
        with self._lock:
            entry = self._known().get(name)
            if entry is None:
                return None
            path = self._folder / name
            try:
                os.utime(path)
            except OSError:
                self._forget(name)
                return None
            entry.used = path.stat().st_mtime
            return path

    def keep(self, name: str, made: Path) -> Path:
        """Takes a copy of `made` under this name, whole or not at all. Raises OSError."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid.uuid4().hex}")
        try:
            shutil.copyfile(made, draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        with self._lock:
            self._forget(name)
            status = path.stat()
            self._known()[name] = _Entry(status.st_size, status.st_mtime)
            self._bytes += status.st_size
            self._make_room(name)
        return path

    def _known(self) -> dict[str, _Entry]:
        if self._entries is None:
            self._entries = {}
            for path in self._folder.rglob("*"):
                if path.name.startswith("."):
                    # What a crash left half written.
                    path.unlink(missing_ok=True)
                elif path.is_file():
                    status = path.stat()
                    self._entries[path.relative_to(self._folder).as_posix()] = _Entry(status.st_size, status.st_mtime)
                    self._bytes += status.st_size
        return self._entries

    def _make_room(self, newest: str) -> None:
        if self._bytes <= self._most_bytes:
            return
        for name in sorted(self._known(), key=lambda name: self._known()[name].used):
            if self._bytes <= self._most_bytes or name == newest:
                continue
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()
            self._forget(name)

    def _forget(self, name: str) -> None:
        entry = self._known().pop(name, None)
        if entry is not None:
            self._bytes -= entry.size
