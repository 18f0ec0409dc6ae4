"""Stable numbers of one peer: the same mid keeps its track, slot and SSRCs over every later offer."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from media.events import SlotId, TrackId
from media.negotiation import Use


@dataclass(frozen=True, slots=True)
class SlotNumbers:
    slot: SlotId
    ssrc: int
    rtx_ssrc: int


class Numbering:
    """Gives out numbers once for each mid and use. Owned by one session."""

    def __init__(self, new_track: Callable[[], TrackId]) -> None:
        self._new_track = new_track
        self._tracks: dict[tuple[str, Use], TrackId] = {}
        self._slots: dict[tuple[str, Use], SlotNumbers] = {}
        self._used_ssrcs: set[int] = set()

    def avoid(self, ssrcs: Iterable[int]) -> None:
        """SSRCs of the peer itself: ours must differ from them (RFC 3550 section 8.2)."""
        self._used_ssrcs.update(ssrcs)

    def track(self, mid: str, use: Use) -> TrackId:
        key = (mid, use)
        if key not in self._tracks:
            self._tracks[key] = self._new_track()
        return self._tracks[key]

    def slot(self, mid: str, use: Use) -> SlotNumbers:
        key = (mid, use)
        if key not in self._slots:
            self._slots[key] = SlotNumbers(SlotId(len(self._slots)), self._new_ssrc(), self._new_ssrc())
        return self._slots[key]

    def _new_ssrc(self) -> int:
        while True:
            ssrc = secrets.randbits(32)
            if ssrc and ssrc not in self._used_ssrcs:
                self._used_ssrcs.add(ssrc)
                return ssrc
