"""The meta document: boards, pages, rights and groups, what is stored of each change, and positions."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteboard import (
    BoardConfig,
    BoardId,
    CommandRefused,
    Epoch,
    MetaChanges,
    Mode,
    PageNumber,
    PersonKey,
    StoredMeta,
    StoredPage,
)
from whiteboard.meta import Meta, apply, copies
from whiteboard.meta.positions import between, spread
from whiteboard.wire.messages import CLIENT_MESSAGES, MessageBroken, parse

TUTOR = PersonKey("tutor")
NOW = 1_800_000_000_000
DAY = 86_400_000
EMPTY = StoredPage(Epoch(1), {}, None, ())


class Book:
    """A meta document and what a store would have of it."""

    def __init__(self, config: BoardConfig | None = None) -> None:
        self.config = config or BoardConfig()
        self.stored = StoredMeta()
        self.meta = Meta(self.stored, self.config, NOW)

    def do(self, kind: str, now_ms: int = NOW, **fields: Any) -> Any:
        """A command of the tutor's; its answer."""
        command: Any = CLIENT_MESSAGES[kind].model_validate({"type": kind, **fields}, strict=False)
        return apply(self.meta, command, TUTOR, now_ms)

    def save(self) -> MetaChanges:
        """Stores what is to be stored."""
        changes = self.meta.take_changes()
        rows = {row.id: row for row in [*self.stored.boards, *changes.boards]}
        pages = {row.number: row for row in [*self.stored.pages, *changes.pages]}
        groups = {row.id: row for row in [*self.stored.groups, *changes.groups] if row.id not in changes.groups_gone}
        self.stored = StoredMeta(
            room=changes.room or self.stored.room,
            boards=list(rows.values()),
            pages=list(pages.values()),
            groups=list(groups.values()),
        )
        return changes

    def reload(self, now_ms: int = NOW) -> Meta:
        """What another process would have."""
        self.save()
        return Meta(self.stored, self.config, now_ms)

    def pages(self, board: str) -> list[int]:
        """A board's pages in their order."""
        return [row.number for row in self.meta.pages_of(BoardId(board))]


def book_of(count: int, config: BoardConfig | None = None) -> tuple[Book, str]:
    """A board with so many pages."""
    book = Book(config)
    board = book.do("board_add", title="One")["board"]
    for _ in range(count):
        book.do("page_add", board=board)
    return book, board


def test_pages_stand_where_they_are_put() -> None:
    book, board = book_of(3)
    book.do("page_add", board=board, after=0)
    book.do("page_add", board=board, after=2)
    assert book.pages(board) == [4, 1, 2, 5, 3]
    book.do("page_move", page=3, after=4)
    book.do("page_move", page=4)
    assert book.pages(board) == [3, 1, 2, 5, 4]
    other = book.do("board_add", title="Two", after="")["board"]
    book.do("page_move", page=2, board=other, after=0)
    assert book.pages(board) == [3, 1, 5, 4]
    assert book.pages(other) == [2]
    assert [row.title for row in book.meta.living_boards()] == ["Two", "One"]


def test_everything_is_there_after_it_was_stored_and_read() -> None:
    book, board = book_of(2)
    book.do("rights", board=board, mode="shared", rules=[{"subject": "role:officer", "mode": "own"}])
    book.do("group_set", name="A", persons=["x", "x", "y"])
    book.do("turn", page=2)
    book.do("settings", save_at_end=True)
    other = book.reload()
    assert (other.room, other.boards, other.pages, other.groups) == (
        book.meta.room,
        book.meta.boards,
        book.meta.pages,
        book.meta.groups,
    )
    assert not book.meta.unsaved


def test_only_what_changed_is_stored() -> None:
    book, _ = book_of(3)
    book.save()
    book.do("page_change", page=2, title="Sums", paper="grid")
    changes = book.save()
    assert [row.title for row in changes.pages] == ["Sums"]
    assert (changes.boards, changes.groups, changes.turns) == ([], [], [])


def test_what_could_not_be_stored_comes_again_with_what_has_changed_since() -> None:
    book, board = book_of(1)
    book.do("turn", page=1)
    group = book.do("group_set", name="A", persons=[])["group"]
    changes = book.meta.take_changes()
    book.do("page_change", page=1, title="Newer")
    book.do("group_remove", group=group)
    book.do("turn", page=None)
    book.meta.give_back(changes)
    again = book.save()
    assert [row.title for row in again.pages] == ["Newer"]
    assert [row.id for row in again.boards] == [board]
    assert [turn.page for turn in again.turns] == [1, None]
    assert (list(again.groups), list(again.groups_gone)) == ([], [group])


def test_a_removed_page_can_be_restored_for_thirty_days_with_its_board() -> None:
    book, board = book_of(2)
    book.do("turn", page=1)
    book.do("board_remove", board=board)
    assert book.meta.room.turn is None
    with pytest.raises(CommandRefused, match="unknown_page"):
        book.do("page_change", page=1, title="x")
    assert book.reload(NOW + 29 * DAY).pages[PageNumber(1)].removed_at == NOW
    assert PageNumber(1) not in book.reload(NOW + 31 * DAY).pages
    book.do("page_restore", pages=[2])
    assert [row.id for row in book.meta.living_boards()] == [board]
    assert book.pages(board) == [2]
    with pytest.raises(CommandRefused, match="unknown_page"):
        book.do("page_restore", pages=[2])


def test_a_number_is_never_given_twice() -> None:
    book, board = book_of(2)
    book.do("page_remove", pages=[1, 2])
    other = book.reload(NOW + 31 * DAY)
    book.meta = other
    assert book.do("page_add", board=board)["page"] == 3


def test_copies_go_and_come_with_their_page() -> None:
    book, _ = book_of(1)
    copies.hand_out(book.meta, PageNumber(1), [PersonKey("anna")], EMPTY)
    book.do("page_remove", pages=[1])
    assert all(row.removed_at for row in book.meta.pages.values())
    book.do("page_restore", pages=[1])
    assert not any(row.removed_at for row in book.meta.pages.values())


def test_rooms_are_full_at_their_limits() -> None:
    book, board = book_of(3, BoardConfig(boards=2, pages=3, groups=1, copies=1))
    with pytest.raises(CommandRefused, match="full"):
        book.do("page_add", board=board)
    book.do("board_add", title="Two")
    with pytest.raises(CommandRefused, match="full"):
        book.do("board_add", title="Three")
    book.do("group_set", name="A", persons=[])
    with pytest.raises(CommandRefused, match="full"):
        book.do("group_set", name="B", persons=[])
    with pytest.raises(CommandRefused, match="full"):
        copies.hand_out(book.meta, PageNumber(1), [PersonKey("anna"), PersonKey("bo")], EMPTY)
    copies.hand_out(book.meta, PageNumber(1), [PersonKey("anna")], EMPTY)
    assert book.meta.count_pages() == 3


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("page_add", {"board": "nowhere"}, "unknown_board"),
        ("board_change", {"board": "nowhere", "title": "x"}, "unknown_board"),
        ("page_move", {"page": 1, "after": 77}, "unknown_page"),
        ("page_remove", {"pages": [1, 77]}, "unknown_page"),
        ("rights", {"mode": "own"}, "invalid"),
        ("rights", {"page": 1, "rules": [{"subject": "role:king", "mode": "own"}]}, "invalid"),
        ("rights", {"page": 1, "rules": [{"subject": "role:officer", "mode": "own"}] * 2}, "invalid"),
        ("group_set", {"group": "none", "name": "A", "persons": []}, "invalid"),
        ("group_remove", {"group": "none"}, "invalid"),
        ("show", {"page": 1, "shown": True}, "invalid"),
        ("turn", {"page": 77}, "unknown_page"),
    ],
)
def test_a_refused_command_changes_nothing(kind: str, fields: dict[str, Any], code: str) -> None:
    book, _ = book_of(1)
    book.save()
    before = (dict(book.meta.pages), dict(book.meta.boards), book.meta.room)
    book.meta.take_delta()
    with pytest.raises(CommandRefused, match=f"^{code}"):
        book.do(kind, **fields)
    assert before == (book.meta.pages, book.meta.boards, book.meta.room)
    assert not book.meta.take_delta()
    assert not book.meta.unsaved


def test_rights_of_a_board_are_those_of_its_pages_and_of_new_ones() -> None:
    book, board = book_of(2)
    book.do("rights", page=1, mode="locked")
    book.do("rights", board=board, mode="tutors")
    new = book.do("page_add", board=board)["page"]
    assert {row.mode for row in book.meta.pages.values()} == {Mode.TUTORS}
    assert new in book.meta.pages


@given(st.lists(st.integers(0, 2**31), max_size=150))
def test_there_is_always_room_between_two_positions(places: list[int]) -> None:
    found: list[str] = []
    for place in places:
        at = place % (len(found) + 1)
        low = found[at - 1] if at else None
        high = found[at] if at < len(found) else None
        found.insert(at, between(low, high))
    assert all(low < high for low, high in itertools.pairwise(found))
    assert not any(position.endswith("0") for position in found)


def test_a_list_that_grows_at_its_end_keeps_short_positions() -> None:
    assert max(len(position) for position in spread(2_000)) <= 5


def test_a_list_with_long_positions_is_numbered_anew() -> None:
    book, board = book_of(2)
    for _ in range(600):
        last = book.do("page_add", board=board, after=1)["page"]
    assert book.pages(board)[:2] == [1, last]
    assert max(len(row.position) for row in book.meta.pages.values()) < 128


@pytest.mark.parametrize(
    ("message", "answer_to"),
    [
        ("", None),
        ("[]", None),
        ('{"type": "hello", "token": "t", "tab": "12345678"}', None),
        ('{"type": "open", "id": 4, "page": "1"}', 4),
        ('{"type": "open", "id": 4, "page": 1, "more": 1}', 4),
        ('{"type": "open", "id": true, "page": 1}', None),
        ('{"type": "board_add", "id": 1, "title": "a\\u202eb"}', 1),
        ('{"type": "page_add", "id": 1, "board": "b", "width": 5}', 1),
        ('{"type": "rights", "id": 1, "page": 1, "mode": "open"}', 1),
        ("[" * 30_000, None),
        ('{"type": "board_add", "title": "' + "x" * 70_000 + '"}', None),
    ],
)
def test_a_broken_message_is_refused_under_its_id(message: str, answer_to: int | None) -> None:
    with pytest.raises(MessageBroken) as broken:
        parse(message)
    assert broken.value.answer_to == answer_to


@given(st.text(max_size=200))
def test_any_text_is_a_message_or_broken(message: str) -> None:
    with pytest.raises(MessageBroken):
        parse(message)


def test_a_page_goes_between_two_that_a_restored_one_made_stand_at_one_place() -> None:
    book = Book()
    board = book.do("board_add", title="B")["board"]
    first, second = (book.do("page_add", board=board)["page"] for _ in range(2))
    book.do("page_remove", pages=[second])
    third = book.do("page_add", board=board)["page"]
    book.do("page_restore", pages=[second])
    assert book.meta.pages[second].position == book.meta.pages[third].position
    fourth = book.do("page_add", board=board, after=second)["page"]
    assert [row.number for row in book.meta.pages_of(board)] == [first, second, fourth, third]


def test_private_copies_go_to_another_board_with_their_page() -> None:
    book = Book()
    board, other = (book.do("board_add", title=title)["board"] for title in "AB")
    page = book.do("page_add", board=board)["page"]
    copies.hand_out(book.meta, page, [PersonKey("ana")], EMPTY)
    book.do("page_move", page=page, board=other)
    copy = book.meta.copies_of(page)[PersonKey("ana")]
    assert book.meta.pages[copy].board == other
    book.do("board_remove", board=board)
    assert book.meta.pages[copy].removed_at is None
