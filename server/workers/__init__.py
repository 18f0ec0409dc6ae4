"""Sandboxed processes for files of strangers: one job each, no network, no other files, bounded in time and memory."""

from server.workers.errors import FailReason, JobError, JobFailed, JobRefused
from server.workers.pool import JobDone, WorkerConfig, WorkerPool

__all__ = ["FailReason", "JobDone", "JobError", "JobFailed", "JobRefused", "WorkerConfig", "WorkerPool"]
