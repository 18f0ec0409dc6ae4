"""A page's whole document as messages, made once for a hundred who join: packed, and what came after it."""

from collections.abc import Sequence

from whiteboard.document.page import PageDocument
from whiteboard.ids import Epoch, PageNumber, Seq
from whiteboard.room.jobs import PackState
from whiteboard.room.update_log import UpdateLog
from whiteboard.wire.frames import Coding, log_messages, state_message

_WORTH_PACKING = 4_096
"""A smaller document is sent as it is."""

_TAIL = 65_536
_TAIL_SHARE = 4
"""So much, and this share of the document, may follow a packed document as plain updates before it is packed anew."""

_QUIET_SHARE = 32
"""The share where nobody writes: who joins then gets hardly more than the packed document."""


class StateCache:
    """The last packed document of a page. It is packed by a job, ahead of who joins: 1 MB takes 20 ms."""

    def __init__(self, page: PageNumber) -> None:
        self.page = page
        self._seq = Seq(0)
        self._message: bytes | None = None
        self._grown = 0
        self._tail: tuple[Seq, Seq, Sequence[bytes]] = (Seq(0), Seq(0), ())

    def forget(self) -> None:
        """The document is another one now."""
        self._message = None
        self._grown = 0

    def grew(self, size: int) -> None:
        """An update of so many bytes has come."""
        self._grown += size

    def ready(self, doc: PageDocument, log: UpdateLog) -> Sequence[bytes] | None:
        """The messages that bring all of the document, when they are at hand and no larger than they should be."""
        message = self._message
        if message is not None and self._grown <= _TAIL + len(message) // _TAIL_SHARE:
            tail = self._tail_of(doc, log)
            if tail is not None:
                return (message, *tail)
        state = doc.state()
        if len(state) >= _WORTH_PACKING:
            return None
        self._grown = 0
        self._keep(doc.epoch, doc.seq, Coding.PLAIN, state)
        return (state_message(self.page, doc.epoch, doc.seq, Coding.PLAIN, state),)

    def worth_packing(self, *, quiet: bool) -> bool:
        """Whether who joins next should find it packed anew. `quiet`: nobody has written for a while."""
        size = len(self._message or b"")
        most = _WORTH_PACKING + size // _QUIET_SHARE if quiet else _TAIL + size // _TAIL_SHARE
        return self._grown > most

    def job(self, doc: PageDocument) -> PackState:
        """What makes one ready."""
        self._grown = 0
        return PackState(self.page, doc.epoch, doc.seq, doc.state())

    def packed(self, doc: PageDocument, job: PackState, data: bytes) -> None:
        """The job's result."""
        smaller = len(data) < len(job.state)
        self._keep(doc.epoch, job.seq, *((Coding.ZLIB, data) if smaller else (Coding.PLAIN, job.state)))

    def _keep(self, epoch: Epoch, seq: Seq, coding: Coding, data: bytes) -> None:
        self._seq = seq
        self._message = state_message(self.page, epoch, seq, coding, data)

    def _tail_of(self, doc: PageDocument, log: UpdateLog) -> Sequence[bytes] | None:
        first, last, messages = self._tail
        if (first, last) != (self._seq, doc.seq):
            tail = log.since(self._seq, doc.seq)
            if tail is None:
                return None
            messages = log_messages(self.page, doc.epoch, tail)
            self._tail = (self._seq, doc.seq, messages)
        return messages
