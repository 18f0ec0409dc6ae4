"""Connections slower than what is sent to them: first live messages stop, then updates, then the connection."""

from collections.abc import Callable, Iterable

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.room.seats import Seat

_PROGRESS = 16_384
"""A queue that has become so much shorter is one that drains."""

CLOSE_TOO_SLOW = 4008


class Pressure:
    """Looks at the queues of all connections now and then; nothing looks at them for each message."""

    def __init__(
        self,
        config: BoardConfig,
        counters: Counters,
        changed: Callable[[Seat], None],
        fall_behind: Callable[[Seat], None],
        catch_up: Callable[[Seat], None],
    ) -> None:
        self._config = config
        self._counters = counters
        self._changed = changed
        self._fall_behind = fall_behind
        self._catch_up = catch_up

    def sweep(self, seats: Iterable[Seat], now_ms: int) -> list[Seat]:
        """Sets `congested` and `behind`; those that do not drain at all and are to be closed."""
        config = self._config
        stuck = []
        for seat in seats:
            buffered = seat.channel.buffered
            congested = buffered > config.live_queue_bytes
            if congested is not seat.congested:
                seat.congested = congested
                self._changed(seat)
            seat.allowance = min(seat.allowance, buffered)
            if seat.behind:
                if buffered <= config.drained_bytes:
                    seat.behind = False
                    self._counters.add("caught_up")
                    self._catch_up(seat)
                elif buffered - seat.allowance > config.hopeless_bytes:
                    stuck.append(seat)
                elif buffered <= seat.lowest - _PROGRESS:
                    seat.lowest, seat.lowest_at_ms = buffered, now_ms
                elif now_ms - seat.lowest_at_ms >= config.behind_s * 1000:
                    stuck.append(seat)
            elif buffered - seat.allowance > config.behind_bytes:
                seat.behind = True
                seat.lowest, seat.lowest_at_ms = buffered, now_ms
                self._counters.add("fell_behind")
                self._fall_behind(seat)
        return stuck
