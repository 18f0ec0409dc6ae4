"""One room's boards while somebody is there: connections, open pages, and what goes to whom."""

from collections.abc import Callable, Sequence

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.errors import Code, CommandRefused, Reason, UpdateRefused
from whiteboard.ids import BoardId, PageNumber, RoomKey
from whiteboard.meta import Meta
from whiteboard.meta.boards import new_board
from whiteboard.meta.pages import add_slides
from whiteboard.people import Member
from whiteboard.ports import BoardTap, Channel, StoredMeta, Wire
from whiteboard.rights import Right
from whiteboard.room.attendance import Attendance
from whiteboard.room.jobs import Job
from whiteboard.room.leading import Leading
from whiteboard.room.open_page import Borrower, OpenPage
from whiteboard.room.open_pages import OpenPages
from whiteboard.room.pressure import CLOSE_TOO_SLOW, Pressure
from whiteboard.room.seats import Seat
from whiteboard.room.views import Views
from whiteboard.rows import PageRow, Slide
from whiteboard.wire import frames, told
from whiteboard.wire.messages import Close, Command, MessageBroken, Open, parse

CLOSE_COME_BACK = 1012
CLOSE_BROKEN = 4010
CLOSE_TOO_MANY = 4029

_FREE = frozenset({frames.LiveKind.POINTER, frames.LiveKind.GONE, frames.LiveKind.VIEW})


class BoardRoom:
    """
    Sans-IO: messages and `now_ms` (Unix ms of a clock that never goes back) come in, messages go out through the
    Wire, and `BoardHub` carries out what is to be loaded and stored.
    """

    def __init__(
        self,
        key: RoomKey,
        stored: StoredMeta,
        wire: Wire,
        config: BoardConfig,
        wake: Callable[[], None],
        now_ms: int,
        counters: Counters | None = None,
    ) -> None:
        self.key = key
        self._wire = wire
        self._config = config
        self._wake = wake
        self._counters = counters or Counters()
        self._seats = Attendance(config)
        self._names = dict(stored.names)
        self._taps: list[BoardTap] = []
        self._meta = Meta(stored, config, now_ms)
        self._pages = OpenPages(
            wire, config, self._counters, self._taps, lambda person: self._names.get(person, ""), self._refuse, wake
        )
        self._views = Views(self._meta, self._pages.shape_count)
        self._leading = Leading(
            self._meta, self._views, self._seats, self._pages, wire, self._taps, self._counters, wake
        )
        self._pressure = Pressure(
            config, self._counters, self._pages.congestion_changed, self._pages.fall_behind, self._pages.catch_up
        )
        self._sweep_ms = now_ms

    def join(self, channel: Channel, member: Member, now_ms: int) -> bool:
        """
        After a good `hello`: sends `welcome`. False when there are too many connections; then the channel has been
        closed with 4029 and is not to be used again.
        """
        if self._seats.full_for(member):
            self._counters.add("connections_refused")
            channel.close(CLOSE_TOO_MANY, "too many connections")
            return False
        self._counters.add("connections")
        self._names[member.person] = member.name
        self._wake()
        seat = self._seats.add(channel, member, now_ms)
        self._leading.welcome(seat, now_ms)
        return True

    def leave(self, channel: Channel, now_ms: int) -> None:
        """The connection is gone, or is about to be closed by the caller. Unknown channels are ignored."""
        seat = self._seats.get(channel)
        if seat is not None:
            for number in list(seat.open):
                self._pages.close(seat, number, now_ms)
            self._seats.drop(seat)
            self._wake()

    def text(self, channel: Channel, message: str, now_ms: int) -> None:
        """A text message after `hello`. A broken one closes the channel with 4010; nothing is raised."""
        seat = self._seats.get(channel)
        if seat is None:
            return
        try:
            command = parse(message)
        except MessageBroken as broken:
            self._counters.add("messages_broken")
            # Reading costs the same whatever comes of it, so a broken message counts as a command.
            if broken.answer_to is None or not seat.commands.take(now_ms):
                self._end(seat, CLOSE_BROKEN, "a broken message", now_ms)
            else:
                self._refuse(seat, broken.answer_to, CommandRefused(Code.INVALID, broken.detail))
            return
        try:
            self._carry_out(seat, command, now_ms)
        except CommandRefused as why:
            self._refuse(seat, command.id, why)

    def binary(self, channel: Channel, message: bytes, now_ms: int) -> None:
        """A binary message. A broken one closes the channel with 4010; nothing is raised."""
        seat = self._seats.get(channel)
        if seat is None:
            return
        try:
            frame = frames.read_client(message)
        except frames.FrameBroken:
            self._counters.add("frames_broken")
            self._end(seat, CLOSE_BROKEN, "a broken frame", now_ms)
            return
        page = self._pages.get(frame.page)
        if isinstance(frame, frames.LiveFrame):
            if page is not None and self._may_live(seat, page, frame, now_ms):
                page.live(seat, frame, now_ms)
                self._pages.touch(page)
        elif page is None:
            why = UpdateRefused(Reason.EPOCH, "the page is not open here")
            self._wire.text(told.nack(frame.page, frame.n, why), (channel,))
        else:
            page.receive(seat, frame, now_ms)
            self._pages.touch(page)

    def announce(self, message: bytes, *, managers_only: bool) -> None:
        """Sends a text message that somebody else made (`job`)."""
        seats = self._seats.seats
        self._wire.text(message, [seat.channel for seat in seats if seat.member.role.manages or not managers_only])

    @property
    def connections(self) -> int:
        """Connections that have joined."""
        return len(self._seats)

    @property
    def open_pages(self) -> int:
        """Pages in memory."""
        return len(self._pages)

    @property
    def unstored(self) -> int:
        """Updates that wait for the store."""
        return self._pages.unstored.count

    @property
    def save_at_end(self) -> bool:
        """Whether boards are to be saved to the room's files when a session ends."""
        return self._meta.room.save_at_end

    def pages(self, member: Member) -> Sequence[PageRow]:
        """The pages that a person may see now, in the order of boards and pages, without removed ones."""
        boards = {row.id: row.position for row in self._meta.living_boards()}
        found = [
            row
            for row in self._meta.pages.values()
            if row.removed_at is None and row.board in boards and self._views.sees(member, row)
        ]
        return sorted(found, key=lambda row: (boards[row.board], row.board, row.position, row.number))

    def may_write_somewhere(self, member: Member) -> bool:
        """Whether a person may write on any page now (who may, may upload images for it)."""
        return any(self._views.right(member, row) is not Right.NONE for row in self.pages(member))

    def add_slides(
        self,
        slides: Sequence[tuple[Slide, int, int]],
        now_ms: int,
        *,
        title: str,
        board: BoardId | None,
        after: PageNumber | None,
    ) -> BoardId:
        """
        A new page for each slide with its width and height in units, on a board or, without one, on a new board of
        that title. Raises CommandRefused (`full`, `unknown_board`, `unknown_page`, `storage`).
        """
        self._leading.can_make_something(now_ms)
        try:
            found = board if board is not None else new_board(self._meta, title[:200]).id
            add_slides(self._meta, found, after, slides)
        finally:
            self._leading.tell(now_ms)
        return found

    def borrow(self, number: PageNumber, borrower: Borrower, now_ms: int) -> None:
        """Gives a page's document to `borrower` once it is loaded. Raises CommandRefused(UNKNOWN_PAGE)."""
        self._meta.page(number)
        self._pages.borrow(number, borrower, now_ms)

    def tap(self, tap: BoardTap) -> None:
        """Somebody listens along from now on."""
        self._taps.append(tap)

    def untap(self, tap: BoardTap) -> None:
        """And no longer."""
        if tap in self._taps:
            self._taps.remove(tap)

    def advance(self, now_ms: int, *, closing: bool = False) -> tuple[list[Job], int | None]:
        """Time has passed: what is to be carried out now, and when to ask again (None: when woken)."""
        if now_ms >= self._sweep_ms:
            # All rooms look at the same moments, so that many rooms wake the process no more often than one.
            self._sweep_ms = (now_ms // self._config.sweep_ms + 1) * self._config.sweep_ms
            for seat in self._pressure.sweep(self._seats.seats, now_ms):
                self._counters.add("closed_too_slow")
                self._end(seat, CLOSE_TOO_SLOW, "too slow", now_ms)
            self._leading.tell_people()
        jobs: list[Job] = [*self._leading.jobs(now_ms)]
        page_jobs, due_ms = self._pages.advance(now_ms, self._leading.stored_pages, closing=closing)
        jobs += page_jobs
        dues = [due for due in (due_ms, self._leading.due_ms) if due is not None]
        if len(self._seats):
            dues.append(self._sweep_ms)
        return jobs, min(dues) if dues else None

    def done(self, job: Job, result: object, now_ms: int) -> None:
        """A job of `advance` has worked."""
        if not self._leading.done(job):
            self._pages.done(job, result, now_ms)

    def failed(self, job: Job, now_ms: int) -> None:
        """A job of `advance` has failed: nothing of it is stored, or nobody knows."""
        self._counters.add("store_failures")
        if not self._leading.failed(job, now_ms):
            self._pages.failed(job, now_ms)

    def abandon(self, now_ms: int) -> None:
        """Closes every connection: the room is not to be used any more."""
        for seat in self._seats.seats:
            self._end(seat, CLOSE_COME_BACK, "come back in a moment", now_ms)

    @property
    def at_rest(self) -> bool:
        """Whether nobody is there, everything is stored, and no page is in memory."""
        return not len(self._seats) and not len(self._pages) and self._leading.at_rest

    def _carry_out(self, seat: Seat, command: Command, now_ms: int) -> None:
        bucket = seat.opens if isinstance(command, Open) else seat.commands
        if not bucket.take(now_ms):
            self._counters.add("commands_too_fast")
            raise CommandRefused(Code.RATE_LIMITED, "too many messages at once", bucket.wait_s())
        if isinstance(command, Close):
            self._pages.close(seat, PageNumber(command.page), now_ms)
            if command.id is not None:
                self._wire.text(told.done(command.id, {}), (seat.channel,))
        elif isinstance(command, Open):
            row = self._meta.page(command.page)
            if not self._views.sees(seat.member, row):
                raise CommandRefused(Code.UNKNOWN_PAGE, "there is no such page")
            if len(seat.open) >= self._config.open_pages and row.number not in seat.open:
                raise CommandRefused(Code.FULL, f"{self._config.open_pages} pages can be open at once")
            self._pages.open(seat, command, self._views.right(seat.member, row), now_ms)
        else:
            self._leading.carry_out(seat, command, now_ms)

    def _may_live(self, seat: Seat, page: OpenPage, frame: frames.LiveFrame, now_ms: int) -> bool:
        subscription = page.subscriptions.get(seat)
        if subscription is None or seat.member.role.only_watches:
            return False
        if len(frame.payload) > self._config.live_bytes or not seat.lives.take(now_ms):
            self._counters.add("lives_refused")
            return False
        if frame.kind is frames.LiveKind.LASER:
            return seat.member.role.manages
        return frame.kind in _FREE or subscription.right is not Right.NONE

    def _refuse(self, seat: Seat, answer_to: int | None, why: CommandRefused) -> None:
        self._counters.add(f"refused_{why.code.value}")
        if answer_to is not None:
            self._wire.text(told.refused(answer_to, why), (seat.channel,))

    def _end(self, seat: Seat, code: int, reason: str, now_ms: int) -> None:
        self.leave(seat.channel, now_ms)
        seat.channel.close(code, reason)
