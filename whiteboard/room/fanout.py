"""What goes from a page to everybody who has it open: one message for all, framed once."""

from collections.abc import Iterable

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.ids import Epoch, PageNumber, Seq
from whiteboard.ports import Channel, LoggedUpdate, Wire
from whiteboard.room.pace import Pace
from whiteboard.room.seats import Seat
from whiteboard.wire.frames import LiveKind, live_entry, lives_message, updates_message

_MESSAGE_BYTES = 131_072
"""A message is closed when it has so many bytes: far below what clients take, far above what pays."""

_LIVE_BYTES_PER_S = 16_000
"""What live messages of one page may cost each receiver: a page full of pointers is told more seldom, not cut."""


class FanOut:
    """
    The receivers of one page and what waits for them. Who writes gets its own updates as empty ones, so that numbers
    follow each other for everybody.
    """

    def __init__(self, page: PageNumber, wire: Wire, pace: Pace, config: BoardConfig, counters: Counters) -> None:
        self._page = page
        self._wire = wire
        self._pace = pace
        self._config = config
        self._counters = counters
        self._seats: dict[Seat, None] = {}
        self._to: dict[Seat | None, tuple[Channel, ...]] = {}
        self._live_to: dict[Seat | None, tuple[Channel, ...]] = {}
        self._updates: list[tuple[bytes, Seat]] = []
        self._bytes = 0
        self._epoch = Epoch(0)
        self._first = Seq(0)
        self._last: dict[tuple[int, int], tuple[Seat, bytes]] = {}
        self._ink: list[tuple[Seat, bytes]] = []
        self.updates_due_ms: int | None = None
        self.lives_due_ms: int | None = None
        self._lives_not_before_ms = 0

    def __contains__(self, seat: Seat) -> bool:
        return seat in self._seats

    def add(self, seat: Seat) -> None:
        """Gets updates from the next one on. What waits is to be sent before (`send_updates`)."""
        self._seats[seat] = None
        self.changed()

    def drop(self, seat: Seat) -> None:
        """Gets nothing more, not even what waits."""
        if self._seats.pop(seat, self) is None:
            self.changed()
        for key in [key for key, (author, _) in self._last.items() if author is seat]:
            del self._last[key]
        self._ink = [entry for entry in self._ink if entry[0] is not seat]

    def changed(self) -> None:
        """Receivers, or which of them are congested, have changed."""
        self._to.clear()
        self._live_to.clear()

    def update(self, epoch: Epoch, logged: LoggedUpdate, author: Seat, now_ms: int) -> None:
        """An update for all; the next number after the last one."""
        if not self._updates:
            self._epoch, self._first = epoch, logged.seq
        self._updates.append((logged.data, author))
        self._bytes += len(logged.data)
        delay = self._pace.delay_ms(len(self._seats), now_ms)
        if delay == 0 or self._bytes >= _MESSAGE_BYTES:
            self.send_updates()
        elif self.updates_due_ms is None:
            self.updates_due_ms = now_ms + delay

    def send_updates(self) -> None:
        """Sends what waits."""
        waiting = self._updates
        if not waiting:
            return
        self._updates = []
        self._bytes = 0
        self.updates_due_ms = None
        self._counters.add("updates_out", len(waiting) * len(self._seats))
        self._counters.add("update_frames_out", len(self._seats))
        authors = {author: None for _, author in waiting if author in self._seats}
        first, epoch, page, wire = self._first, self._epoch, self._page, self._wire
        if len(self._seats) > len(authors):
            others = self._others(self._to, authors)
            wire.binary(updates_message(page, epoch, first, [data for data, _ in waiting]), others)
        for seat in authors:
            own = [b"" if author is seat else data for data, author in waiting]
            wire.binary(updates_message(page, epoch, first, own), (seat.channel,))

    def live(self, seat: Seat, kind: LiveKind, payload: bytes, now_ms: int) -> None:
        """Something that is not kept: the last of each kind counts, of ink every piece."""
        entry = live_entry(seat.actor, kind, payload)
        if kind is LiveKind.INK:
            self._ink.append((seat, entry))
        else:
            # Taken out first: what was said last is told last.
            self._last.pop((seat.actor, kind), None)
            self._last[seat.actor, kind] = (seat, entry)
        if self.lives_due_ms is None:
            self.lives_due_ms = max(now_ms + self._config.live_ms, self._lives_not_before_ms)

    def send_lives(self, now_ms: int) -> None:
        """Sends what waits, to those who are not congested."""
        entries = [*self._ink, *self._last.values()]
        self._ink = []
        self._last = {}
        self.lives_due_ms = None
        if not entries:
            return
        authors = {author for author, _ in entries}
        # An author hears of himself only where that spares a message of his own.
        alone = next(iter(authors)) if len(authors) == 1 else None
        to = self._live_to.get(alone)
        if to is None:
            seats = (seat for seat in self._seats if seat is not alone and not seat.congested)
            to = self._live_to[alone] = tuple(seat.channel for seat in seats)
        if to:
            message = lives_message(self._page, (entry for _, entry in entries))
            self._lives_not_before_ms = now_ms + len(message) * 1000 // _LIVE_BYTES_PER_S
            self._wire.binary(message, to)
            self._counters.add("live_frames_out", len(to))

    def everybody(self) -> tuple[Channel, ...]:
        """All who get updates."""
        return self._others(self._to, ())

    def _others(self, cache: dict[Seat | None, tuple[Channel, ...]], authors: Iterable[Seat]) -> tuple[Channel, ...]:
        """Everybody but the authors; remembered for none and for one author, the two that come again and again."""
        but = tuple(authors)
        if len(but) > 1:
            left_out = set(but)
            return tuple(seat.channel for seat in self._seats if seat not in left_out)
        key = but[0] if but else None
        found = cache.get(key)
        if found is None:
            found = cache[key] = tuple(seat.channel for seat in self._seats if seat is not key)
        return found
