"""What the whiteboard needs from its surroundings: a store that commits, connections, and who listens along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from whiteboard.ids import ClientId, Epoch, GroupId, PageNumber, PersonKey, RoomKey, Seq
from whiteboard.rows import BoardRow, GroupRow, PageRow, RoomRow, TurnRow


@dataclass(frozen=True, slots=True)
class LoggedUpdate:
    """One update of a page as it stands in the log. `at_ms`: the server's clock, Unix ms."""

    seq: Seq
    at_ms: int
    client: ClientId
    person: PersonKey
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    A page's document up to `seq`: `state` is a Yjs update v1 of all of it, `index` the gate's own table
    (`whiteboard.document.index`), which cannot be derived from `state`.
    """

    seq: Seq
    at_ms: int
    state: bytes
    index: bytes


@dataclass(frozen=True, slots=True)
class StoredPage:
    """What a page is rebuilt from: the newest whole snapshot, if any, and the log after it."""

    epoch: Epoch
    clients: Mapping[ClientId, PersonKey]
    snapshot: Snapshot | None
    tail: Sequence[LoggedUpdate]


class PageStore(Protocol):
    """
    The durable log of a room's pages. A page exists from `MetaStore.save` of its row on, empty under epoch 1. Each
    method returns after its commit; they raise the store's own errors, which the caller treats as "not stored".
    """

    async def load(self, room: RoomKey, page: PageNumber) -> StoredPage:
        """A page's newest epoch. Raises KeyError when there is no such page."""

    async def append(self, room: RoomKey, page: PageNumber, epoch: Epoch, updates: Sequence[LoggedUpdate]) -> None:
        """Adds to the log. A seq that is taken already raises: somebody else owns the page."""

    async def give_clients(
        self, room: RoomKey, page: PageNumber, epoch: Epoch, clients: Mapping[ClientId, PersonKey]
    ) -> None:
        """Binds client ids to persons, for ever; binding one to the same person again is fine."""

    async def keep_snapshot(self, room: RoomKey, page: PageNumber, epoch: Epoch, snapshot: Snapshot) -> None:
        """Stores a snapshot beside the log."""

    async def begin_epoch(
        self,
        room: RoomKey,
        page: PageNumber,
        epoch: Epoch,
        clients: Mapping[ClientId, PersonKey],
        snapshot: Snapshot,
    ) -> None:
        """A page is rewritten: the first snapshot of its new epoch and the owners of its client ids, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMeta:
    """All rows of a room, removed ones too; `room` is None when it has no boards yet."""

    room: RoomRow | None = None
    boards: Sequence[BoardRow] = ()
    pages: Sequence[PageRow] = ()
    groups: Sequence[GroupRow] = ()
    names: Mapping[PersonKey, str] = field(default_factory=dict)
    """Names of persons who have written on the room's pages, as far as they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaChanges:
    """
    Rows to be added or written over in one transaction, and turns to be added. A page's `epoch` counts only for a new
    page: `begin_epoch` is what raises it. `begun`: what new pages begin with that are copies of others, stored in the
    same transaction as `begin_epoch` would store it; other new pages begin empty.
    """

    room: RoomRow | None = None
    boards: Sequence[BoardRow] = ()
    pages: Sequence[PageRow] = ()
    groups: Sequence[GroupRow] = ()
    groups_gone: Sequence[GroupId] = ()
    turns: Sequence[TurnRow] = ()
    begun: Mapping[PageNumber, StoredPage] = field(default_factory=dict)


class MetaStore(Protocol):
    """The durable rows of a room's boards. Methods raise the store's own errors, as those of PageStore do."""

    async def load(self, room: RoomKey) -> StoredMeta:
        """Everything."""

    async def save(self, room: RoomKey, changes: MetaChanges) -> None:
        """Returns after the commit, or raises and has stored nothing; the same changes may come again."""


class History(Protocol):
    """What was, for recordings: log and turns of a time window. Times are Unix ms."""

    async def pages_of(self, room: RoomKey, since_ms: int, until_ms: int) -> Sequence[tuple[PageNumber, Epoch]]:
        """Every page and epoch that has log entries in [since, until), and the epochs that pages had at `since`."""

    async def page_at(self, room: RoomKey, page: PageNumber, epoch: Epoch, at_ms: int) -> StoredPage | None:
        """
        A page as it was at a time: a snapshot not later than that and the log after it, up to that time. `clients` are
        all of the epoch, later ones too.
        """

    async def updates(
        self, room: RoomKey, page: PageNumber, epoch: Epoch, since_ms: int, until_ms: int
    ) -> Sequence[LoggedUpdate]:
        """Log entries in [since, until), by seq."""

    async def turns(self, room: RoomKey, since_ms: int, until_ms: int) -> Sequence[TurnRow]:
        """Turns in [since, until) by time, and before them the last one that was earlier than `since`, if any."""


class Channel(Protocol):
    """One connection as the whiteboard sees it. Messages are whole and encoded (docs/protocol.md section 3)."""

    @property
    def buffered(self) -> int:
        """Bytes that wait in this process to be sent."""

    def close(self, code: int, reason: str) -> None:
        """Ends the connection with a WebSocket close code, after what is queued."""


class Wire(Protocol):
    """Sends messages; a message for many connections is framed once."""

    def binary(self, message: bytes, channels: Iterable[Channel]) -> None:
        """A binary message. Never blocks, never raises for a connection that is gone."""

    def text(self, message: bytes, channels: Iterable[Channel]) -> None:
        """A JSON message, encoded in UTF-8."""


class BoardTap(Protocol):
    """Who records a room's boards while it is live; called in the order of events, must return at once."""

    def update(self, page: PageNumber, epoch: Epoch, update: LoggedUpdate) -> None:
        """An update was accepted and handed to the log."""

    def turned(self, page: PageNumber | None, at_ms: int) -> None:
        """The class turned to a page, or (None) away from the boards."""

    def live(self, page: PageNumber, person: PersonKey, kind: int, payload: bytes, at_ms: int) -> None:
        """A live message: a pointer, a laser, ink under way (docs/protocol.md section 3.3)."""
