"""
The exceptions of storage.

    StorageError
      +-- DatabaseFailed     the environment's fault while running; the caller may try again
      |     +-- WriteFailed  nothing was stored
      |     +-- ReadFailed
      +-- StorageUnavailable the environment's fault at start: one sentence for the operator
      +-- Conflict           the caller's fault: a unique name or id is taken
      +-- NotFound           the caller's fault: no such row
"""

from enum import StrEnum


class StorageFault(StrEnum):
    """Why the database could not do its work."""

    LOCKED = "locked"
    DISK_FULL = "disk_full"
    IO_ERROR = "io_error"
    READ_ONLY = "read_only"
    UNREACHABLE = "unreachable"
    CORRUPT = "corrupt"
    OVERLOADED = "overloaded"
    CLOSED = "closed"
    OTHER = "other"


class StorageError(Exception):
    """Anything that storage raises."""


class DatabaseFailed(StorageError):
    """The database did not do its work. `reason` says why."""

    def __init__(self, reason: StorageFault, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class WriteFailed(DatabaseFailed):
    """A unit of work was not committed; nothing of it is stored (UNREACHABLE: whether it is, cannot be known)."""


class ReadFailed(DatabaseFailed):
    """A query got no answer."""


class StorageUnavailable(StorageError):
    """The database cannot be used at all. `str()` is one sentence for the operator."""

    def __init__(self, reason: StorageFault, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Conflict(StorageError):
    """A name or id that must be unique is already in use."""


class NotFound(StorageError):
    """The row that was asked for does not exist."""


_MARKS = (
    (StorageFault.LOCKED, ("database is locked", "database table is locked", "lock timeout", "locknotavailable")),
    (StorageFault.DISK_FULL, ("database or disk is full", "no space left", "diskfull")),
    (StorageFault.IO_ERROR, ("disk i/o error", "input/output error")),
    (StorageFault.READ_ONLY, ("readonly database", "read-only", "unable to open database file")),
    (StorageFault.CORRUPT, ("not a database", "malformed")),
    (
        StorageFault.UNREACHABLE,
        (
            "connect call failed",
            "connection refused",
            "connection was closed",
            "connection is closed",
            "connectiondoesnotexist",
            "terminating connection",
            "cannotconnectnow",
            "timeouterror",
            "no such file or directory",
            "name or service not known",
            "temporary failure in name resolution",
            "password authentication failed",
            "does not exist",
        ),
    ),
)


def fault_of(error: BaseException) -> StorageFault:
    """The fault that a driver's exception speaks of; drivers agree on no codes, so its words are read."""
    if isinstance(error, TimeoutError):
        return StorageFault.UNREACHABLE
    words = f"{type(error).__name__} {error}".lower()
    for fault, marks in _MARKS:
        if any(mark in words for mark in marks):
            return fault
    return StorageFault.UNREACHABLE if isinstance(error, OSError) else StorageFault.OTHER
