"""How a link feels, from what is measured on it. Pure; with hysteresis, so that a badge does not flicker."""

from dataclasses import dataclass

from server.rooms.model import Quality


@dataclass(frozen=True, slots=True)
class LinkSample:
    """One second of a participant's link. Loss is a share of 0 to 1, the worse of both directions."""

    loss: float
    rtt_ms: float | None
    consent_age_ms: int


class LinkRating:
    """
    The rating of one link. It gets worse after two bad samples and better after five good ones: speech over a
    mobile link has single bad seconds that nobody notices.
    """

    _WORSE_AFTER = 2
    _BETTER_AFTER = 5

    def __init__(self) -> None:
        self.quality = Quality.GOOD
        self._pending = Quality.GOOD
        self._count = 0

    def add(self, sample: LinkSample) -> Quality:
        """Takes a sample and gives the rating after it. A lost link is shown at once."""
        level = grade(sample)
        if level is self.quality:
            self._count = 0
            return self.quality
        if level is Quality.LOST:
            return self._become(level)
        worse = _ORDER[level] > _ORDER[self.quality]
        same_side = self._count > 0 and (_ORDER[self._pending] > _ORDER[self.quality]) == worse
        # The least extreme level of the run is what the whole run supports.
        if not same_side:
            self._pending, self._count = level, 1
        else:
            pick = min if worse else max
            self._pending = pick(self._pending, level, key=_ORDER.__getitem__)
            self._count += 1
        needed = self._WORSE_AFTER if worse else self._BETTER_AFTER
        return self._become(self._pending) if self._count >= needed else self.quality

    def _become(self, level: Quality) -> Quality:
        self.quality = level
        self._count = 0
        return level


def grade(sample: LinkSample) -> Quality:
    """One sample by itself. Browsers check consent every 5 s (RFC 7675 section 5.1): three missed is lost."""
    if sample.consent_age_ms > 15_000:
        return Quality.LOST
    rtt = sample.rtt_ms or 0.0
    if sample.loss > 0.08 or rtt > 600 or sample.consent_age_ms > 11_000:
        return Quality.POOR
    if sample.loss > 0.02 or rtt > 250:
        return Quality.GOOD
    return Quality.EXCELLENT


_ORDER = {Quality.EXCELLENT: 0, Quality.GOOD: 1, Quality.POOR: 2, Quality.LOST: 3}
