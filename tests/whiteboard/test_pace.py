"""When updates are sent at once and when they are gathered."""

from tests.whiteboard.hub_world import NOW
from whiteboard import BoardConfig
from whiteboard.config import Rate
from whiteboard.room.pace import Pace
from whiteboard.room.rates import TokenBucket


def delays(receivers: int, per_s: int, seconds: float = 2.0, pace: Pace | None = None, start: int = NOW) -> list[int]:
    """The delay of each update of a steady stream."""
    pace = pace or Pace(BoardConfig())
    return [pace.delay_ms(receivers, start + at * 1000 // per_s) for at in range(int(per_s * seconds))]


def test_a_class_in_which_one_draws_is_told_at_once() -> None:
    assert set(delays(200, 50)) == {0}


def test_more_than_can_be_written_one_by_one_is_gathered() -> None:
    assert delays(200, 110)[-1] == 21
    assert delays(200, 200)[-1] == 30
    assert delays(500, 200)[-1] == 30


def test_a_storm_is_gathered_before_its_first_window_is_over() -> None:
    found = delays(200, 1_000, seconds=0.2)
    assert found[0] == 0
    assert found[30] > 0


def test_when_the_storm_is_over_updates_are_sent_at_once_again() -> None:
    pace = Pace(BoardConfig())
    delays(200, 200, pace=pace)
    assert delays(200, 50, pace=pace, start=NOW + 2_000)[-1] == 0


def test_at_the_border_it_does_not_change_to_and_fro() -> None:
    pace = Pace(BoardConfig())
    delays(200, 105, pace=pace)
    assert 0 not in delays(200, 95, pace=pace, start=NOW + 2_000)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(Rate(10, 20), NOW)
    assert sum(bucket.take(NOW) for _ in range(50)) == 20
    assert not bucket.take(NOW + 99)
    assert bucket.wait_s() <= 0.01 + 1e-9
    assert bucket.take(NOW + 200)
    assert sum(bucket.take(NOW + 60_000) for _ in range(50)) == 20
    assert not bucket.take(NOW - 1_000)
