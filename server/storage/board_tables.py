"""The tables of boards and of a room's files, beside those of tables.py."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from server.storage.tables import ID, MS, metadata

_ROWID = BigInteger().with_variant(Integer, "sqlite")
_POSITION = String(128)
_KEY = String(64)
# Of rules, groups and slides: no value is NULL, as everywhere.
_JSON = JSON(none_as_null=True)

# What a room's boards have in common; the row is made with the room's first board.
board_room = Table(
    "board_room",
    metadata,
    Column("room_id", ID, ForeignKey("room.id"), primary_key=True),
    Column("save_at_end", Boolean, nullable=False),
    Column("turn", Integer),
    Column("next_page", Integer, nullable=False),
)

board = Table(
    "board",
    metadata,
    Column("room_id", ID, ForeignKey("room.id"), primary_key=True),
    Column("id", _KEY, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("position", _POSITION, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("rules", _JSON, nullable=False),
    Column("removed_at", MS),
)

# The log names a page by this short `id`: the room's own id would be a quarter of each of its rows.
board_page = Table(
    "board_page",
    metadata,
    Column("id", _ROWID, primary_key=True, autoincrement=True),
    Column("room_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("board_id", _KEY, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("position", _POSITION, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("paper", String(8), nullable=False),
    Column("slide", _JSON),
    Column("mode", String(8), nullable=False),
    Column("rules", _JSON, nullable=False),
    Column("copy_of", Integer),
    Column("owner", _KEY),
    Column("shown", Boolean, nullable=False),
    Column("handed_out", Boolean, nullable=False),
    Column("removed_at", MS),
    UniqueConstraint("room_id", "number"),
    ForeignKeyConstraint(["room_id", "board_id"], ["board.room_id", "board.id"]),
)

board_group = Table(
    "board_group",
    metadata,
    Column("room_id", ID, ForeignKey("room.id"), primary_key=True),
    Column("id", _KEY, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("persons", _JSON, nullable=False),
)

# Whose a Yjs client id is on a page and epoch; never changed. The log's rows find their person here.
board_client = Table(
    "board_client",
    metadata,
    Column("page_id", _ROWID, ForeignKey("board_page.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("client", BigInteger, primary_key=True),
    Column("person", _KEY, nullable=False),
)

board_update = Table(
    "board_update",
    metadata,
    Column("page_id", _ROWID, ForeignKey("board_page.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at_ms", MS, nullable=False),
    Column("client", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Which session a page's log belongs to, from `first_seq` on: a row for each, instead of 26 bytes in each update.
board_session = Table(
    "board_session",
    metadata,
    Column("page_id", _ROWID, ForeignKey("board_page.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("first_seq", Integer, primary_key=True),
    Column("session_id", ID, ForeignKey("session.id")),
)

# `first`: what an epoch began with; without it the epoch's log tells nothing, so it is never deleted.
board_snapshot = Table(
    "board_snapshot",
    metadata,
    Column("page_id", _ROWID, ForeignKey("board_page.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("first", Boolean, nullable=False),
    Column("at_ms", MS, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("index", LargeBinary, nullable=False),
)

board_turn = Table(
    "board_turn",
    metadata,
    Column("id", _ROWID, primary_key=True, autoincrement=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False),
    Column("session_id", ID, ForeignKey("session.id")),
    Column("page", Integer),
    Column("person", _KEY),
    Column("at_ms", MS, nullable=False),
    Index("ix_board_turn_room_id_at_ms", "room_id", "at_ms"),
)

file = Table(
    "file",
    metadata,
    Column("id", ID, primary_key=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("uploaded_by", ID, ForeignKey("person.id")),
    Column("created_at", MS, nullable=False),
    Column("removed_at", MS),
    Index("ix_file_room_id_created_at", "room_id", "created_at"),
)
