"""Why bytes are not a shape. ShapeRefused is a peer's fault: it is the only error of the codec."""

from enum import Enum


class Refusal(Enum):
    """What is wrong with the bytes of a shape."""

    TOO_BIG = "too_big"
    TRUNCATED = "truncated"
    TRAILING = "trailing"
    NUMBER = "number"
    RANGE = "range"
    TEXT = "text"
    Z = "z"


class ShapeRefused(ValueError):
    """The bytes are not a shape of docs/protocol.md section 3.4."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
