"""The boards' pages in the database: implements `whiteboard.PageStore` on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from server.storage.board_log import BoardLog, BoardLogConfig, PageId
from server.storage.board_rows import Packed, logged, pack, read_clients, read_packed, unpack
from server.storage.board_tables import board_client, board_page, board_snapshot, board_update
from server.storage.database import Database
from server.storage.errors import Conflict, ReadFailed, StorageFault, WriteFailed
from server.storage.ids import SessionId
from whiteboard import ClientId, Epoch, LoggedUpdate, PageNumber, PersonKey, RoomKey, Seq, Snapshot, StoredPage

_log = structlog.get_logger("server.storage")

KEPT_SNAPSHOTS = 2
"""Newest snapshots of an epoch that stay: should one be damaged, the page is rebuilt from the other and the log."""

_KNOWN_ROOMS = 2_000

SessionOf = Callable[[RoomKey], SessionId | None]


class BoardStore:
    """
    The durable log of all boards. `run` must be running while updates are appended. Every method may raise
    WriteFailed or ReadFailed.
    """

    def __init__(
        self, database: Database, session_of: SessionOf = lambda _room: None, config: BoardLogConfig | None = None
    ) -> None:
        self.log = BoardLog(database, config)
        self._database = database
        self._session_of = session_of
        self._pages: dict[RoomKey, dict[PageNumber, PageId]] = {}

    async def run(self) -> None:
        """Commits what is appended; returns after `close`, when all is stored."""
        await self.log.run()

    def close(self) -> None:
        """Refuses further appends."""
        self.log.close()

    async def load(self, room: RoomKey, page: PageNumber) -> StoredPage:
        """
        The newest snapshot that is whole and the log after it. Raises KeyError for an unknown page, ReadFailed(CORRUPT)
        when what its epoch began with is damaged.
        """
        page_id = await self._id(room, page)
        head = await self._database.read(lambda c: _read_head(c, page_id))
        snapshot: Snapshot | None = None
        for seq in head.snapshots:
            snapshot = await self._read_snapshot(page_id, head.epoch, seq)
            if snapshot is not None:
                break
            _log.error("snapshot_damaged", page=page_id, epoch=head.epoch, seq=seq)
        if snapshot is None and head.begun_with_snapshot:
            raise ReadFailed(StorageFault.CORRUPT, "What the page's epoch began with is damaged.")
        after = 0 if snapshot is None else snapshot.seq
        rows = await self._database.read(lambda c: _read_tail(c, page_id, head.epoch, after))
        return StoredPage(head.epoch, head.clients, snapshot, logged(rows, head.clients))

    async def append(self, room: RoomKey, page: PageNumber, epoch: Epoch, updates: Sequence[LoggedUpdate]) -> None:
        """Adds to the log. Raises Conflict for a seq that is taken or an epoch that is over."""
        await self.log.append(await self._id(room, page), epoch, self._session_of(room), updates)

    async def give_clients(
        self, room: RoomKey, page: PageNumber, epoch: Epoch, clients: Mapping[ClientId, PersonKey]
    ) -> None:
        """Binds client ids to persons, for ever; all or none. Raises Conflict when one is somebody else's already."""
        page_id = await self._id(room, page)
        await self._database.write(lambda c: _give_clients(c, page_id, epoch, clients))

    async def keep_snapshot(self, room: RoomKey, page: PageNumber, epoch: Epoch, snapshot: Snapshot) -> None:
        """
        Stores a snapshot; older ones go once it was read back and is the same (log rows never do). Raises
        WriteFailed(CORRUPT) when what is read back differs: then the older ones stay.
        """
        page_id = await self._id(room, page)
        packed = await asyncio.to_thread(pack, snapshot)
        await self._database.write(lambda c: _put_snapshot(c, page_id, epoch, packed))
        if await self._read_snapshot(page_id, epoch, snapshot.seq) != snapshot:
            await self._database.write(lambda c: _delete_snapshot(c, page_id, epoch, snapshot.seq))
            raise WriteFailed(StorageFault.CORRUPT, "A board's snapshot was not stored as it was given.")
        await self._database.write(lambda c: _prune(c, page_id, epoch))

    async def begin_epoch(
        self,
        room: RoomKey,
        page: PageNumber,
        epoch: Epoch,
        clients: Mapping[ClientId, PersonKey],
        snapshot: Snapshot,
    ) -> None:
        """Rewrites a page at once. Raises Conflict when the epoch is over or has begun already."""
        page_id = await self._id(room, page)
        packed = await asyncio.to_thread(pack, snapshot)
        await self._database.write(lambda c: _begin_epoch(c, page_id, epoch, clients, packed))

    async def newest(self, room: RoomKey) -> int:
        """When something was last written on a room's pages, Unix ms; 0 = never. Raises ReadFailed."""
        query = (
            select(func.max(board_update.c.at_ms))
            .join(board_page, board_page.c.id == board_update.c.page_id)
            .where(board_page.c.room_id == room)
        )
        return await self._database.read(lambda c: c.scalar(query)) or 0

    async def _read_snapshot(self, page_id: PageId, epoch: Epoch, seq: Seq) -> Snapshot | None:
        packed = await self._database.read(lambda c: read_packed(c, page_id, epoch, seq))
        return None if packed is None else await asyncio.to_thread(unpack, packed)

    async def _id(self, room: RoomKey, page: PageNumber) -> PageId:
        # The room that was used last is the last one to be forgotten; rooms come and go for years.
        known = self._pages[room] = self._pages.pop(room, {})
        if len(self._pages) > _KNOWN_ROOMS:
            del self._pages[next(iter(self._pages))]
        if page not in known:
            found = await self._database.read(
                lambda c: c.scalar(
                    select(board_page.c.id).where(board_page.c.room_id == room, board_page.c.number == page)
                )
            )
            if found is None:
                raise KeyError(page)
            known[page] = PageId(found)
        return known[page]


@dataclass(frozen=True, slots=True)
class _Head:
    epoch: Epoch
    clients: dict[ClientId, PersonKey]
    snapshots: list[Seq]
    """Newest first."""
    begun_with_snapshot: bool


def _read_head(connection: Connection, page_id: PageId) -> _Head:
    epoch = connection.execute(select(board_page.c.epoch).where(board_page.c.id == page_id)).scalar_one()
    snapshots = connection.execute(
        select(board_snapshot.c.seq, board_snapshot.c.first)
        .where(board_snapshot.c.page_id == page_id, board_snapshot.c.epoch == epoch)
        .order_by(board_snapshot.c.seq.desc())
    ).all()
    return _Head(
        Epoch(epoch),
        read_clients(connection, page_id, Epoch(epoch)),
        [Seq(row.seq) for row in snapshots],
        any(row.first for row in snapshots),
    )


def _read_tail(connection: Connection, page_id: PageId, epoch: int, after: int) -> list[tuple[int, int, int, bytes]]:
    rows = connection.execute(
        select(board_update.c.seq, board_update.c.at_ms, board_update.c.client, board_update.c.data)
        .where(board_update.c.page_id == page_id, board_update.c.epoch == epoch, board_update.c.seq > after)
        .order_by(board_update.c.seq)
    )
    return [tuple(row) for row in rows]


_OWNERS = select(board_client.c.client, board_client.c.person).where(
    board_client.c.page_id == bindparam("page"),
    board_client.c.epoch == bindparam("epoch"),
    board_client.c.client.in_(bindparam("clients", expanding=True)),
)


def _give_clients(connection: Connection, page_id: PageId, epoch: Epoch, clients: Mapping[ClientId, PersonKey]) -> None:
    found = connection.execute(_OWNERS, {"page": page_id, "epoch": epoch, "clients": list(clients)})
    # Some are there already when the answer to an earlier try was lost.
    owners = {ClientId(row.client): row.person for row in found}
    if any(clients[client] != person for client, person in owners.items()):
        raise Conflict("The client id is another person's.")
    rows = [
        {"page_id": page_id, "epoch": epoch, "client": client, "person": person}
        for client, person in clients.items()
        if client not in owners
    ]
    if rows:
        connection.execute(insert(board_client), rows)


def _insert_snapshot(connection: Connection, page_id: PageId, epoch: int, packed: Packed, *, first: bool) -> None:
    row = {"page_id": page_id, "epoch": epoch, "seq": packed.seq, "first": first, "at_ms": packed.at_ms}
    connection.execute(insert(board_snapshot), {**row, "state": packed.state, "index": packed.index})


def _put_snapshot(connection: Connection, page_id: PageId, epoch: int, packed: Packed) -> None:
    """The same may come again: when the answer to an earlier try was lost."""
    _delete_snapshot(connection, page_id, epoch, packed.seq)
    _insert_snapshot(connection, page_id, epoch, packed, first=False)


def _delete_snapshot(connection: Connection, page_id: PageId, epoch: int, seq: int) -> None:
    snapshot = board_snapshot.c
    connection.execute(
        delete(board_snapshot).where(
            snapshot.page_id == page_id, snapshot.epoch == epoch, snapshot.seq == seq, snapshot.first.is_(False)
        )
    )


def _prune(connection: Connection, page_id: PageId, epoch: int) -> None:
    snapshot = board_snapshot.c
    of_epoch = (snapshot.page_id == page_id, snapshot.epoch == epoch, snapshot.first.is_(False))
    seqs = connection.scalars(select(snapshot.seq).where(*of_epoch).order_by(snapshot.seq.desc())).all()
    if len(seqs) > KEPT_SNAPSHOTS:
        connection.execute(delete(board_snapshot).where(*of_epoch, snapshot.seq < seqs[KEPT_SNAPSHOTS - 1]))


def _begin_epoch(
    connection: Connection, page_id: PageId, epoch: int, clients: Mapping[ClientId, PersonKey], packed: Packed
) -> None:
    # The condition is part of the update: of two owners of a page only one can rewrite it.
    won = connection.execute(
        update(board_page).where(board_page.c.id == page_id, board_page.c.epoch <= epoch).values(epoch=epoch)
    )
    if won.rowcount != 1:
        raise Conflict("The page was rewritten under a later epoch.")
    if clients:
        rows = [
            {"page_id": page_id, "epoch": epoch, "client": client, "person": person}
            for client, person in clients.items()
        ]
        connection.execute(insert(board_client), rows)
    _insert_snapshot(connection, page_id, epoch, packed, first=True)
