"""The boards' clock: the server's wall clock, but one that goes on when that is set back."""

import time
from collections.abc import Callable

from server.access import Clock

_CATCHING_UP = 0.9


class SteadyClock:
    """
    Unix milliseconds that never go back and never stand still: the order of the log is the order of its times, and
    timers fire even after the wall clock was set back. Then this one runs at nine tenths of its speed until both agree.
    """

    def __init__(self, wall: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`wall` gives Unix ms, `monotonic` seconds from any start."""
        self._wall = wall
        self._monotonic = monotonic
        self._seen_s = monotonic()
        self._now_ms = float(wall())

    def __call__(self) -> int:
        """The time now, Unix ms."""
        now_s = self._monotonic()
        gone_ms = (now_s - self._seen_s) * 1000
        self._seen_s = now_s
        self._now_ms = max(self._wall(), self._now_ms + gone_ms * _CATCHING_UP)
        return int(self._now_ms)
