"""Counters of the boards, for metrics."""

from collections import Counter


class Counters:
    """Plain ints by name, since the start."""

    __slots__ = ("of",)

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        """Counts."""
        self.of[name] += count
