"""The rating of a link: quick to warn, slow to praise, never flickering."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.rooms import Quality
from server.rooms.quality import LinkRating, LinkSample, grade

FINE = LinkSample(0.0, 40, 1000)
BAD = LinkSample(0.2, 40, 1000)
GONE = LinkSample(0.0, 40, 20_000)


def test_one_bad_second_is_not_told() -> None:
    rating = LinkRating()
    assert [rating.add(s) for s in (BAD, FINE, BAD, FINE)] == [Quality.GOOD] * 4


def test_two_bad_seconds_are_told() -> None:
    rating = LinkRating()
    assert [rating.add(BAD), rating.add(BAD)] == [Quality.GOOD, Quality.POOR]


def test_five_fine_seconds_are_told() -> None:
    rating = LinkRating()
    assert [rating.add(FINE) for _ in range(5)][-2:] == [Quality.GOOD, Quality.EXCELLENT]


def test_a_lost_link_is_told_at_once() -> None:
    assert LinkRating().add(GONE) is Quality.LOST


_SAMPLES = st.builds(LinkSample, st.floats(0, 1), st.none() | st.floats(0, 5000), st.integers(0, 40_000))


@given(st.lists(_SAMPLES, max_size=60))
def test_the_rating_moves_only_towards_what_was_measured(samples: list[LinkSample]) -> None:
    rating = LinkRating()
    order = list(Quality)
    for sample in samples:
        before = order.index(rating.quality)
        after = order.index(rating.add(sample))
        measured = order.index(grade(sample))
        assert min(before, measured) <= after <= max(before, measured)


@given(st.lists(_SAMPLES.filter(lambda s: grade(s) is not Quality.LOST), min_size=5, max_size=60))
def test_the_rating_never_changes_twice_within_two_samples_without_loss(samples: list[LinkSample]) -> None:
    rating = LinkRating()
    ratings = [rating.quality, *(rating.add(sample) for sample in samples)]
    changes = [i for i in range(1, len(ratings)) if ratings[i] is not ratings[i - 1]]
    assert all(later - earlier >= 2 for earlier, later in pairwise(changes))
