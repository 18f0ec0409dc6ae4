"""Ids of stored things: opaque strings that sort by the time at which they were made."""

import secrets
from typing import NewType

InstitutionId = NewType("InstitutionId", str)
ApiKeyId = NewType("ApiKeyId", str)
RoomId = NewType("RoomId", str)
SessionId = NewType("SessionId", str)
PersonId = NewType("PersonId", str)
ParticipantId = NewType("ParticipantId", str)
ConnId = NewType("ConnId", str)
InvitationId = NewType("InvitationId", str)
TokenId = NewType("TokenId", str)
FileId = NewType("FileId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now_ms: int) -> str:
    """26 characters (a ULID in lower case): 48 bits of `now_ms` (Unix ms), then 80 random bits."""
    value = (now_ms & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))
