"""What happened on a room's boards in a window of time, out of the store: for recordings."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from whiteboard.document.page import PageDocument
from whiteboard.ids import Epoch, PageNumber, PersonKey, RoomKey, Seq
from whiteboard.limits import PageLimits
from whiteboard.ports import History, LoggedUpdate, StoredPage


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A page's whole document at a time, a Yjs update v1: who seeks starts here and goes on with the updates."""

    at_ms: int
    page: PageNumber
    epoch: Epoch
    seq: Seq
    state: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """An update of a page, at the server's time."""

    at_ms: int
    page: PageNumber
    epoch: Epoch
    update: LoggedUpdate


@dataclass(frozen=True, slots=True)
class Turned:
    """The class turned to a page, or (None) away from the boards. `at_ms` of the first one may be before the window."""

    at_ms: int
    page: PageNumber | None
    person: PersonKey


Moment: TypeAlias = Keyframe | Drawn | Turned

_SLICE_MS = 600_000
"""So much of the log is in memory at once."""


async def timeline(
    history: History,
    room: RoomKey,
    since_ms: int,
    until_ms: int,
    *,
    every_ms: int = 30_000,
    limits: PageLimits | None = None,
) -> AsyncIterator[Moment]:
    """
    Moments of [since, until) in the order of time. First a keyframe of every page with something on it, then whatever
    happened; a page that changes gets a keyframe every `every_ms`, and before its first update under a new epoch.
    Raises the store's errors and PageDamaged.
    """
    player = _Player(history, room, limits or PageLimits())
    for page, epoch in await history.pages_of(room, since_ms, since_ms):
        for keyframe in await player.begin(page, epoch, since_ms):
            yield keyframe
    turns = list(await history.turns(room, since_ms, until_ms))
    for start_ms in range(since_ms, until_ms, _SLICE_MS):
        stop_ms = min(until_ms, start_ms + _SLICE_MS)
        moments: list[Drawn | Turned] = [
            Turned(turn.at_ms, turn.page, turn.person)
            for turn in turns
            if start_ms <= turn.at_ms < stop_ms or (turn.at_ms < since_ms == start_ms)
        ]
        moments += await player.drawn(start_ms, stop_ms)
        # Sorting keeps the order of equal times: a turn comes before what is drawn on its page.
        moments.sort(key=attrgetter("at_ms"))
        for moment in moments:
            for keyframe in await player.keyframes_before(moment, every_ms, since_ms):
                yield keyframe
            yield moment


@dataclass(slots=True)
class _Page:
    """What a page's next keyframe is made of."""

    stored: StoredPage
    at_ms: int
    tail: list[LoggedUpdate] = field(default_factory=list)


class _Player:
    def __init__(self, history: History, room: RoomKey, limits: PageLimits) -> None:
        self._history = history
        self._room = room
        self._limits = limits
        self._pages: dict[tuple[PageNumber, Epoch], _Page] = {}

    async def begin(self, page: PageNumber, epoch: Epoch, at_ms: int) -> list[Keyframe]:
        """A page as it was just before a time; no keyframe when nothing was on it."""
        stored = await self._history.page_at(self._room, page, epoch, at_ms - 1)
        if stored is None or (stored.snapshot is None and not stored.tail):
            return []
        entry = self._pages[page, epoch] = _Page(stored, at_ms)
        return [self._keyframe(page, entry, at_ms)]

    async def drawn(self, since_ms: int, until_ms: int) -> list[Drawn]:
        """All updates of a slice, page by page."""
        found: list[Drawn] = []
        for page, epoch in await self._history.pages_of(self._room, since_ms, until_ms):
            updates = await self._history.updates(self._room, page, epoch, since_ms, until_ms)
            found += [Drawn(one.at_ms, page, epoch, one) for one in updates]
        return found

    async def keyframes_before(self, moment: Drawn | Turned, every_ms: int, since_ms: int) -> list[Keyframe]:
        """What is to be known before a moment; and the moment is noted."""
        found: list[Keyframe] = []
        if isinstance(moment, Turned):
            at_ms = max(moment.at_ms, since_ms)
            for page, epoch in await self._history.pages_of(self._room, at_ms, at_ms):
                # A copy on which nobody draws is told of when the class turns to it.
                if page == moment.page and (page, epoch) not in self._pages:
                    found += await self.begin(page, epoch, at_ms)
            return found
        key = (moment.page, moment.epoch)
        if key not in self._pages:
            found += await self.begin(*key, moment.at_ms)
            # Nothing was on it: it begins with this update.
            clients = await self._history.page_at(self._room, *key, moment.at_ms)
            bound = clients.clients if clients is not None else {}
            self._pages.setdefault(key, _Page(StoredPage(moment.epoch, bound, None, ()), moment.at_ms))
        entry = self._pages[key]
        if entry.tail and moment.at_ms - entry.at_ms >= every_ms:
            found.append(self._keyframe(moment.page, entry, moment.at_ms))
        if moment.update.seq > _newest(entry):
            entry.tail.append(moment.update)
        return found

    def _keyframe(self, page: PageNumber, entry: _Page, at_ms: int) -> Keyframe:
        stored = entry.stored
        whole = StoredPage(stored.epoch, stored.clients, stored.snapshot, [*stored.tail, *entry.tail])
        snapshot = PageDocument.restore(whole, self._limits).snapshot(at_ms)
        entry.stored = StoredPage(stored.epoch, stored.clients, snapshot, ())
        entry.tail = []
        entry.at_ms = at_ms
        return Keyframe(at_ms, page, stored.epoch, snapshot.seq, snapshot.state)


def _newest(entry: _Page) -> Seq:
    if entry.tail:
        return entry.tail[-1].seq
    return entry.stored.snapshot.seq if entry.stored.snapshot is not None else Seq(0)
