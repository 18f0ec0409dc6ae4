"""
What can go wrong in the whiteboard's heart.

    BoardError
    ├── UpdateRefused     the sender's fault or bad luck: an update was not let in; `reason` is the nack's code
    ├── CommandRefused    the sender's fault or bad luck: a text message was refused; `code` as in the protocol
    ├── VectorRefused     the sender's fault: not a state vector
    └── PageDamaged       ours or the disk's: what is stored, or what is in memory, does not hold together
"""

from enum import StrEnum


class BoardError(Exception):
    """The root of the whiteboard's errors."""


class Reason(StrEnum):
    """Why an update was refused: the codes of `nack` (docs/protocol.md section 3.1)."""

    LOCKED = "locked"
    NOT_OWNER = "not_owner"
    READ_ONLY = "read_only"
    TOO_FAST = "too_fast"
    TOO_BIG = "too_big"
    PAGE_FULL = "page_full"
    INVALID = "invalid"
    GAP = "gap"
    EPOCH = "epoch"
    STORAGE = "storage"


class UpdateRefused(BoardError):
    """An update was not let in; nothing has changed. `detail` is a short English sentence for logs and developers."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class Code(StrEnum):
    """Why a command was refused: the codes of `refused` (docs/protocol.md section 3.1)."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    UNKNOWN_PAGE = "unknown_page"
    UNKNOWN_BOARD = "unknown_board"
    FULL = "full"
    STORAGE = "storage"
    INTERNAL = "internal"


class CommandRefused(BoardError):
    """A command was refused; nothing has changed. `detail` is a short English sentence, `retry_after_s` seconds."""

    def __init__(self, code: Code, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s


class VectorRefused(BoardError):
    """Bytes that are not a Yjs state vector, or an absurd one."""


class PageDamaged(BoardError):
    """A page's document, index and log contradict each other: the page must be loaded anew, or repaired by a person."""
