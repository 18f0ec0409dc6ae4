"""A page's whole document as a message, made once for a hundred who join: the newest updates follow it."""

from whiteboard.frames import Coding, state_message
from whiteboard.ids import Epoch, PageNumber, Seq
from whiteboard.jobs import PackState
from whiteboard.page import PageDocument

_WORTH_PACKING = 4_096
_TAIL = 500


class StateCache:
    """The last packed document of a page. It is packed by a job: compressing 1 MB takes 20 ms."""

    def __init__(self, page: PageNumber) -> None:
        self.page = page
        self._seq = Seq(0)
        self._message: bytes | None = None

    def forget(self) -> None:
        """The document is another one now."""
        self._message = None

    def ready(self, doc: PageDocument) -> tuple[Seq, bytes] | None:
        """A message and the number it goes up to, when one is there that is not too old."""
        if self._message is not None and doc.seq - self._seq <= _TAIL:
            return self._seq, self._message
        state = doc.state()
        if len(state) < _WORTH_PACKING:
            self._keep(doc.epoch, doc.seq, Coding.PLAIN, state)
            return doc.seq, state_message(self.page, doc.epoch, doc.seq, Coding.PLAIN, state)
        return None

    def job(self, doc: PageDocument) -> PackState:
        """What makes one ready."""
        return PackState(self.page, doc.epoch, doc.seq, doc.state())

    def packed(self, doc: PageDocument, job: PackState, data: bytes) -> None:
        """The job's result."""
        smaller = len(data) < len(job.state)
        self._keep(doc.epoch, job.seq, *((Coding.ZLIB, data) if smaller else (Coding.PLAIN, job.state)))

    def _keep(self, epoch: Epoch, seq: Seq, coding: Coding, data: bytes) -> None:
        self._seq = seq
        self._message = state_message(self.page, epoch, seq, coding, data)
