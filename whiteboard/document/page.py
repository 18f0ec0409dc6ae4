"""
One page's document in memory. Bytes from outside pass the gate first, then the CRDT library, then the index; nothing
else applies updates. Pure: it reads no clock and stores nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from pycrdt import Doc, Map

from whiteboard.document.gate import Author, Checked, check
from whiteboard.document.index import Index
from whiteboard.document.index_bytes import pack, unpack
from whiteboard.document.start import OwnedShape, PageStart, start_page
from whiteboard.document.update import ROOT
from whiteboard.document.vector import decode_vector, encode_vector
from whiteboard.errors import PageDamaged, Reason, UpdateRefused
from whiteboard.ids import ClientId, Epoch, PersonKey, Seq, ShapeId
from whiteboard.limits import PageLimits
from whiteboard.ports import LoggedUpdate, Snapshot, StoredPage
from whiteboard.rights import Right

_P = ParamSpec("_P")
_T = TypeVar("_T")


class PageDocument:
    """
    The document of one page and epoch, and the table that the gate decides by. Its owner calls it from one thread, and
    throws it away and restores it after PageDamaged, or when an update that `receive` returned could not be stored.
    """

    def __init__(self, epoch: Epoch, limits: PageLimits, clients: Mapping[ClientId, PersonKey]) -> None:
        """A page on which nobody has written yet."""
        self._epoch = epoch
        self._limits = limits
        self._clients = dict(clients)
        self._index = Index()
        self._seq = Seq(0)
        self._state: bytes | None = None
        self._take_doc(None)
        # Upper bounds, counted exactly only when a limit seems to be reached.
        self._shapes_at_most = 0
        self._bytes_at_most = 2
        self._updates_since_count = 0

    @classmethod
    def restore(cls, stored: StoredPage, limits: PageLimits) -> "PageDocument":
        """From a snapshot and the log after it. Raises PageDamaged when they do not hold together."""
        page = cls(stored.epoch, limits, stored.clients)
        if stored.snapshot is not None:
            page._take_snapshot(stored.snapshot)
        for logged in stored.tail:
            if logged.seq > page._seq:
                page._take_logged(logged)
        page._verify()
        return page

    @property
    def epoch(self) -> Epoch:
        """The epoch that updates must name."""
        return self._epoch

    @property
    def seq(self) -> Seq:
        """The number of the newest update; 0 before the first one."""
        return self._seq

    @property
    def clients(self) -> Mapping[ClientId, PersonKey]:
        """The client ids of this page and epoch, and who writes with them."""
        return MappingProxyType(self._clients)

    def bind(self, client: ClientId, person: PersonKey) -> None:
        """Gives a client id to a person, for ever. Raises ValueError when it is somebody's already."""
        if client in self._clients:
            raise ValueError("the client id is taken")
        self._clients[client] = person

    def receive(self, update: bytes, author: Author, at_ms: int) -> LoggedUpdate | None:
        """
        Takes an update in: what is to be logged and sent on, or None when all of it was known. `LoggedUpdate.data` has
        just what was new. `at_ms`: the server's clock, Unix ms. Raises UpdateRefused, and then nothing has changed; and
        PageDamaged.
        """
        checked = check(update, author, self._clients, self._index, self._limits)
        if checked is None:
            return None
        self._find_room(checked)
        self._apply(checked.data)
        self._enter(checked)
        self._seq = Seq(self._seq + 1)
        return LoggedUpdate(self._seq, at_ms, author.client, author.person, checked.data)

    def state(self) -> bytes:
        """The whole document as one update; kept until the next change, so a hundred joiners cost one encoding."""
        if self._state is None:
            self._state = _read(self._doc.get_update)
            self._bytes_at_most = len(self._state)
            self._updates_since_count = 0
        return self._state

    def diff(self, vector: bytes) -> bytes:
        """What somebody with this Yjs state vector lacks, and all deletions. Raises VectorRefused."""
        theirs = decode_vector(vector, self._limits)
        # The library sees only clocks that exist: a client may be ahead with what it has not sent yet.
        known = {client: min(clock, self._index.next_clock(client)) for client, clock in theirs.items()}
        return _read(self._doc.get_update, encode_vector({client: clock for client, clock in known.items() if clock}))

    def vector(self) -> bytes:
        """The document's own state vector."""
        return _read(self._doc.get_state)

    def snapshot(self, at_ms: int) -> Snapshot:
        """What `restore` needs up to `seq`. Raises PageDamaged when document and index contradict each other."""
        self._verify()
        return Snapshot(self._seq, at_ms, self.state(), pack(self._index))

    def shapes(self) -> list[OwnedShape]:
        """The living shapes, in no particular order; some 5 µs for each."""
        found = []
        for name, data in (_read(self._map.to_py) or {}).items():
            owner = self._index.owner_of(name.encode())
            if owner is None:
                raise PageDamaged("a shape is not in the index")
            found.append(OwnedShape(ShapeId(name), bytes(data), owner))
        return found

    @property
    def shape_count(self) -> int:
        """Living shapes; up to a millisecond for a full page."""
        self._shapes_at_most = _read(self._map.__len__)
        return self._shapes_at_most

    @property
    def byte_count(self) -> int:
        """Bytes of the document, never less than there are; what updates replaced is not yet taken off."""
        return self._bytes_at_most

    def worth_rolling(self) -> bool:
        """
        Whether so much has been left behind that a new epoch pays (`PageLimits.roll_ratio`), or that the page is about
        to be full of it. For a quiet page: where much was deleted it looks at every shape.
        """
        limits = self._limits
        if len(self._index.clients) > limits.roll_clients:
            return True
        size = len(self.state())
        if size <= limits.roll_bytes:
            return False
        living = self.shape_count
        if len(self._index) > max(limits.known_shapes // 2, 2 * living):
            return True
        ratio = limits.roll_ratio if size < limits.page_bytes * 0.75 else _FULL_RATIO
        most_left_behind = (sum(runs.next for runs in self._index.clients.values()) - living) * _DEAD_BYTES
        if size <= (size - most_left_behind) * ratio:
            return False
        return size > ratio * sum(len(shape.id) + len(shape.data) + _STRUCT_BYTES for shape in self.shapes())

    def roll(self, draw_client: Callable[[], ClientId], at_ms: int) -> PageStart:
        """The same shapes and owners in the next epoch; this document stays as it is, and is to be thrown away."""
        return start_page(Epoch(self._epoch + 1), self.shapes(), draw_client, at_ms)

    def copy(
        self, epoch: Epoch, draw_client: Callable[[], ClientId], at_ms: int, owner: PersonKey | None = None
    ) -> PageStart:
        """The same shapes for another page: with their owners, or all of them as `owner`'s."""
        shapes = self.shapes()
        if owner is not None:
            shapes = [shape._replace(owner=owner) for shape in shapes]
        return start_page(epoch, shapes, draw_client, at_ms)

    def _take_doc(self, state: bytes | None) -> None:
        """Starts a new document of the library, with `state` in it. Raises PageDamaged when it does not take that."""
        doc: Doc[Map[bytes]] = Doc()
        shapes: Map[bytes] = doc.get(ROOT.decode(), type=Map)
        if state is not None and (error := _apply(doc, state)):
            raise PageDamaged("the document does not take its own state") from error
        self._doc = doc
        self._map = shapes

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._index = unpack(snapshot.index)
        self._take_doc(snapshot.state)
        self._seq = snapshot.seq
        self._shapes_at_most = len(self._index)
        self._bytes_at_most = len(snapshot.state)

    def _take_logged(self, logged: LoggedUpdate) -> None:
        """An update that was let in once: its structure is checked again, rights and limits are not."""
        if logged.seq != self._seq + 1:
            raise PageDamaged(f"update {self._seq + 1} is missing in the log")
        author = Author(logged.person, logged.client, Right.ALL)
        try:
            checked = check(logged.data, author, self._clients, self._index, _STORED)
            if checked is not None:
                self._apply(checked.data)
                self._enter(checked)
        except UpdateRefused as refused:
            raise PageDamaged(f"update {logged.seq} of the log does not fit") from refused
        self._seq = logged.seq

    def _enter(self, checked: Checked) -> None:
        checked.commit()
        self._state = None
        self._shapes_at_most += len(checked.new)
        self._bytes_at_most += len(checked.data)
        self._updates_since_count += 1

    def _apply(self, data: bytes) -> None:
        error = _apply(self._doc, data)
        if error is not None:
            self._mend()
            raise UpdateRefused(Reason.INVALID, "the document does not take it") from error

    def _mend(self) -> None:
        """After the library has failed in the midst of an update: its document is not to be trusted any more."""
        self._take_doc(_read(self._doc.get_update) if self._state is None else self._state)
        self._verify()

    def _verify(self) -> None:
        known = {client: runs.next for client, runs in self._index.clients.items()}
        if decode_vector(self.vector(), _STORED) != known:
            raise PageDamaged("document and index do not know the same updates")

    def _find_room(self, checked: Checked) -> None:
        """Deleting is always possible; so is writing over what is there, until the page's bytes are used up."""
        limits = self._limits
        if checked.new:
            new = len(checked.new)
            if len(self._index) + new > limits.known_shapes:
                raise UpdateRefused(Reason.PAGE_FULL, "too many shapes were made and deleted on this page")
            if self._shapes_at_most + new > limits.shapes and self.shape_count + new > limits.shapes:
                raise UpdateRefused(Reason.PAGE_FULL, f"a page has {limits.shapes} shapes at most")
        if checked.runs and self._bytes_at_most + len(checked.data) > limits.page_bytes:
            # Encoding 30 MB takes long, so that it is not done for each update while a page is full.
            if self._updates_since_count >= _RECOUNT:
                self.state()
            if self._bytes_at_most + len(checked.data) > limits.page_bytes:
                raise UpdateRefused(Reason.PAGE_FULL, f"a page has {limits.page_bytes} bytes at most")


_STRUCT_BYTES = 9
"""Bytes of a living shape's struct beside its id and data: the root's name, lengths, and the first byte."""

_DEAD_BYTES = 44
"""The most that a deleted clock leaves behind: a struct with the longest key, and a range among the deletions."""

_FULL_RATIO = 1.2
"""A page whose bytes are three quarters used up is rewritten for less than `PageLimits.roll_ratio`."""

_RECOUNT = 100
"""Updates between two exact counts of a full page's bytes."""

_NEVER = 2**40
_STORED = PageLimits(*(_NEVER,) * len(fields(PageLimits)))
"""What was let in once is not refused when it is read back, even if the limits have become smaller."""


def _apply(doc: "Doc[Map[bytes]]", data: bytes) -> BaseException | None:
    """The error of a document that does not take an update, if any; a panic of the library is not an Exception."""
    try:
        doc.apply_update(data)
    except BaseException as error:
        _raise_if_ours(error)
        return error
    return None


def _read(ask: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What the library answers. A panic of its would go past every `except Exception` and end the process's hub."""
    try:
        return ask(*args, **kwargs)
    except BaseException as error:
        _raise_if_ours(error)
        raise PageDamaged("the document cannot be read") from error


def _raise_if_ours(error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        raise error
