"""A local folder of blobs named by their SHA-256: written beside, synced, then renamed, so a half one is never seen."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO

_INCOMING = "incoming"


class Draft:
    """A blob under way. Its methods block: call them in a thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _INCOMING / secrets.token_hex(16)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO | None = self._path.open("xb", buffering=0)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds to the end. Raises OSError."""
        assert self._file is not None, "a draft is written before it is kept or dropped"
        view = memoryview(data)
        while view:
            # An unbuffered write may take less than it was given.
            view = view[self._file.write(view) :]
        self._hash.update(data)
        self.size += len(data)

    def keep(self) -> str:
        """Puts the blob in its place, durably, and returns its hash. Raises OSError."""
        assert self._file is not None, "a draft is kept once"
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
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
        if self._file is not None:
            self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)


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
