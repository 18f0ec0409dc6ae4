"""Yjs state vectors: the next clock of every client id that somebody knows."""

from collections.abc import Mapping

from whiteboard.errors import VectorRefused
from whiteboard.leb128 import NumberTooLong, read_varuint, varuint
from whiteboard.limits import PageLimits


def decode_vector(data: bytes, limits: PageLimits) -> dict[int, int]:
    """Client id -> next clock. Raises VectorRefused, and nothing else."""
    found: dict[int, int] = {}
    try:
        count, at = read_varuint(data, 0)
        if count > limits.vector_clients:
            raise VectorRefused(f"a state vector has {limits.vector_clients} entries at most")
        for _ in range(count):
            client, at = read_varuint(data, at)
            found[client], at = read_varuint(data, at)
    except (IndexError, NumberTooLong):
        raise VectorRefused("not a state vector") from None
    if at != len(data) or len(found) != count:
        raise VectorRefused("not a state vector")
    return found


def encode_vector(vector: Mapping[int, int]) -> bytes:
    """The bytes of a state vector."""
    return varuint(len(vector)) + b"".join(varuint(client) + varuint(clock) for client, clock in vector.items())
