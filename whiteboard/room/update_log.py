"""An open page's log on its way to the store: what waits for its commit, who for an ack, and recent updates."""

from collections import deque
from collections.abc import Sequence

from whiteboard.config import BoardConfig
from whiteboard.ids import Seq
from whiteboard.ports import LoggedUpdate
from whiteboard.room.seats import Seat

_BATCH = 500


class Unstored:
    """Updates of all pages of a room that wait for the store; past its bounds new ones are refused."""

    __slots__ = ("_most", "_most_bytes", "count", "size")

    def __init__(self, config: BoardConfig) -> None:
        self._most = config.unstored_updates
        self._most_bytes = config.unstored_bytes
        self.count = 0
        self.size = 0

    @property
    def full(self) -> bool:
        """Whether nothing more may wait."""
        return self.count >= self._most or self.size >= self._most_bytes


class UpdateLog:
    """Numbers that are stored: all up to `stored`. `recent` keeps updates for connections that come back."""

    def __init__(self, stored: Seq, config: BoardConfig, unstored: Unstored) -> None:
        self.stored = stored
        self._config = config
        self._unstored = unstored
        self._pending: deque[LoggedUpdate] = deque()
        self._acks: deque[tuple[Seq, Seat, int]] = deque()
        self._recent: deque[LoggedUpdate] = deque()
        self._recent_bytes = 0
        self.due_ms: int | None = None

    def __len__(self) -> int:
        """Updates that wait for their commit."""
        return len(self._pending)

    def add(self, logged: LoggedUpdate, seat: Seat, n: int, commit_ms: int) -> None:
        """An update that was let in, to be committed at a time at the latest; then its author hears of it."""
        self._pending.append(logged)
        self._unstored.count += 1
        self._unstored.size += len(logged.data)
        self._acks.append((logged.seq, seat, n))
        if self.due_ms is None:
            self.due_ms = commit_ms
        self._recent.append(logged)
        self._recent_bytes += len(logged.data)
        while len(self._recent) > self._config.ring_updates or self._recent_bytes > self._config.ring_bytes:
            self._recent_bytes -= len(self._recent.popleft().data)

    def known(self, seq: Seq, seat: Seat, n: int) -> bool:
        """An update of which all was known: whether it can be acknowledged now; else it is when `seq` is stored."""
        if seq <= self.stored and not self._acks:
            return True
        self._acks.append((seq, seat, n))
        return False

    def batch(self) -> Sequence[LoggedUpdate]:
        """The next ones to be stored."""
        return [self._pending[at] for at in range(min(_BATCH, len(self._pending)))]

    def committed(self, seq: Seq, now_ms: int, wait_ms: int) -> dict[Seat, tuple[int, Seq]]:
        """All up to `seq` are stored: for each author the newest n and its number."""
        while self._pending and self._pending[0].seq <= seq:
            self._unstored.count -= 1
            self._unstored.size -= len(self._pending.popleft().data)
        self.stored = max(self.stored, seq)
        # Counted from the oldest that waits: a commit costs the same for one update as for ten.
        self.due_ms = max(now_ms, self._pending[0].at_ms + wait_ms) if self._pending else None
        acks: dict[Seat, tuple[int, Seq]] = {}
        while self._acks and self._acks[0][0] <= seq:
            number, seat, n = self._acks.popleft()
            acks[seat] = (n, number)
        return acks

    def since(self, seq: Seq, newest: Seq) -> Sequence[LoggedUpdate] | None:
        """The updates after `seq` up to the newest; None when they are not all remembered, or never were."""
        if seq == newest:
            return ()
        if seq > newest or not self._recent or self._recent[0].seq > seq + 1:
            return None
        skip = len(self._recent) - (newest - seq)
        return [self._recent[at] for at in range(skip, len(self._recent))]

    def give_up(self) -> None:
        """What waits will never be stored by us: somebody else owns the page."""
        for logged in self._pending:
            self._unstored.count -= 1
            self._unstored.size -= len(logged.data)
        self._pending.clear()
        self._acks.clear()
        self._recent.clear()
        self._recent_bytes = 0
        self.due_ms = None
