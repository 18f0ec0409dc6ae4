"""What the whiteboard needs from its surroundings: a store that commits, connections, and who listens along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from whiteboard.ids import ClientId, Epoch, PageNumber, PersonKey, RoomKey, Seq


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
    (`whiteboard.index`), which cannot be derived from `state`.
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
    The durable log of a room's pages. Each method returns after its commit; they raise the store's own errors,
    which the caller treats as "not stored".
    """

    async def load(self, room: RoomKey, page: PageNumber) -> StoredPage:
        """A page's newest epoch. Raises KeyError when there is no such page."""

    async def append(self, room: RoomKey, page: PageNumber, epoch: Epoch, updates: Sequence[LoggedUpdate]) -> None:
        """Adds to the log. A seq that is taken already raises: somebody else owns the page."""

    async def give_client(
        self, room: RoomKey, page: PageNumber, epoch: Epoch, client: ClientId, person: PersonKey
    ) -> None:
        """Binds a client id to a person, for ever."""

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

    def turned(self, page: PageNumber, at_ms: int) -> None:
        """The class turned to a page."""

    def live(self, page: PageNumber, person: PersonKey, kind: int, payload: bytes, at_ms: int) -> None:
        """A live message: a pointer, a laser, ink under way (docs/protocol.md section 3.3)."""
