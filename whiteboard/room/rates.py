"""Token buckets for what one connection may do. Times are Unix ms of a clock that never goes back."""

from whiteboard.config import Rate


class TokenBucket:
    """A bucket that is full at first."""

    __slots__ = ("_burst", "_level", "_per_ms", "_then")

    def __init__(self, rate: Rate, now_ms: int) -> None:
        self._per_ms = rate.per_s / 1000
        self._burst = rate.burst
        self._level = rate.burst
        self._then = now_ms

    def take(self, now_ms: int, tokens: float = 1.0) -> bool:
        """Whether the tokens were there; then they are taken."""
        if now_ms > self._then:
            self._level = min(self._burst, self._level + (now_ms - self._then) * self._per_ms)
            self._then = now_ms
        if self._level < tokens:
            return False
        self._level -= tokens
        return True

    def wait_s(self, tokens: float = 1.0) -> float:
        """Seconds after the last `take` until so many tokens are there."""
        return max(0.0, (tokens - self._level) / self._per_ms / 1000)
