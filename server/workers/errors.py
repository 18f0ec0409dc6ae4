"""
Why a job has no result.

JobError
├── JobRefused   the file's fault: `code` and `detail` are for the person who sent it
└── JobFailed    the worker's end: out of time, memory, or dead; `reason` says which
"""

from enum import Enum


class JobError(Exception):
    """A job without a result."""


class JobRefused(JobError):
    """The job looked at the file and does not take it. `code` is the job's own word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class FailReason(Enum):
    """What ended a worker."""

    BUSY = "busy"
    TIMEOUT = "timeout"
    CPU = "cpu"
    MEMORY = "memory"
    CRASHED = "crashed"


class JobFailed(JobError):
    """The worker was stopped, died, or was never asked because too many wait."""

    def __init__(self, reason: FailReason, detail: str = "") -> None:
        super().__init__(f"{reason.value} {detail}".strip())
        self.reason = reason
        self.detail = detail
