"""Commands for boards."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import BoardId, PersonKey
from whiteboard.meta.document import Meta
from whiteboard.meta.pages import remove_pages
from whiteboard.rights import Mode
from whiteboard.rows import BoardRow
from whiteboard.wire.messages import BoardAdd, BoardChange, BoardRemove

_NEW_MODE = Mode.OWN


def add(meta: Meta, command: BoardAdd, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`board_add`"""
    return {"board": new_board(meta, command.title, command.after).id}


def new_board(meta: Meta, title: str, after: str | None = None) -> BoardRow:
    """A board without pages. Raises CommandRefused(FULL)."""
    if len(meta.living_boards()) >= meta.config.boards:
        raise CommandRefused(Code.FULL, f"a room has {meta.config.boards} boards at most")
    row = BoardRow(id=BoardId(secrets.token_hex(8)), title=title, position=meta.board_position(after), mode=_NEW_MODE)
    meta.put_board(row)
    return row


def change(meta: Meta, command: BoardChange, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`board_change`"""
    row = meta.board(command.board)
    if command.after is not None:
        row = replace(row, position=meta.board_position(command.after, moved=row.id))
    if command.title is not None:
        row = replace(row, title=command.title)
    meta.put_board(row)
    return {}


def remove(meta: Meta, command: BoardRemove, by: PersonKey, now_ms: int) -> Mapping[str, str]:
    """`board_remove`: its pages can be restored, and then it is there again."""
    row = meta.board(command.board)
    remove_pages(meta, [page for page in meta.pages.values() if page.board == row.id], by, now_ms)
    meta.put_board(replace(row, removed_at=now_ms))
    return {}
