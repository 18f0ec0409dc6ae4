"""When updates are sent: at once while little is to be sent, gathered for some milliseconds when it is much."""

from whiteboard.config import BoardConfig

_WINDOW_MS = 250
_CALM = 0.8


class Pace:
    """
    Counts deliveries (updates times receivers) of a room. A write to a socket costs the same for one update as for
    ten, so gathering them is what makes many receivers cheap; with few it would only cost time.
    """

    __slots__ = ("_begun_ms", "_count", "_limit", "_rate", "_tick_most_ms", "_tick_ms", "gathering")

    def __init__(self, config: BoardConfig) -> None:
        self._limit = config.direct_deliveries_per_s * _WINDOW_MS // 1000
        self._tick_ms = config.tick_ms
        self._tick_most_ms = config.tick_most_ms
        self._rate = 0.0
        self._begun_ms = 0
        self._count = 0
        self.gathering = False

    def delay_ms(self, deliveries: int, now_ms: int) -> int:
        """How long an update for so many receivers may wait for others; 0: it is to be sent now."""
        elapsed = now_ms - self._begun_ms
        if elapsed >= _WINDOW_MS:
            self._rate = self._count * _WINDOW_MS / elapsed
            self.gathering = self._rate > self._limit * (_CALM if self.gathering else 1)
            self._begun_ms = now_ms
            self._count = 0
        self._count += deliveries
        # A storm is not waited out until the window's end.
        if self._count > self._limit:
            self.gathering = True
        if not self.gathering:
            return 0
        over = min(1.0, max(0.0, self._rate / self._limit - 1))
        return self._tick_ms + round((self._tick_most_ms - self._tick_ms) * over)
