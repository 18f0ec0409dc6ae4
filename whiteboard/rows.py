"""What the store keeps of a room's boards beside the pages' documents, one value for each row."""

from dataclasses import dataclass
from enum import StrEnum

from whiteboard.ids import BoardId, Epoch, GroupId, PageNumber, PersonKey
from whiteboard.rights import Mode, Rule


class Paper(StrEnum):
    """What is printed on an empty page."""

    BLANK = "blank"
    GRID = "grid"
    RULED = "ruled"
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class Slide:
    """A page's background: a page (from 1) of a file of the room."""

    file: str
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRow:
    """What the boards of a room have in common. `next_page`: the number of the next new page."""

    save_at_end: bool = False
    turn: PageNumber | None = None
    next_page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A board; `mode` and `rules` are those of its new pages. `removed_at`: Unix ms."""

    id: BoardId
    title: str
    position: str
    mode: Mode
    rules: tuple[Rule, ...] = ()
    removed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A page; `copy_of` and `owner` are those of a private copy. `removed_at`: Unix ms."""

    number: PageNumber
    board: BoardId
    epoch: Epoch
    title: str
    position: str
    width: int
    height: int
    paper: Paper
    slide: Slide | None
    mode: Mode
    rules: tuple[Rule, ...] = ()
    copy_of: PageNumber | None = None
    owner: PersonKey | None = None
    shown: bool = False
    handed_out: bool = False
    removed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A named group of persons, for rules."""

    id: GroupId
    name: str
    persons: tuple[PersonKey, ...]


@dataclass(frozen=True, slots=True)
class TurnRow:
    """The class turned to a page, or (None) away from the boards. `at_ms`: Unix ms."""

    page: PageNumber | None
    person: PersonKey
    at_ms: int
