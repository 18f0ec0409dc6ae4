"""
The exceptions of files.

    FileRefused   `fault` says why: the uploader's fault, or (DISK_FULL) the environment's
"""

from enum import StrEnum


class FileFault(StrEnum):
    """Stable codes of the wire contract (docs/protocol.md section 3.5)."""

    TOO_BIG = "file_too_big"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    QUOTA_FULL = "quota_full"
    DISK_FULL = "disk_full"
    CUT_OFF = "cut_off"
    TOO_SLOW = "too_slow"


class FileRefused(Exception):
    """A file that is not stored; `str()` is a sentence for people."""

    def __init__(self, fault: FileFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
