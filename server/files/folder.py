"""A local folder of blobs named by their SHA-256: written beside, synced, then renamed, so a half one is never seen."""

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import BinaryIO

_INCOMING = "incoming"


class Draft:
    """
    A blob under way. Its methods block: call them in threads. One waits for the other: a caller who is cancelled
    leaves his thread running, and a file must not be closed under a write, which might then go to another one.
    """

    def __init__(self, folder: Path) -> None:
        """Touches nothing yet: the file is made by the first write."""
        self._folder = folder
        self._path = folder / _INCOMING / secrets.token_hex(16)
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        self._over = False
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds to the end; to one that was dropped, nothing. Raises OSError."""
        with self._lock:
            if self._over:
                return
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("xb", buffering=0)
            view = memoryview(data)
            while view:
                # An unbuffered write may take less than it was given.
                view = view[self._file.write(view) :]
            self._hash.update(data)
            self.size += len(data)

    def keep(self) -> str:
        """Puts the blob in its place, durably, and returns its hash. Raises OSError."""
        with self._lock:
            assert self._file is not None, "a draft is kept once, after a write"
            os.fsync(self._file.fileno())
            self._close()
            name = self._hash.hexdigest()
            place = path_of(self._folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            # The same content may be there already; the rename puts the same bytes in its place.
            self._path.replace(place)
            for folder in (place.parent, self._folder):
                _sync_folder(folder)
            return name

    def drop(self) -> None:
        """Removes what was written, unless it was kept; again is no error."""
        with self._lock:
            self._close()
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        self._over = True
        if self._file is not None:
            self._file.close()
            self._file = None


def path_of(folder: Path, name: str) -> Path:
    """Where the blob with this hash is."""
    return folder / name[:2] / name[2:]


def sweep(folder: Path) -> int:
    """Removes the drafts that a crash left and says how many. Blocks; for the start, when no upload runs."""
    count = 0
    for draft in (folder / _INCOMING).glob("*"):
        draft.unlink(missing_ok=True)
        count += 1
    return count


def _sync_folder(folder: Path) -> None:
    # A rename is durable once its folder is.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
