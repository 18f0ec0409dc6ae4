"""
The exceptions of access.

    AccessRefused   the caller's fault, with a stable code of the wire contract (docs/protocol.md section 1)
    MasterKeyLost   the environment's fault at start: one sentence for the operator
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable codes that clients and integrators see."""

    TICKET_UNKNOWN = "ticket_unknown"
    TICKET_EXPIRED = "ticket_expired"
    TICKET_USED = "ticket_used"
    INVITATION_UNKNOWN = "invitation_unknown"
    INVITATION_EXPIRED = "invitation_expired"
    NAME_INVALID = "name_invalid"
    REMOVED = "removed"
    ROOM_CLOSED = "room_closed"
    ROOM_FULL = "room_full"
    RATE_LIMITED = "rate_limited"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a code, not a password
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a password
    KEY_INVALID = "key_invalid"
    FORBIDDEN = "forbidden"
    INVALID = "invalid"


class AccessRefused(Exception):
    """The caller may not, for the reason `code`; `str()` is a sentence that tells what to do."""

    def __init__(self, code: RefusalCode, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.retry_after_s = retry_after_s


class MasterKeyLost(Exception):
    """The secret below all API keys cannot be read or written. `str()` is one sentence for the operator."""
