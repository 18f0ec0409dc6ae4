"""
Who sees which page, what he may do there, and how it is told: pages, boards and groups as messages. A page's JSON is
made once for all; what differs between connections is put behind it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from whiteboard.ids import PageNumber, PersonKey
from whiteboard.meta import Meta
from whiteboard.meta.document import rights_of
from whiteboard.people import Member
from whiteboard.rights import PageRights, Right, Who, may_see, right_of
from whiteboard.room.seats import Seat
from whiteboard.rows import BoardRow, GroupRow, PageRow

ShapeCount = Callable[[PageNumber], int | None]
"""The shapes of a page, None when that is not known because it is not loaded."""


class Views:
    """Reads the meta document; keeps what it has encoded until a page changes."""

    def __init__(self, meta: Meta, shapes: ShapeCount) -> None:
        self._meta = meta
        self._shapes = shapes
        self._made: dict[tuple[PageNumber, bool], tuple[PageRow, int | None, bytes]] = {}

    def sees(self, member: Member, row: PageRow) -> bool:
        """Removed pages are told to those who can restore them, and nobody can open them."""
        return _sees(self._meta.who(member.person, member.role), row, rights_of(row))

    def right(self, member: Member, row: PageRow) -> Right:
        """What a person may do there now."""
        return _right(self._meta.who(member.person, member.role), row, rights_of(row))

    def first(self, seat: Seat) -> bytes:
        """All pages for somebody who comes: a JSON list. Notes what he was told."""
        parts = []
        for row in self._meta.pages.values():
            if self.sees(seat.member, row):
                right = seat.told[row.number] = self.right(seat.member, row)
                parts.append(self._page(row, seat.member.role.manages, right))
        return b"[" + b",".join(parts) + b"]"

    def changes(
        self,
        numbers: Iterable[PageNumber],
        seats: Iterable[Seat],
        changed_right: Callable[[Seat, PageNumber, Right | None], None],
    ) -> dict[bytes, list[Seat]]:
        """
        The inside of a `pages` message for each seat, those with the same together. `changed_right` hears of every
        right that is another one now, None for a page that is not seen any more.
        """
        rows = [self._meta.pages[number] for number in numbers if number in self._meta.pages]
        ruled = {row.number: (row, rights_of(row)) for row in rows}
        # Who does not manage is not even asked about the private copies of others: 200 officers with five each would
        # stop everything for a quarter of a second.
        open_to_all = [number for number, (_, rights) in ruled.items() if rights.copy_owner is None or rights.shown]
        private: dict[PersonKey | None, list[PageNumber]] = {}
        for number, (_, rights) in ruled.items():
            if rights.copy_owner is not None and not rights.shown:
                private.setdefault(rights.copy_owner, []).append(number)
        hidden = {number for numbers in private.values() for number in numbers}
        told: dict[bytes, list[Seat]] = {}
        for seat in seats:
            who = self._meta.who(seat.member.person, seat.member.role)
            manages = who.role.manages
            parts, gone = [], []
            concerned: Iterable[PageNumber] = ruled
            if not manages:
                concerned = {*open_to_all, *private.get(who.person, ()), *(hidden & seat.told.keys())}
            for row, rights in map(ruled.__getitem__, sorted(concerned)):
                before = seat.told.get(row.number)
                if not _sees(who, row, rights):
                    if before is not None:
                        del seat.told[row.number]
                        gone.append(row.number)
                        changed_right(seat, row.number, None)
                    continue
                right = _right(who, row, rights)
                if right != before or row.removed_at is not None:
                    seat.told[row.number] = right
                    changed_right(seat, row.number, None if row.removed_at is not None else right)
                parts.append(self._page(row, manages, right if right != before else None))
            inside = b'"pages":[' + b",".join(parts) + b'],"gone":' + orjson.dumps(gone)
            told.setdefault(inside, []).append(seat)
        return told

    def boards(self) -> list[dict[str, Any]]:
        """All boards."""
        return [board_body(row) for row in self._meta.living_boards()]

    def groups(self) -> list[dict[str, Any]]:
        """All groups."""
        return [group_body(row) for row in self._meta.groups.values()]

    def _page(self, row: PageRow, manages: bool, right: Right | None) -> bytes:
        shapes = self._shapes(row.number)
        made = self._made.get((row.number, manages))
        if made is None or made[0] is not row or made[1] != shapes:
            body = orjson.dumps(page_body(row, shapes, manages=manages))
            made = self._made[row.number, manages] = (row, shapes, body[:-1])
        return made[2] + _RIGHT[right]


_RIGHT: Mapping[Right | None, bytes] = {
    None: b"}",
    **{right: b',"right":"%s"}' % right.word.encode() for right in Right},
}


def _sees(who: Who, row: PageRow, rights: PageRights) -> bool:
    if row.removed_at is not None:
        return who.role.manages and row.copy_of is None
    return may_see(rights, who)


def _right(who: Who, row: PageRow, rights: PageRights) -> Right:
    return Right.NONE if row.removed_at is not None else right_of(rights, who)


def board_body(row: BoardRow) -> dict[str, Any]:
    """Board"""
    return {"id": row.id, "title": row.title, "position": row.position}


def group_body(row: GroupRow) -> dict[str, Any]:
    """Group"""
    return {"id": row.id, "name": row.name, "persons": list(row.persons)}


def page_body(row: PageRow, shapes: int | None, *, manages: bool) -> dict[str, Any]:
    """Page, without `right`. Rules speak of persons, so only tutors and assistants are told them."""
    return {
        "number": row.number,
        "board": row.board,
        "epoch": row.epoch,
        "title": row.title,
        "position": row.position,
        "width": row.width,
        "height": row.height,
        "paper": row.paper.value,
        "slide": None if row.slide is None else {"file": row.slide.file, "page": row.slide.page},
        "mode": row.mode.value,
        "rules": [{"subject": rule.subject, "mode": rule.mode.value} for rule in row.rules] if manages else [],
        "copy_of": row.copy_of,
        "owner": row.owner,
        "shown": row.shown,
        "handed_out": row.handed_out,
        "removed": row.removed_at is not None,
        # A page that was not read yet may have any: clients that fetch ahead look for themselves.
        "shapes": 1 if shapes is None else shapes,
    }
