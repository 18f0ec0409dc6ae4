"""A growing set of clock ranges of one client: sorted, disjoint, merged; eight bytes a range."""

from array import array
from bisect import bisect_left, bisect_right


class Ranges:
    """Half-open ranges [start, stop) of numbers below 2**32."""

    __slots__ = ("starts", "stops")

    def __init__(self, starts: "array[int] | None" = None, stops: "array[int] | None" = None) -> None:
        """Takes over arrays of type `I`, sorted and disjoint."""
        self.starts = array("I") if starts is None else starts
        self.stops = array("I") if stops is None else stops

    def add(self, start: int, stop: int) -> None:
        """Adds a range; O(log n) and one move of memory."""
        starts, stops = self.starts, self.stops
        if not starts or start > stops[-1]:
            starts.append(start)
            stops.append(stop)
            return
        # Ranges that only touch are merged too, so that a stroke dragged a thousand times stays one range.
        low = bisect_left(stops, start)
        high = bisect_right(starts, stop)
        if low < high:
            start = min(start, starts[low])
            stop = max(stop, stops[high - 1])
        starts[low:high] = array("I", (start,))
        stops[low:high] = array("I", (stop,))

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """What of a range is not in the set, in order."""
        starts, stops = self.starts, self.stops
        at = bisect_right(stops, start)
        if at == len(starts) or starts[at] >= stop:
            return [(start, stop)]
        found = []
        while at < len(starts) and starts[at] < stop:
            if start < starts[at]:
                found.append((start, starts[at]))
            start = stops[at]
            at += 1
        if start < stop:
            found.append((start, stop))
        return found
