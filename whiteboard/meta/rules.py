"""Commands for rights, groups and settings."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import GroupId, PersonKey
from whiteboard.meta.document import Meta
from whiteboard.rights import Mode, PageRights, Rule
from whiteboard.rows import GroupRow
from whiteboard.wire.messages import GroupRemove, GroupSet, Rights, RuleBody, Settings


def set_rights(meta: Meta, command: Rights, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`rights`: what is left out stays as it is. A board's go to all its pages, private copies too, and new ones."""
    if (command.page is None) == (command.board is None):
        raise CommandRefused(Code.INVALID, "rights are those of a page or of a board")
    mode = command.mode
    rules = None if command.rules is None else _rules(command.rules)
    if command.page is not None:
        row = meta.page(command.page)
        meta.put_page(replace(row, mode=mode or row.mode, rules=row.rules if rules is None else rules))
        return {}
    assert command.board is not None, "one of them was looked at above"
    board = meta.board(command.board)
    for row in list(meta.pages.values()):
        if row.board == board.id and row.removed_at is None:
            meta.put_page(replace(row, mode=mode or row.mode, rules=row.rules if rules is None else rules))
    meta.put_board(replace(board, mode=mode or board.mode, rules=board.rules if rules is None else rules))
    return {}


def _rules(bodies: list[RuleBody]) -> tuple[Rule, ...]:
    try:
        rules = tuple(Rule.parse(body.subject, body.mode.value) for body in bodies)
        PageRights(Mode.LOCKED, rules)
    except ValueError as error:
        raise CommandRefused(Code.INVALID, str(error)[:200]) from None
    return rules


def set_group(meta: Meta, command: GroupSet, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`group_set`"""
    if command.group is not None:
        if command.group not in meta.groups:
            raise CommandRefused(Code.INVALID, "there is no such group")
        group = GroupId(command.group)
    else:
        if len(meta.groups) >= meta.config.groups:
            raise CommandRefused(Code.FULL, f"a room has {meta.config.groups} groups at most")
        group = GroupId(secrets.token_hex(8))
    persons = tuple(PersonKey(person) for person in dict.fromkeys(command.persons))
    meta.put_group(GroupRow(id=group, name=command.name, persons=persons))
    return {"group": group}


def remove_group(meta: Meta, command: GroupRemove, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`group_remove`"""
    if command.group not in meta.groups:
        raise CommandRefused(Code.INVALID, "there is no such group")
    meta.drop_group(GroupId(command.group))
    return {}


def settings(meta: Meta, command: Settings, _by: PersonKey, _now_ms: int) -> Mapping[str, str]:
    """`settings`"""
    meta.put_save_at_end(command.save_at_end)
    return {}
