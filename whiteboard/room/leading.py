"""Boards, pages and rights of a live room: commands are carried out, told to everybody at once, and stored."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from weakref import ref

import orjson

from whiteboard.counters import Counters
from whiteboard.document.page import PageDocument
from whiteboard.errors import Code, CommandRefused
from whiteboard.ids import Epoch, PageNumber, PersonKey, Seq
from whiteboard.meta import Meta, apply, copies, pages
from whiteboard.meta.commands import makes_something
from whiteboard.ports import BoardTap, StoredPage, Wire
from whiteboard.rights import Right, Role
from whiteboard.room.attendance import Attendance
from whiteboard.room.client_ids import draw_client
from whiteboard.room.jobs import Job, SaveMeta
from whiteboard.room.open_pages import OpenPages
from whiteboard.room.seats import Seat
from whiteboard.room.views import Views
from whiteboard.wire import told
from whiteboard.wire.messages import HandOut, MetaCommand, PageCopy, Settings

Answer = Mapping[str, object]


class Leading:
    """The meta document and all who are to hear of it. What a command changed holds at once and is stored after."""

    def __init__(
        self,
        meta: Meta,
        views: Views,
        seats: Attendance,
        open_pages: OpenPages,
        wire: Wire,
        taps: list[BoardTap],
        counters: Counters,
        wake: Callable[[], None],
    ) -> None:
        self._meta = meta
        self._views = views
        self._seats = seats
        self._pages = open_pages
        self._wire = wire
        self._taps = taps
        self._counters = counters
        self._wake = wake
        self._version = 1
        self.stored_pages: set[PageNumber] = set(meta.pages)
        self._answers: list[tuple[Seat, bytes]] = []
        self._saving: list[tuple[Seat, bytes]] | None = None
        self._retry_ms = 0
        self._pause_ms = 0
        self._beginning: tuple[ref[PageDocument], Seq, StoredPage] | None = None
        open_pages.on_rolled = self._rolled

    def welcome(self, seat: Seat, now_ms: int) -> None:
        """Everything that somebody who comes needs; then his copies of what is handed out are made."""
        member, meta = seat.member, self._meta
        limits = meta.config.page
        head = {
            "type": "welcome",
            "version": self._version,
            "you": {
                "actor": seat.actor,
                "person": member.person,
                "role": member.role.value,
                "may": may(member.role),
            },
            "boards": self._views.boards(),
            "groups": self._views.groups() if member.role.manages else [],
            "turn": meta.room.turn,
            "settings": {"save_at_end": meta.room.save_at_end},
            "limits": {
                "shapes": limits.shapes,
                "shape_bytes": limits.shape_bytes,
                "page_bytes": limits.page_bytes,
                "updates_per_s": int(meta.config.updates.per_s),
            },
            "now": now_ms,
        }
        lists = (b',"people":', self._seats.actors, b',"pages":', self._views.first(seat), b"}")
        message = orjson.dumps(head)[:-1] + b"".join(lists)
        self._wire.text(message, (seat.channel,))
        if member.role is Role.OFFICER:
            for number in copies.missing(meta, member.person):
                self._give_late(number, member.person, now_ms)

    def carry_out(self, seat: Seat, command: MetaCommand, now_ms: int) -> None:
        """A command of a connection. Raises CommandRefused."""
        role = seat.member.role
        if not role.manages or (isinstance(command, Settings) and role is not Role.TUTOR):
            raise CommandRefused(Code.FORBIDDEN, "your role may not do this")
        if makes_something(command):
            self.can_make_something(now_ms)
        if isinstance(command, PageCopy):
            self._meta.page(command.page)
            self._with_copy(seat, command, self._copy, now_ms)
        elif isinstance(command, HandOut):
            copies.can_be_handed_out(self._meta, command.page)
            self._with_copy(seat, command, self._hand_out, now_ms)
        else:
            try:
                answer = apply(self._meta, command, seat.member.person, now_ms)
            finally:
                self.tell(now_ms)
            self._answer(seat, command, answer)

    def can_make_something(self, now_ms: int) -> None:
        """Raises CommandRefused(STORAGE) while the store fails."""
        if self._pause_ms:
            raise CommandRefused(Code.STORAGE, "nothing can be stored now", max(0.0, self._retry_ms - now_ms) / 1000)

    def tell(self, now_ms: int) -> None:
        """Tells what has changed, each what he may see; rights hold from the next frame on."""
        delta = self._meta.take_delta()
        if self._meta.unsaved:
            self._wake()
        if not delta:
            return
        for number in delta.pages:
            if number not in self.stored_pages and self._meta.begins_empty(number):
                self._pages.is_new(number)
        seats = self._seats.seats
        everybody = [seat.channel for seat in seats]
        if delta.boards:
            self._version += 1
            living = {row["id"]: row for row in self._views.boards()}
            changed = [living[board] for board in delta.boards if board in living]
            gone = [board for board in delta.boards if board not in living]
            message = {"type": "boards", "version": self._version, "boards": changed, "gone": gone}
            self._wire.text(orjson.dumps(message), everybody)
        if delta.groups:
            self._version += 1
            for manages in (True, False):
                groups = self._views.groups() if manages else []
                message = {"type": "groups", "version": self._version, "groups": groups}
                to = [seat.channel for seat in seats if seat.member.role.manages is manages]
                self._wire.text(orjson.dumps(message), to)
        if delta.pages:
            self._version += 1
            changed_right = _Rights(self._pages, now_ms)
            for inside, those in self._views.changes(delta.pages, seats, changed_right).items():
                text = b'{"type":"pages","version":%d,%b}' % (self._version, inside)
                self._wire.text(text, [seat.channel for seat in those])
        if delta.turn is not None:
            by = next((seat.member.name for seat in seats if seat.member.person == delta.turn.person), "")
            self._wire.text(told.turn(delta.turn.page, by), everybody)
            for tap in self._taps:
                tap.turned(delta.turn.page, delta.turn.at_ms)
        if delta.settings:
            self._wire.text(told.settings(save_at_end=self._meta.room.save_at_end), everybody)

    def tell_people(self) -> None:
        """Who came and who left since the last time."""
        came, gone = self._seats.take_news()
        if came or gone:
            self._wire.text(told.people(came.items(), gone), self._seats.channels)

    def jobs(self, now_ms: int) -> list[SaveMeta]:
        """What is to be stored now."""
        if self._saving is not None or now_ms < self._retry_ms or not (self._meta.unsaved or self._answers):
            return []
        self._saving, self._answers = self._answers, []
        return [SaveMeta(self._meta.take_changes())]

    @property
    def due_ms(self) -> int | None:
        """When `jobs` has something; it is asked anew whenever something changes."""
        waits = self._saving is None and (self._meta.unsaved or self._answers)
        return self._retry_ms if waits else None

    @property
    def at_rest(self) -> bool:
        """Whether everything is stored."""
        return self._saving is None and not self._meta.unsaved

    def done(self, job: Job) -> bool:
        """Whether the job was of this kind: then what it stored is acknowledged."""
        if not isinstance(job, SaveMeta):
            return False
        self._retry_ms = self._pause_ms = 0
        answers, self._saving = self._saving or [], None
        for seat, message in answers:
            self._wire.text(message, (seat.channel,))
        new = [row.number for row in job.changes.pages if row.number not in self.stored_pages]
        self.stored_pages.update(new)
        self._pages.urge(0)
        self._wake()
        return True

    def failed(self, job: Job, now_ms: int) -> bool:
        """Whether the job was of this kind: then it comes again."""
        if not isinstance(job, SaveMeta):
            return False
        config = self._meta.config
        self._pause_ms = min(config.retry_most_ms, max(config.retry_ms, self._pause_ms * 2))
        self._retry_ms = now_ms + self._pause_ms
        self._meta.give_back(job.changes)
        self._answers[:0] = self._saving or []
        self._saving = None
        self._wake()
        return True

    def _answer(self, seat: Seat, command: MetaCommand, answer: Answer) -> None:
        """`done` is sent when what the command changed is stored."""
        if command.id is not None:
            self._answers.append((seat, told.done(command.id, answer)))
            self._wake()

    def _with_copy(
        self,
        seat: Seat,
        command: PageCopy | HandOut,
        then: Callable[[PageNumber, StoredPage, int], Answer],
        now_ms: int,
    ) -> None:
        """Carries a command out that needs a copy of a page's document, once that is loaded."""
        number = PageNumber(command.page)

        def with_document(doc: PageDocument | None) -> None:
            try:
                if doc is None:
                    raise CommandRefused(Code.STORAGE, "the page cannot be read now", 2.0)
                answer = then(number, self._begun(doc, now_ms), now_ms)
            except CommandRefused as why:
                self._counters.add(f"refused_{why.code.value}")
                if command.id is not None:
                    self._wire.text(told.refused(command.id, why), (seat.channel,))
                return
            finally:
                self.tell(now_ms)
            self._answer(seat, command, answer)

        self._pages.borrow(number, with_document, now_ms)

    def _copy(self, number: PageNumber, begun: StoredPage, _now_ms: int) -> Answer:
        return {"page": pages.copy(self._meta, number, begun).number}

    def _hand_out(self, number: PageNumber, begun: StoredPage, _now_ms: int) -> Answer:
        return {"copies": copies.hand_out(self._meta, number, self._seats.officers(), begun)}

    def _give_late(self, number: PageNumber, person: PersonKey, now_ms: int) -> None:
        def with_document(doc: PageDocument | None) -> None:
            # Who comes while the page cannot be read gets his copy when he comes again.
            if doc is not None and not self._pause_ms:
                copies.give_late(self._meta, number, person, self._begun(doc, now_ms))
                self.tell(now_ms)

        self._pages.borrow(number, with_document, now_ms)

    def _begun(self, doc: PageDocument, now_ms: int) -> StoredPage:
        """
        What a copy begins with: the same shapes, and whose they are. Made once for a class that comes in together: a
        full page takes a third of a second.
        """
        if self._beginning is not None:
            of, seq, begun = self._beginning
            if of() is doc and seq == doc.seq:
                return begun
        start = doc.copy(pages.FIRST_EPOCH, draw_client, now_ms)
        begun = StoredPage(start.epoch, start.clients, start.snapshot, ())
        self._beginning = (ref(doc), doc.seq, begun)
        return begun

    def _rolled(self, number: PageNumber, epoch: Epoch) -> None:
        row = self._meta.pages.get(number)
        if row is not None:
            self._meta.put_epoch(replace(row, epoch=epoch))
            self.tell(0)


class _Rights:
    """Hands rights that have changed on to open pages; who does not see a page any more has it open no longer."""

    def __init__(self, open_pages: OpenPages, now_ms: int) -> None:
        self._pages = open_pages
        self._now_ms = now_ms

    def __call__(self, seat: Seat, page: PageNumber, right: Right | None) -> None:
        if right is None:
            self._pages.close(seat, page, self._now_ms)
        else:
            self._pages.set_right(seat, page, right)


def may(role: Role) -> list[str]:
    """What a role may do at all, in the protocol's words."""
    if role.manages:
        return ["board_write", "board_manage", "board_point"]
    return [] if role.only_watches else ["board_write"]
