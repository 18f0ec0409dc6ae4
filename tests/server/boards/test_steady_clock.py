"""The boards' clock, with the wall clock and the monotonic one moved by hand."""

from server.boards.steady_clock import SteadyClock


class Clocks:
    """Both clocks of a machine; `set_by` moves the wall clock alone."""

    def __init__(self) -> None:
        self.wall_ms = 1_700_000_000_000
        self.monotonic_s = 50.0
        self.steady = SteadyClock(lambda: self.wall_ms, lambda: self.monotonic_s)

    def pass_ms(self, milliseconds: int) -> None:
        self.wall_ms += milliseconds
        self.monotonic_s += milliseconds / 1000

    def set_by(self, milliseconds: int) -> None:
        self.wall_ms += milliseconds


def test_it_is_the_wall_clock_while_nobody_sets_that() -> None:
    clocks = Clocks()
    for _ in range(50):
        clocks.pass_ms(7)
        assert clocks.steady() == clocks.wall_ms


def test_timers_of_boards_stood_still_when_the_wall_clock_was_set_back() -> None:
    clocks = Clocks()
    before = clocks.steady()
    clocks.set_by(-3_600_000)
    clocks.pass_ms(1_000)
    assert before + 800 <= clocks.steady() <= before + 1_000


def test_it_never_goes_back_and_meets_the_wall_clock_again() -> None:
    clocks = Clocks()
    last = clocks.steady()
    clocks.set_by(-5_000)
    for _ in range(600):
        clocks.pass_ms(100)
        now = clocks.steady()
        assert now >= last
        last = now
    assert last == clocks.wall_ms


def test_it_follows_a_wall_clock_that_is_set_ahead_at_once() -> None:
    clocks = Clocks()
    clocks.set_by(3_600_000)
    assert clocks.steady() == clocks.wall_ms
