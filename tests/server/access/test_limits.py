"""Token buckets in hand-pushed time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access import RATES, LimitName, Limits, Rate, TokenBucket, rates_with


def test_a_burst_passes_and_then_the_rate_rules() -> None:
    bucket = TokenBucket(Rate(2, 10), 0.0)
    assert [bucket.take(0.0) for _ in range(10)] == [0.0] * 10
    assert bucket.take(0.0) == pytest.approx(0.5)
    assert bucket.take(0.4) == pytest.approx(0.1)
    assert bucket.take(0.5) == 0.0


def test_a_clock_that_steps_back_gives_no_tokens() -> None:
    bucket = TokenBucket(Rate(1, 1), 100.0)
    assert bucket.take(100.0) == 0.0
    assert bucket.take(50.0) > 0
    assert bucket.take(100.5) == pytest.approx(0.5)


@given(
    st.floats(0.01, 100),
    st.integers(1, 50),
    st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=200),
)
def test_never_more_than_the_burst_and_the_rate_allow(per_s: float, burst: int, gaps: list[float]) -> None:
    bucket, now, taken = TokenBucket(Rate(per_s, burst), 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now) == 0.0
        assert taken <= burst + per_s * now + 1e-6


@given(st.floats(0.01, 100), st.integers(1, 20), st.floats(0, 1000))
def test_who_waits_as_long_as_told_is_let_in(per_s: float, burst: int, start: float) -> None:
    bucket, now = TokenBucket(Rate(per_s, burst), start), start
    for _ in range(burst):
        bucket.take(now)
    assert bucket.take(now + bucket.take(now)) == 0.0


def test_keys_do_not_share_a_bucket_and_refusals_are_counted_by_limit() -> None:
    limits = Limits()
    for _ in range(5):
        assert limits.take(LimitName.OFFER, "ana", 0.0) == 0.0
    assert limits.take(LimitName.OFFER, "ana", 0.0) > 0
    assert limits.take(LimitName.OFFER, "ben", 0.0) == 0.0
    limits.hit(LimitName.MESSAGE_BYTES)
    assert limits.hits == {LimitName.OFFER: 1, LimitName.MESSAGE_BYTES: 1}


def test_only_so_many_keys_are_remembered() -> None:
    limits = Limits(keys_max=2)
    for _ in range(5):
        limits.take(LimitName.OFFER, "old", 0.0)
    limits.take(LimitName.OFFER, "b", 0.0)
    limits.take(LimitName.OFFER, "old", 0.0)
    limits.take(LimitName.OFFER, "c", 0.0)
    assert limits.take(LimitName.OFFER, "old", 0.0) > 0
    assert sum(len(buckets) for buckets in limits._buckets.values()) == 2


def test_the_operator_sets_the_joins_a_minute_and_nothing_else() -> None:
    rates = rates_with(30)
    assert rates[LimitName.JOINS] == Rate(0.5, 30)
    assert {name: rates[name] for name in RATES if name is not LimitName.JOINS} == {
        name: RATES[name] for name in RATES if name is not LimitName.JOINS
    }
