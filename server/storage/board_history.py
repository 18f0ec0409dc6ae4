"""What was on a room's boards at a time: implements `whiteboard.History` for recordings."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection, select

from server.storage.board_log import PageId
from server.storage.board_rows import logged, read_clients, read_packed, unpack
from server.storage.board_tables import board_page, board_snapshot, board_turn, board_update
from server.storage.database import Database
from whiteboard import Epoch, LoggedUpdate, PageNumber, PersonKey, RoomKey, Snapshot, StoredPage, TurnRow


class BoardHistory:
    """Reads the log; times are Unix ms. Methods may raise ReadFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pages_of(self, room: RoomKey, since_ms: int, until_ms: int) -> Sequence[tuple[PageNumber, Epoch]]:
        """Pages and epochs with log entries in [since, until), and the epochs that pages had at `since`."""
        return await self._database.read(lambda c: _pages_of(c, room, since_ms, until_ms))

    async def page_at(self, room: RoomKey, page: PageNumber, epoch: Epoch, at_ms: int) -> StoredPage | None:
        """A page as it was at a time; None when there was none, or its epoch had not begun."""
        page_id = await self._database.read(lambda c: _page_id(c, room, page))
        if page_id is None:
            return None
        snapshots = await self._database.read(lambda c: _snapshots(c, page_id, epoch))
        if epoch > 1 and not any(first and began <= at_ms for _, first, began in snapshots):
            return None
        snapshot = None
        for seq in [seq for seq, _, stored_ms in snapshots if stored_ms <= at_ms]:
            snapshot = await self._snapshot(page_id, epoch, seq)
            if snapshot is not None:
                break
        after = 0 if snapshot is None else snapshot.seq
        clients = await self._database.read(lambda c: read_clients(c, page_id, epoch))
        rows = await self._database.read(lambda c: _rows(c, page_id, epoch, after, 0, at_ms + 1))
        return StoredPage(epoch, clients, snapshot, logged(rows, clients))

    async def _snapshot(self, page: PageId, epoch: Epoch, seq: int) -> Snapshot | None:
        packed = await self._database.read(lambda c: read_packed(c, page, epoch, seq))
        return None if packed is None else await asyncio.to_thread(unpack, packed)

    async def updates(
        self, room: RoomKey, page: PageNumber, epoch: Epoch, since_ms: int, until_ms: int
    ) -> Sequence[LoggedUpdate]:
        """Log entries in [since, until), by seq."""

        def query(connection: Connection) -> Sequence[LoggedUpdate]:
            page_id = _page_id(connection, room, page)
            if page_id is None:
                return []
            rows = _rows(connection, page_id, epoch, 0, since_ms, until_ms)
            return logged(rows, read_clients(connection, page_id, epoch))

        return await self._database.read(query)

    async def turns(self, room: RoomKey, since_ms: int, until_ms: int) -> Sequence[TurnRow]:
        """Turns in [since, until) by time, and before them the last earlier one, if any."""
        return await self._database.read(lambda c: _turns(c, room, since_ms, until_ms))


def _page_id(connection: Connection, room: RoomKey, page: PageNumber) -> PageId | None:
    found = connection.scalar(select(board_page.c.id).where(board_page.c.room_id == room, board_page.c.number == page))
    return None if found is None else PageId(found)


def _snapshots(connection: Connection, page: PageId, epoch: Epoch) -> list[tuple[int, bool, int]]:
    """(seq, first, at_ms), the newest first."""
    columns = board_snapshot.c
    rows = connection.execute(
        select(columns.seq, columns.first, columns.at_ms)
        .where(columns.page_id == page, columns.epoch == epoch)
        .order_by(columns.seq.desc())
    )
    return [tuple(row) for row in rows]


def _rows(
    connection: Connection, page: PageId, epoch: Epoch, after: int, since_ms: int, until_ms: int
) -> list[tuple[int, int, int, bytes]]:
    columns = board_update.c
    rows = connection.execute(
        select(columns.seq, columns.at_ms, columns.client, columns.data)
        .where(columns.page_id == page, columns.epoch == epoch, columns.seq > after)
        .where(columns.at_ms >= since_ms, columns.at_ms < until_ms)
        .order_by(columns.seq)
    )
    return [tuple(row) for row in rows]


def _pages_of(connection: Connection, room: RoomKey, since_ms: int, until_ms: int) -> list[tuple[PageNumber, Epoch]]:
    written = connection.execute(
        select(board_page.c.number, board_update.c.epoch)
        .join(board_update, board_update.c.page_id == board_page.c.id)
        .where(board_page.c.room_id == room)
        .where(board_update.c.at_ms >= since_ms, board_update.c.at_ms < until_ms)
        .distinct()
    )
    found = {(PageNumber(number), Epoch(epoch)) for number, epoch in written}
    began = connection.execute(
        select(board_page.c.number, board_snapshot.c.epoch)
        .join(board_snapshot, board_snapshot.c.page_id == board_page.c.id)
        .where(board_page.c.room_id == room, board_snapshot.c.first.is_(True), board_snapshot.c.at_ms <= since_ms)
        .order_by(board_snapshot.c.epoch)
    )
    # A page is empty under epoch 1 until a later one begins.
    numbers = connection.scalars(select(board_page.c.number).where(board_page.c.room_id == room))
    at_since = {PageNumber(number): Epoch(1) for number in numbers}
    at_since |= {PageNumber(number): Epoch(epoch) for number, epoch in began}
    return sorted(found | set(at_since.items()))


def _turns(connection: Connection, room: RoomKey, since_ms: int, until_ms: int) -> list[TurnRow]:
    columns = (board_turn.c.page, board_turn.c.person, board_turn.c.at_ms)
    of_room = select(*columns).where(board_turn.c.room_id == room)
    earlier = connection.execute(
        of_room.where(board_turn.c.at_ms < since_ms)
        .order_by(board_turn.c.at_ms.desc(), board_turn.c.id.desc())
        .limit(1)
    ).all()
    within = connection.execute(
        of_room.where(board_turn.c.at_ms >= since_ms, board_turn.c.at_ms < until_ms).order_by(
            board_turn.c.at_ms, board_turn.c.id
        )
    ).all()
    return [
        TurnRow(None if row.page is None else PageNumber(row.page), PersonKey(row.person or ""), row.at_ms)
        for row in [*earlier, *within]
    ]
