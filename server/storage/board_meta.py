"""Which boards, pages and groups a room has: implements `whiteboard.MetaStore` on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.storage.board_rows import Packed, pack
from server.storage.board_tables import (
    board,
    board_client,
    board_group,
    board_page,
    board_room,
    board_snapshot,
    board_turn,
)
from server.storage.boards import SessionOf
from server.storage.database import Database
from server.storage.ids import SessionId
from server.storage.tables import person
from whiteboard import (
    BoardId,
    BoardRow,
    Epoch,
    GroupId,
    GroupRow,
    MetaChanges,
    Mode,
    PageNumber,
    PageRow,
    Paper,
    PersonKey,
    RoomKey,
    RoomRow,
    Rule,
    Slide,
    Snapshot,
    StoredMeta,
    StoredPage,
    TurnRow,
)


class BoardMetaStore:
    """The rows of all rooms' boards. Methods may raise WriteFailed, ReadFailed or Conflict."""

    def __init__(self, database: Database, session_of: SessionOf = lambda _room: None) -> None:
        self._database = database
        self._session_of = session_of

    async def load(self, room: RoomKey) -> StoredMeta:
        """Everything."""
        return await self._database.read(lambda c: _load(c, room))

    async def save(self, room: RoomKey, changes: MetaChanges) -> None:
        """Returns after the commit; changes that are stored already do no harm."""
        packed: dict[PageNumber, Packed] = {}
        last: tuple[Snapshot, Packed] | None = None
        for number, page in changes.begun.items():
            if page.snapshot is not None:
                # The copies that are handed out all begin with the same one.
                if last is None or last[0] is not page.snapshot:
                    last = (page.snapshot, await asyncio.to_thread(pack, page.snapshot))
                packed[number] = last[1]
        session = self._session_of(room)
        await self._database.write(lambda c: _save(c, room, changes, packed, session))


_WRITERS = select(person.c.id, person.c.name).where(
    person.c.id.in_(
        select(board_client.c.person)
        .join(board_page, board_page.c.id == board_client.c.page_id)
        .where(board_page.c.room_id == bindparam("room"))
    )
)


def _load(connection: Connection, room: RoomKey) -> StoredMeta:
    def rows(table: Table) -> Sequence[RowMapping]:
        return connection.execute(select(table).where(table.c.room_id == room)).mappings().all()

    common = rows(board_room)
    return StoredMeta(
        room=_room_row(common[0]) if common else None,
        boards=[_board_row(row) for row in rows(board)],
        pages=[_page_row(row) for row in rows(board_page)],
        groups=[
            GroupRow(id=GroupId(row["id"]), name=row["name"], persons=tuple(map(PersonKey, row["persons"])))
            for row in rows(board_group)
        ],
        names={PersonKey(row.id): row.name for row in connection.execute(_WRITERS, {"room": room})},
    )


def _room_row(row: RowMapping) -> RoomRow:
    turn = None if row["turn"] is None else PageNumber(row["turn"])
    return RoomRow(save_at_end=row["save_at_end"], turn=turn, next_page=row["next_page"])


def _board_row(row: RowMapping) -> BoardRow:
    return BoardRow(
        id=BoardId(row["id"]),
        title=row["title"],
        position=row["position"],
        mode=Mode(row["mode"]),
        rules=_rules(row["rules"]),
        removed_at=row["removed_at"],
    )


def _page_row(row: RowMapping) -> PageRow:
    slide = row["slide"]
    return PageRow(
        number=PageNumber(row["number"]),
        board=BoardId(row["board_id"]),
        epoch=Epoch(row["epoch"]),
        title=row["title"],
        position=row["position"],
        width=row["width"],
        height=row["height"],
        paper=Paper(row["paper"]),
        slide=None if slide is None else Slide(slide["file"], slide["page"]),
        mode=Mode(row["mode"]),
        rules=_rules(row["rules"]),
        copy_of=None if row["copy_of"] is None else PageNumber(row["copy_of"]),
        owner=None if row["owner"] is None else PersonKey(row["owner"]),
        shown=row["shown"],
        handed_out=row["handed_out"],
        removed_at=row["removed_at"],
    )


def _rules(stored: Sequence[Sequence[str]]) -> tuple[Rule, ...]:
    return tuple(Rule.parse(subject, mode) for subject, mode in stored)


def _rules_out(rules: Sequence[Rule]) -> list[list[str]]:
    return [[rule.subject, rule.mode.value] for rule in rules]


def _save(
    connection: Connection,
    room: RoomKey,
    changes: MetaChanges,
    packed: Mapping[PageNumber, Packed],
    session: SessionId | None,
) -> None:
    if changes.room is not None:
        one = changes.room
        row = {"room_id": room, "save_at_end": one.save_at_end, "turn": one.turn, "next_page": one.next_page}
        _put(connection, board_room, ["room_id"], [row])
    _put(connection, board, ["room_id", "id"], [_board_values(room, row) for row in changes.boards])
    pages = [_page_values(room, row) for row in changes.pages]
    # Only a rewritten page gets another epoch, with its snapshot: a late save must not bring the old one back.
    _put(connection, board_page, ["room_id", "number"], pages, keep=["epoch"])
    groups = [{"room_id": room, "id": g.id, "name": g.name, "persons": list(g.persons)} for g in changes.groups]
    _put(connection, board_group, ["room_id", "id"], groups)
    if changes.groups_gone:
        connection.execute(
            delete(board_group).where(board_group.c.room_id == room, board_group.c.id.in_(changes.groups_gone))
        )
    for turn in changes.turns:
        _add_turn(connection, room, turn, session)
    for number, begun in changes.begun.items():
        _begin(connection, room, number, begun, packed.get(number))


def _board_values(room: RoomKey, row: BoardRow) -> dict[str, Any]:
    return {
        "room_id": room,
        "id": row.id,
        "title": row.title,
        "position": row.position,
        "mode": row.mode.value,
        "rules": _rules_out(row.rules),
        "removed_at": row.removed_at,
    }


def _page_values(room: RoomKey, row: PageRow) -> dict[str, Any]:
    return {
        "room_id": room,
        "number": row.number,
        "board_id": row.board,
        "epoch": row.epoch,
        "title": row.title,
        "position": row.position,
        "width": row.width,
        "height": row.height,
        "paper": row.paper.value,
        "slide": None if row.slide is None else {"file": row.slide.file, "page": row.slide.page},
        "mode": row.mode.value,
        "rules": _rules_out(row.rules),
        "copy_of": row.copy_of,
        "owner": row.owner,
        "shown": row.shown,
        "handed_out": row.handed_out,
        "removed_at": row.removed_at,
    }


def _add_turn(connection: Connection, room: RoomKey, turn: TurnRow, session: SessionId | None) -> None:
    known = select(board_turn.c.id).where(
        board_turn.c.room_id == room,
        board_turn.c.at_ms == turn.at_ms,
        board_turn.c.person == turn.person,
        board_turn.c.page.is_(None) if turn.page is None else board_turn.c.page == turn.page,
    )
    if connection.execute(known).first() is None:
        values = {"room_id": room, "session_id": session, "page": turn.page, "person": turn.person}
        connection.execute(insert(board_turn).values(**values, at_ms=turn.at_ms))


def _begin(connection: Connection, room: RoomKey, number: PageNumber, begun: StoredPage, packed: Packed | None) -> None:
    of_page = (board_page.c.room_id == room, board_page.c.number == number)
    page_id = connection.execute(select(board_page.c.id).where(*of_page)).scalar_one()
    connection.execute(update(board_page).where(*of_page).values(epoch=begun.epoch))
    key = {"page_id": page_id, "epoch": begun.epoch}
    clients = [{**key, "client": client, "person": person} for client, person in begun.clients.items()]
    _put(connection, board_client, ["page_id", "epoch", "client"], clients)
    if packed is not None:
        row = {**key, "seq": packed.seq, "first": True, "at_ms": packed.at_ms}
        row |= {"state": packed.state, "index": packed.index}
        _put(connection, board_snapshot, ["page_id", "epoch", "seq"], [row])


def _put(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    rows: Sequence[dict[str, Any]],
    *,
    keep: Sequence[str] = (),
) -> None:
    """Adds rows or writes over those with the same keys, except for the columns `keep`."""
    if not rows:
        return
    # Two dialects, one spelling; SQLAlchemy has no common type of it.
    into: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    given = {name: into.excluded[name] for name in rows[0] if name not in keys and name not in keep}
    connection.execute(into.on_conflict_do_update(index_elements=list(keys), set_=given), list(rows))
