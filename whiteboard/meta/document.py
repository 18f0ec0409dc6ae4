"""A room's boards, pages and groups in memory, what of them is still to be stored, and what is still to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whiteboard.config import BoardConfig
from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import BoardId, GroupId, PageNumber, PersonKey
from whiteboard.meta.positions import TOO_LONG, between, spread
from whiteboard.ports import MetaChanges, StoredMeta, StoredPage
from whiteboard.rights import PageRights, Role, Who
from whiteboard.rows import BoardRow, GroupRow, PageRow, RoomRow, TurnRow

_DAY_MS = 86_400_000


@dataclass(slots=True)
class Delta:
    """What changed since it was told last."""

    pages: dict[PageNumber, None] = field(default_factory=dict)
    boards: dict[BoardId, None] = field(default_factory=dict)
    groups: bool = False
    turn: TurnRow | None = None
    settings: bool = False

    def __bool__(self) -> bool:
        return bool(self.pages or self.boards or self.groups or self.turn or self.settings)


class Meta:
    """
    The rows. They are changed by `put_...` alone, which notes what `take_changes` (for the store) and `take_delta`
    (for the connections) give out.
    """

    def __init__(self, stored: StoredMeta, config: BoardConfig, now_ms: int) -> None:
        self.config = config
        self.room = stored.room or RoomRow()
        self.boards: dict[BoardId, BoardRow] = {row.id: row for row in stored.boards}
        oldest = now_ms - config.removed_days * _DAY_MS
        self.pages: dict[PageNumber, PageRow] = {
            row.number: row for row in stored.pages if row.removed_at is None or row.removed_at > oldest
        }
        self.groups: dict[GroupId, GroupRow] = {row.id: row for row in stored.groups}
        self._copies: dict[PageNumber, dict[PersonKey, PageNumber]] = {}
        for row in self.pages.values():
            self._note_copy(row)
        self._groups_of: dict[PersonKey, frozenset[GroupId]] | None = None
        self._delta = Delta()
        self._dirty = _Dirty()

    def page(self, number: int) -> PageRow:
        """A page that is not removed. Raises CommandRefused(UNKNOWN_PAGE)."""
        row = self.pages.get(PageNumber(number))
        if row is None or row.removed_at is not None:
            raise CommandRefused(Code.UNKNOWN_PAGE, "there is no such page")
        return row

    def board(self, board: str) -> BoardRow:
        """A board that is not removed. Raises CommandRefused(UNKNOWN_BOARD)."""
        row = self.boards.get(BoardId(board))
        if row is None or row.removed_at is not None:
            raise CommandRefused(Code.UNKNOWN_BOARD, "there is no such board")
        return row

    def living_boards(self) -> list[BoardRow]:
        """Boards in their order."""
        found = [row for row in self.boards.values() if row.removed_at is None]
        return sorted(found, key=lambda row: (row.position, row.id))

    def pages_of(self, board: BoardId) -> list[PageRow]:
        """A board's pages in their order, without private copies and removed ones."""
        found = [
            row for row in self.pages.values() if row.board == board and row.removed_at is None and row.copy_of is None
        ]
        return sorted(found, key=lambda row: (row.position, row.number))

    def copies_of(self, page: PageNumber) -> Mapping[PersonKey, PageNumber]:
        """The private copies of a page by whose they are, removed ones too."""
        return self._copies.get(page, {})

    def count_pages(self) -> int:
        """Pages of the room that are not removed, private copies not counted."""
        return sum(row.removed_at is None and row.copy_of is None for row in self.pages.values())

    def who(self, person: PersonKey, role: Role) -> Who:
        """A person as rules see him."""
        if self._groups_of is None:
            gathered: dict[PersonKey, set[GroupId]] = {}
            for group in self.groups.values():
                for member in group.persons:
                    gathered.setdefault(member, set()).add(group.id)
            self._groups_of = {member: frozenset(groups) for member, groups in gathered.items()}
        return Who(person, role, self._groups_of.get(person, frozenset()))

    def put_room(self, **fields: Any) -> None:
        """Changes the room's own row."""
        self.room = replace(self.room, **fields)
        self._dirty.room = True

    def put_board(self, row: BoardRow) -> None:
        """A new board, or one that changed."""
        self.boards[row.id] = row
        self._dirty.boards.add(row.id)
        self._delta.boards[row.id] = None

    def put_page(self, row: PageRow, begun: StoredPage | None = None) -> None:
        """A new page (with what it begins with, unless that is nothing), or one that changed."""
        self.pages[row.number] = row
        self._note_copy(row)
        self._dirty.pages.add(row.number)
        self._delta.pages[row.number] = None
        if begun is not None:
            self._dirty.begun[row.number] = begun

    def put_epoch(self, row: PageRow) -> None:
        """The same for an epoch that the page store knows already."""
        self.pages[row.number] = row
        self._delta.pages[row.number] = None

    def put_group(self, row: GroupRow) -> None:
        """A new group, or one that changed: the rights of every page with a rule for it are told anew."""
        self.groups[row.id] = row
        self._dirty.groups[row.id] = True
        self._group_changed(row.id)

    def drop_group(self, group: GroupId) -> None:
        """A group is gone; its rules stay and hold for nobody."""
        del self.groups[group]
        self._dirty.groups[group] = False
        self._group_changed(group)

    def put_turn(self, turn: TurnRow) -> None:
        """The class turns."""
        self.put_room(turn=turn.page)
        self._dirty.turns.append(turn)
        self._delta.turn = turn

    def put_save_at_end(self, save: bool) -> None:
        """A setting."""
        self.put_room(save_at_end=save)
        self._delta.settings = True

    def new_number(self) -> PageNumber:
        """A page number that never was."""
        number = PageNumber(self.room.next_page)
        self.put_room(next_page=number + 1)
        return number

    def page_position(self, board: BoardId, after: int | None, moved: PageNumber | None = None) -> str:
        """
        A position on a board after page `after` (0: first, None: last). Raises CommandRefused(UNKNOWN_PAGE) when that
        is not on the board.
        """
        rows = [row for row in self.pages_of(board) if row.number != moved]
        if _crowded([row.position for row in rows]):
            for row, position in zip(rows, spread(len(rows)), strict=True):
                self.put_page(replace(row, position=position))
            rows = [self.pages[row.number] for row in rows]
        return _position([(row.number, row.position) for row in rows], after, 0, Code.UNKNOWN_PAGE)

    def board_position(self, after: str | None, moved: BoardId | None = None) -> str:
        """A position after board `after` ("": first, None: last). Raises CommandRefused(UNKNOWN_BOARD)."""
        rows = [row for row in self.living_boards() if row.id != moved]
        if _crowded([row.position for row in rows]):
            for row, position in zip(rows, spread(len(rows)), strict=True):
                self.put_board(replace(row, position=position))
            rows = [self.boards[row.id] for row in rows]
        return _position([(row.id, row.position) for row in rows], after, "", Code.UNKNOWN_BOARD)

    def take_delta(self) -> Delta:
        """What is to be told."""
        delta, self._delta = self._delta, Delta()
        return delta

    def begins_empty(self, page: PageNumber) -> bool:
        """Whether a page that was just made is no copy."""
        return page not in self._dirty.begun

    @property
    def unsaved(self) -> bool:
        """Whether there is something to be stored."""
        return bool(self._dirty)

    def take_changes(self) -> MetaChanges:
        """What is to be stored now, as it is now."""
        dirty, self._dirty = self._dirty, _Dirty()
        # Whatever refers to the room's boards needs its row.
        return MetaChanges(
            room=self.room,
            boards=[self.boards[board] for board in dirty.boards],
            pages=[self.pages[page] for page in dirty.pages],
            groups=[self.groups[group] for group, there in dirty.groups.items() if there],
            groups_gone=[group for group, there in dirty.groups.items() if not there],
            turns=dirty.turns,
            begun=dirty.begun,
        )

    def give_back(self, changes: MetaChanges) -> None:
        """They could not be stored: they come again, with what has changed since."""
        dirty = self._dirty
        dirty.room = True
        dirty.boards.update(row.id for row in changes.boards)
        dirty.pages.update(row.number for row in changes.pages)
        dirty.groups = {
            **dict.fromkeys((row.id for row in changes.groups), True),
            **dict.fromkeys(changes.groups_gone, False),
            **dirty.groups,
        }
        dirty.turns[:0] = changes.turns
        dirty.begun = {**changes.begun, **dirty.begun}

    def _group_changed(self, group: GroupId) -> None:
        self._groups_of = None
        self._delta.groups = True
        subject = f"group:{group}"
        for row in self.pages.values():
            if any(rule.subject == subject for rule in row.rules):
                self._delta.pages[row.number] = None

    def _note_copy(self, row: PageRow) -> None:
        if row.copy_of is not None and row.owner is not None:
            self._copies.setdefault(row.copy_of, {})[row.owner] = row.number


@dataclass(slots=True)
class _Dirty:
    room: bool = False
    boards: set[BoardId] = field(default_factory=set)
    pages: set[PageNumber] = field(default_factory=set)
    groups: dict[GroupId, bool] = field(default_factory=dict)
    turns: list[TurnRow] = field(default_factory=list)
    begun: dict[PageNumber, StoredPage] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.room or self.boards or self.pages or self.groups or self.turns or self.begun)


def rights_of(row: PageRow) -> PageRights:
    """A page's row as the rights see it."""
    return PageRights(row.mode, row.rules, row.owner if row.copy_of is not None else None, row.shown)


def _crowded(positions: Sequence[str]) -> bool:
    """Whether a list is to be numbered anew: what was restored may stand where something else was put meanwhile."""
    return len(set(positions)) < len(positions) or any(len(position) > TOO_LONG for position in positions)


def _position(rows: Iterable[tuple[object, str]], after: object, first: object, code: Code) -> str:
    listed = list(rows)
    if after is None:
        return between(listed[-1][1] if listed else None, None)
    if after == first:
        return between(None, listed[0][1] if listed else None)
    for at, (name, position) in enumerate(listed):
        if name == after:
            return between(position, listed[at + 1][1] if at + 1 < len(listed) else None)
    raise CommandRefused(code, "there is nothing of that name to come after")
