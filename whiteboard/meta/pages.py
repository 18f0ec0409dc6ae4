"""Commands for pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import BoardId, Epoch, PageNumber, PersonKey
from whiteboard.meta.document import Meta
from whiteboard.ports import StoredPage
from whiteboard.rows import PageRow, Paper, Slide, TurnRow
from whiteboard.wire.messages import PageAdd, PageChange, PageMove, PageRemove, PageRestore, Turn

FIRST_EPOCH = Epoch(1)


def add(meta: Meta, command: PageAdd, _by: PersonKey, _now_ms: int) -> Mapping[str, int]:
    """`page_add`"""
    board = meta.board(command.board)
    find_room(meta, 1)
    row = PageRow(
        number=PageNumber(0),
        board=board.id,
        epoch=FIRST_EPOCH,
        title=command.title,
        position=meta.page_position(board.id, command.after),
        width=command.width,
        height=command.height,
        paper=command.paper,
        slide=None,
        mode=board.mode,
        rules=board.rules,
    )
    return {"page": put_new(meta, row).number}


def add_slides(
    meta: Meta, board: BoardId, after: int | None, slides: Sequence[tuple[Slide, int, int]]
) -> list[PageRow]:
    """A page for each slide with its width and height. Raises CommandRefused (FULL, UNKNOWN_PAGE)."""
    of = meta.board(board)
    find_room(meta, len(slides))
    rows: list[PageRow] = []
    for slide, width, height in slides:
        row = PageRow(
            number=PageNumber(0),
            board=board,
            epoch=FIRST_EPOCH,
            title="",
            position=meta.page_position(board, after),
            width=width,
            height=height,
            paper=Paper.BLANK,
            slide=slide,
            mode=of.mode,
            rules=of.rules,
        )
        rows.append(put_new(meta, row))
        after = rows[-1].number
    return rows


def copy(meta: Meta, page: PageNumber, begun: StoredPage) -> PageRow:
    """`page_copy`, with what the copy begins with. Raises CommandRefused."""
    row = meta.page(page)
    find_room(meta, 1)
    after = row.number if row.copy_of is None else row.copy_of
    on_board = any(other.number == after for other in meta.pages_of(row.board))
    position = meta.page_position(row.board, after if on_board else None)
    new = replace(row, position=position, epoch=begun.epoch, copy_of=None, owner=None, shown=False, handed_out=False)
    return put_new(meta, new, begun)


def change(meta: Meta, command: PageChange, _by: PersonKey, _now_ms: int) -> Mapping[str, int]:
    """`page_change`"""
    row = meta.page(command.page)
    if command.title is not None:
        row = replace(row, title=command.title)
    if command.paper is not None:
        row = replace(row, paper=command.paper)
    meta.put_page(row)
    return {}


def move(meta: Meta, command: PageMove, _by: PersonKey, _now_ms: int) -> Mapping[str, int]:
    """`page_move`: without `after` to the end of the board. Private copies go with their page, removed ones too."""
    row = meta.page(command.page)
    if row.copy_of is not None:
        raise CommandRefused(Code.INVALID, "a private copy stays with its page")
    board = meta.board(command.board) if command.board is not None else meta.board(row.board)
    position = meta.page_position(board.id, command.after, moved=row.number)
    meta.put_page(replace(meta.page(row.number), board=board.id, position=position))
    for copy in [meta.pages[number] for number in meta.copies_of(row.number).values() if number in meta.pages]:
        if copy.board != board.id:
            meta.put_page(replace(copy, board=board.id))
    return {}


def remove(meta: Meta, command: PageRemove, by: PersonKey, now_ms: int) -> Mapping[str, int]:
    """`page_remove`: private copies go with their page."""
    rows = [meta.page(number) for number in command.pages]
    numbers = {row.number for row in rows}
    remove_pages(meta, [row for row in meta.pages.values() if {row.number, row.copy_of} & numbers], by, now_ms)
    return {}


def remove_pages(meta: Meta, rows: Iterable[PageRow], by: PersonKey, now_ms: int) -> None:
    """The class does not follow a page that is gone."""
    for row in list(rows):
        if row.removed_at is None:
            meta.put_page(replace(row, removed_at=now_ms))
            if meta.room.turn == row.number:
                meta.put_turn(TurnRow(None, by, now_ms))


def restore(meta: Meta, command: PageRestore, _by: PersonKey, _now_ms: int) -> Mapping[str, int]:
    """`page_restore`: with their boards, and with private copies that went at the same moment."""
    rows: list[PageRow] = []
    for number in command.pages:
        row = meta.pages.get(PageNumber(number))
        if row is None or row.removed_at is None:
            raise CommandRefused(Code.UNKNOWN_PAGE, "there is no such removed page")
        rows.append(row)
    find_room(meta, sum(row.copy_of is None for row in rows))
    missing = {row.board for row in rows if meta.boards[row.board].removed_at is not None}
    if len(meta.living_boards()) + len(missing) > meta.config.boards:
        raise CommandRefused(Code.FULL, f"a room has {meta.config.boards} boards at most")
    for board in missing:
        meta.put_board(replace(meta.boards[board], removed_at=None))
    for row in rows:
        with_it = [meta.pages[number] for number in meta.copies_of(row.number).values() if number in meta.pages]
        for page in (row, *(copy for copy in with_it if copy.removed_at == row.removed_at)):
            meta.put_page(replace(page, removed_at=None))
    return {}


def turn(meta: Meta, command: Turn, by: PersonKey, now_ms: int) -> Mapping[str, int]:
    """`turn`: to a page that all can see."""
    number = None
    if command.page is not None:
        row = meta.page(command.page)
        if row.copy_of is not None and not row.shown:
            raise CommandRefused(Code.INVALID, "the class cannot see this private copy")
        number = row.number
    meta.put_turn(TurnRow(number, by, now_ms))
    return {}


def put_new(meta: Meta, row: PageRow, begun: StoredPage | None = None) -> PageRow:
    """Gives a new page its number."""
    row = replace(row, number=meta.new_number())
    meta.put_page(row, begun)
    return row


def find_room(meta: Meta, count: int) -> None:
    """Raises CommandRefused(FULL) when so many pages are too many."""
    if meta.count_pages() + count > meta.config.pages:
        raise CommandRefused(Code.FULL, f"a room has {meta.config.pages} pages at most")
