"""Private copies: each officer's own of a tutor's page (`hand_out`, `collect`, `show`)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import PageNumber, PersonKey
from whiteboard.meta.document import Meta
from whiteboard.meta.pages import put_new
from whiteboard.ports import StoredPage
from whiteboard.rights import Mode
from whiteboard.rows import PageRow, TurnRow
from whiteboard.wire.messages import Collect, Show


def hand_out(meta: Meta, page: PageNumber, persons: Iterable[PersonKey], begun: StoredPage) -> int:
    """
    A copy for each person who has none, and open ones again for those who have; the number of copies. From now on
    `missing` finds those who come later. Raises CommandRefused.
    """
    row = can_be_handed_out(meta, page)
    _give(meta, row, persons, begun)
    for copy in _living_copies(meta, row):
        if copy.mode is Mode.TUTORS:
            meta.put_page(replace(copy, mode=_mode(row)))
    if not row.handed_out:
        meta.put_page(replace(row, handed_out=True))
    return len(_living_copies(meta, row))


def can_be_handed_out(meta: Meta, page: int) -> PageRow:
    """Raises CommandRefused."""
    row = meta.page(page)
    if row.copy_of is not None:
        raise CommandRefused(Code.INVALID, "a private copy is not handed out")
    return row


def give_late(meta: Meta, page: PageNumber, person: PersonKey, begun: StoredPage) -> None:
    """The copy of somebody who came later, if the page is still handed out and he has none."""
    row = meta.pages.get(page)
    if row is not None and row.handed_out and row.removed_at is None and person not in meta.copies_of(page):
        _give(meta, row, (person,), begun)


def missing(meta: Meta, person: PersonKey) -> list[PageNumber]:
    """Pages that are handed out and of which a person has no copy."""
    return [
        row.number
        for row in meta.pages.values()
        if row.handed_out and row.removed_at is None and person not in meta.copies_of(row.number)
    ]


def collect(meta: Meta, command: Collect, _by: PersonKey, _now_ms: int) -> Mapping[str, int]:
    """`collect`: officers write no more on their copies; tutors may still mark them."""
    row = meta.page(command.page)
    for copy in _living_copies(meta, row):
        # Rules that a whole board was given reach its copies too, and would hold against the mode.
        if copy.mode is not Mode.TUTORS or copy.rules:
            meta.put_page(replace(copy, mode=Mode.TUTORS, rules=()))
    meta.put_page(replace(row, handed_out=False))
    return {}


def show(meta: Meta, command: Show, by: PersonKey, now_ms: int) -> Mapping[str, int]:
    """`show`: the class does not follow a copy that is private again."""
    row = meta.page(command.page)
    if row.copy_of is None:
        raise CommandRefused(Code.INVALID, "this page is no private copy")
    meta.put_page(replace(row, shown=command.shown))
    if not command.shown and meta.room.turn == row.number:
        meta.put_turn(TurnRow(None, by, now_ms))
    return {}


def _give(meta: Meta, row: PageRow, persons: Iterable[PersonKey], begun: StoredPage) -> None:
    has = meta.copies_of(row.number)
    new = [person for person in persons if person not in has]
    if sum(page.copy_of is not None for page in meta.pages.values()) + len(new) > meta.config.copies:
        raise CommandRefused(Code.FULL, f"a room has {meta.config.copies} private copies at most")
    for person in new:
        copy = replace(
            row,
            epoch=begun.epoch,
            mode=_mode(row),
            rules=(),
            copy_of=row.number,
            owner=person,
            shown=False,
            handed_out=False,
        )
        put_new(meta, copy, begun)


def _mode(row: PageRow) -> Mode:
    """The tutor's shapes stay as they are on a copy, unless everybody may change everything on the page itself."""
    return Mode.SHARED if row.mode is Mode.SHARED else Mode.OWN


def _living_copies(meta: Meta, row: PageRow) -> list[PageRow]:
    rows = (meta.pages[number] for number in meta.copies_of(row.number).values() if number in meta.pages)
    return [copy for copy in rows if copy.removed_at is None]
