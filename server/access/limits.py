"""Limits on what one client may do, in one table, each with a counter. Token buckets; time is an argument."""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class LimitName(StrEnum):
    """The name of a limit, also its label in the metrics."""

    EVENTS = "events"
    HAND = "hand"
    MODERATE = "moderate"
    OFFER = "offer"
    JOINS = "joins"
    ENTRY = "entry"
    GUESS = "guess"
    API = "api"
    UPLOADS = "uploads"
    BOARD_OPENS = "board_opens"
    BOARD_JOBS = "board_jobs"
    MESSAGE_BYTES = "message_bytes"
    MESSAGE_DEPTH = "message_depth"
    OUTBOUND_BYTES = "outbound_bytes"
    OUTBOUND_AGE = "outbound_age"
    AUTHENTICATE = "authenticate"
    BODY_BYTES = "body_bytes"


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket's shape: `per_s` tokens a second, at most `burst` at once."""

    per_s: float
    burst: float


RATES: Mapping[LimitName, Rate] = MappingProxyType(
    {
        LimitName.EVENTS: Rate(50, 200),
        LimitName.HAND: Rate(2, 10),
        LimitName.MODERATE: Rate(2, 10),
        LimitName.OFFER: Rate(1, 5),
        LimitName.JOINS: Rate(5 / 60, 5),
        # A whole academy may sit behind one address and come in at nine o'clock.
        LimitName.ENTRY: Rate(10, 300),
        LimitName.GUESS: Rate(20 / 60, 20),
        LimitName.API: Rate(50, 200),
        LimitName.UPLOADS: Rate(0.5, 20),
        # A bad link breaks often, and each time all of a person's tabs come back.
        LimitName.BOARD_OPENS: Rate(1, 30),
        LimitName.BOARD_JOBS: Rate(0.2, 10),
    }
)
"""
Per client, except joins and board opens (address and person), entry and guess (address), api (key), uploads and board
jobs (person).
"""

SIZES: Mapping[LimitName, int] = MappingProxyType(
    {
        LimitName.MESSAGE_BYTES: 65_536,
        LimitName.MESSAGE_DEPTH: 32,
        LimitName.OUTBOUND_BYTES: 4_000_000,
        LimitName.OUTBOUND_AGE: 10,
        LimitName.AUTHENTICATE: 10,
        LimitName.BODY_BYTES: 1_000_000,
    }
)
"""Bytes, levels of nesting, or seconds, by the limit's name."""


class TokenBucket:
    """A bucket that is full at first. Times are seconds of any monotonic clock."""

    __slots__ = ("_level", "_rate", "_then")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._level = rate.burst
        self._then = now_s

    def take(self, now_s: float, tokens: float = 1.0, *, keep: bool = False) -> float:
        """
        0.0 when the tokens were there and are taken (or only looked at, with `keep`); else the seconds until they
        will be, and none is taken.
        """
        elapsed = max(0.0, now_s - self._then)
        self._then = max(self._then, now_s)
        self._level = min(self._rate.burst, self._level + elapsed * self._rate.per_s)
        # A hair of rounding must not refuse a caller who waited exactly as long as told.
        if self._level + 1e-9 >= tokens:
            if not keep:
                self._level = max(0.0, self._level - tokens)
            return 0.0
        return (tokens - self._level) / self._rate.per_s


class Limits:
    """
    All buckets of the process, by limit and key, and the counter of refusals by limit. At most `keys_max` keys
    a limit are remembered, the longest unused is forgotten first (a forgotten bucket is a full one).
    """

    def __init__(self, rates: Mapping[LimitName, Rate] = RATES, keys_max: int = 20_000) -> None:
        self.hits: Counter[LimitName] = Counter()
        self._rates = rates
        self._keys_max = keys_max
        self._buckets: dict[LimitName, OrderedDict[Hashable, TokenBucket]] = {name: OrderedDict() for name in rates}

    def take(self, name: LimitName, key: Hashable, now_s: float) -> float:
        """0.0 when allowed; else the seconds to wait, and the refusal is counted."""
        buckets = self._buckets[name]
        bucket = buckets.get(key)
        if bucket is None:
            bucket = buckets[key] = TokenBucket(self._rates[name], now_s)
            if len(buckets) > self._keys_max:
                buckets.popitem(last=False)
        else:
            buckets.move_to_end(key)
        wait_s = bucket.take(now_s)
        if wait_s > 0:
            self.hit(name)
        return wait_s

    def wait(self, name: LimitName, key: Hashable, now_s: float) -> float:
        """What `take` would say; nothing is taken, and a refusal is counted."""
        bucket = self._buckets[name].get(key)
        wait_s = 0.0 if bucket is None else bucket.take(now_s, 1.0, keep=True)
        if wait_s > 0:
            self.hit(name)
        return wait_s

    def hit(self, name: LimitName) -> None:
        """Counts a breach of a limit that has no bucket (a size, an age)."""
        self.hits[name] += 1


def rates_with(joins_per_minute: float) -> Mapping[LimitName, Rate]:
    """The table with the operator's own bound on joins."""
    joins = replace(RATES[LimitName.JOINS], per_s=joins_per_minute / 60, burst=max(1.0, joins_per_minute))
    return MappingProxyType({**RATES, LimitName.JOINS: joins})
