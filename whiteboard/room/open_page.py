"""
One page while somebody has it open: gate, document, log and receivers together. Sans-IO: `next_job` gives out what is
to be loaded or stored, `done` and `failed` take the outcome.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.document.gate import Author
from whiteboard.document.page import PageDocument
from whiteboard.errors import Code, CommandRefused, PageDamaged, Reason, UpdateRefused
from whiteboard.ids import ClientId, Epoch, PageNumber, PersonKey, Seq
from whiteboard.ports import BoardTap, Channel, LoggedUpdate, StoredPage, Wire
from whiteboard.rights import Right
from whiteboard.room.admission import what_is_missing
from whiteboard.room.client_ids import ClientIds
from whiteboard.room.fanout import FanOut
from whiteboard.room.pace import Pace
from whiteboard.room.page_state import StateCache
from whiteboard.room.seats import Seat, Subscription
from whiteboard.room.update_log import Unstored, UpdateLog
from whiteboard.wire import frames, told
from whiteboard.wire.messages import Open

_HELD = 2_000
_HELD_BYTES = 4_000_000


@dataclass(slots=True)
class Surroundings:
    """What all pages of a room share. `name_of`: a person's name; `rolled`: the page has a new epoch."""

    wire: Wire
    config: BoardConfig
    counters: Counters
    pace: Pace
    unstored: Unstored
    taps: list[BoardTap]
    name_of: Callable[[PersonKey], str]
    refuse: Callable[[Seat, int | None, CommandRefused], None]
    rolled: Callable[[PageNumber, Epoch], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    seat: Seat
    message: Open
    right: Right


Borrower = Callable[[PageDocument | None], None]
"""Gets a page's document once it is loaded, or None when that failed."""


class OpenPage:
    """A page in memory. Its owner asks `due_ms` and calls `tick`."""

    def __init__(self, number: PageNumber, around: Surroundings) -> None:
        self.number = number
        self.doc: PageDocument | None = None
        self.subscriptions: dict[Seat, Subscription] = {}
        self.log = UpdateLog(Seq(0), around.config, around.unstored)
        self.fan = FanOut(number, around.wire, around.pace, around.config, around.counters)
        self.clients = ClientIds()
        self.states = StateCache(number)
        self.last_use_ms = 0
        self.last_write_ms = 0
        self.frozen = False
        """The page is being rewritten: what comes is held."""
        self._around = around
        self._waiting: list[_Waiting] = []
        self._borrowers: list[Borrower] = []
        self._held: list[tuple[Seat, frames.UpdateFrame]] = []
        self._held_bytes = 0

    @property
    def epoch(self) -> Epoch:
        """The document's; it must be loaded."""
        assert self.doc is not None, "only what is loaded has an epoch"
        return self.doc.epoch

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for the document."""
        return bool(self._waiting or self._borrowers)

    @property
    def packing_wanted(self) -> bool:
        """Whether somebody who joins waits for the document to be packed."""
        return bool(self._waiting) and self.doc is not None

    @property
    def due_ms(self) -> int | None:
        """When `tick` or `next_job` has something to do, as far as updates and live messages go."""
        times = [at for at in (self.fan.updates_due_ms, self.fan.lives_due_ms, self.log.due_ms) if at is not None]
        return min(times) if times else None

    def open(self, seat: Seat, message: Open, right: Right, now_ms: int) -> None:
        """Somebody who may see the page opens it: now, or once it is loaded or packed."""
        self.last_use_ms = now_ms
        self.close(seat)
        seat.open.add(self.number)
        self._waiting.append(_Waiting(seat, message, right))
        if self.doc is not None and not self.frozen:
            self.admit(now_ms)

    def close(self, seat: Seat) -> None:
        """It has the page open no longer; its updates that were let in stay."""
        self._waiting = [waiting for waiting in self._waiting if waiting.seat is not seat]
        subscription = self.subscriptions.pop(seat, None)
        seat.open.discard(self.number)
        self.fan.drop(seat)
        if subscription is not None:
            self.clients.free(subscription)

    def borrow(self, borrower: Borrower) -> None:
        """Asks for the document."""
        if self.doc is not None:
            borrower(self.doc)
        else:
            self._borrowers.append(borrower)

    def set_right(self, seat: Seat, right: Right) -> None:
        """From the next frame on."""
        subscription = self.subscriptions.get(seat)
        if subscription is not None:
            subscription.may(right)
        self._waiting = [
            _Waiting(seat, waiting.message, right) if waiting.seat is seat else waiting for waiting in self._waiting
        ]

    def receive(self, seat: Seat, frame: frames.UpdateFrame, now_ms: int) -> None:
        """An update from a connection."""
        size = self._held_bytes + len(frame.update)
        if self.frozen and len(self._held) < _HELD and size <= _HELD_BYTES:
            self._held.append((seat, frame))
            self._held_bytes = size
            return
        try:
            logged = self._take(seat, frame, now_ms)
        except UpdateRefused as why:
            self._around.counters.add(f"nack_{why.reason.value}")
            self._around.wire.text(told.nack(self.number, frame.n, why), (seat.channel,))
            return
        if logged is None:
            self._around.counters.add("updates_known")
            assert self.doc is not None, "an update was just taken by it"
            if self.log.known(self.doc.seq, seat, frame.n):
                self._ack(seat, frame.n, self.doc.seq)
            return
        self._around.counters.add("updates_in")
        self.last_write_ms = now_ms
        if first := self.clients.wrote_first(logged.person):
            self._tell_writers(first, self.fan.everybody())
        self.log.add(logged, seat, frame.n, now_ms + self._log_ms)
        self.states.grew(len(logged.data))
        self.fan.update(frame.epoch, logged, seat, now_ms)
        for tap in self._around.taps:
            tap.update(self.number, frame.epoch, logged)

    def live(self, seat: Seat, frame: frames.LiveFrame, now_ms: int) -> None:
        """A live message of somebody who may send it."""
        if seat not in self.subscriptions:
            return
        self.fan.live(seat, frame.kind, frame.payload, now_ms)
        for tap in self._around.taps:
            tap.live(self.number, seat.member.person, frame.kind, frame.payload, now_ms)

    def tick(self, now_ms: int) -> None:
        """Sends what is due."""
        fan = self.fan
        if fan.updates_due_ms is not None and fan.updates_due_ms <= now_ms:
            fan.send_updates()
        if fan.lives_due_ms is not None and fan.lives_due_ms <= now_ms:
            fan.send_lives(now_ms)

    def loaded(self, stored: StoredPage, now_ms: int) -> None:
        """The document is there. Raises PageDamaged."""
        doc = PageDocument.restore(stored, self._around.config.page)
        self.take_document(doc)
        borrowers, self._borrowers = self._borrowers, []
        for borrower in borrowers:
            borrower(doc)
        self.admit(now_ms)

    def take_document(self, doc: PageDocument) -> None:
        """A document whose log is stored."""
        self.doc = doc
        self.log.give_up()
        self.log.stored = doc.seq
        self.states.forget()
        self.clients.begin(doc)

    def load_failed(self) -> None:
        """Nobody can open the page now."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.seat.open.discard(self.number)
            why = CommandRefused(Code.STORAGE, "the page cannot be read now", 2.0)
            self._around.refuse(one.seat, one.message.id, why)
        borrowers, self._borrowers = self._borrowers, []
        for borrower in borrowers:
            borrower(None)

    def admit(self, now_ms: int) -> None:
        """Lets in who waits, as far as what they lack is at hand."""
        assert self.doc is not None, "only a loaded page is open"
        waiting, self._waiting = self._waiting, []
        self.fan.send_updates()
        for one in waiting:
            if not self._admit(one, self.doc, now_ms):
                self._waiting.append(one)

    def committed(self, seq: Seq, now_ms: int) -> None:
        """All up to `seq` are stored: their authors are told."""
        for seat, (n, number) in self.log.committed(seq, now_ms, self._log_ms).items():
            if seat in self.subscriptions:
                self._ack(seat, n, number)

    def fall_behind(self, seat: Seat) -> None:
        """It gets no more, until `catch_up`."""
        if seat in self.subscriptions and seat in self.fan and self.doc is not None:
            self.fan.send_updates()
            self.fan.drop(seat)
            self.clients.note_behind(seat, self.doc)
            self._around.wire.text(told.behind(self.number), (seat.channel,))

    def catch_up(self, seat: Seat) -> None:
        """It has drained: what it missed."""
        if seat in self.subscriptions and seat not in self.fan and self.doc is not None:
            self.fan.send_updates()
            seq, vector, writers = self.clients.behind_of(seat)
            self._tell_writers(writers, (seat.channel,))
            tail = self.log.since(seq, self.doc.seq)
            if tail is not None:
                self._send_document(seat, frames.log_messages(self.number, self.doc.epoch, tail))
            else:
                state = self.doc.diff(vector)
                self._send_document(
                    seat,
                    (frames.state_message(self.number, self.doc.epoch, self.doc.seq, frames.Coding.PLAIN, state),),
                )
            self.fan.add(seat)

    def freeze(self) -> None:
        """The page is being rewritten."""
        self.frozen = True

    def thaw(self, doc: PageDocument | None, now_ms: int) -> None:
        """It was, as `doc`; or (None) it was not."""
        self.frozen = False
        held, self._held, self._held_bytes = self._held, [], 0
        if doc is not None:
            self.fan.send_updates()
            seats = list(self.subscriptions)
            self._around.wire.text(told.rolled(self.number, doc.epoch), [seat.channel for seat in seats])
            for seat in seats:
                self.close(seat)
            self.take_document(doc)
            self._around.rolled(self.number, doc.epoch)
        for seat, frame in held:
            if seat in self.subscriptions:
                self.receive(seat, frame, now_ms)
        if self.doc is not None:
            self.admit(now_ms)

    def damaged(self) -> None:
        """Document and log do not hold together: everybody opens the page anew, when it is loaded again."""
        self._around.counters.add("pages_damaged")
        if self.doc is not None:
            for seat in list(self.subscriptions):
                self._around.wire.text(told.rolled(self.number, self.doc.epoch), (seat.channel,))
                self.close(seat)
        self.doc = None
        self.log.give_up()
        self.states.forget()

    def _take(self, seat: Seat, frame: frames.UpdateFrame, now_ms: int) -> LoggedUpdate | None:
        subscription = self.subscriptions.get(seat)
        doc = self.doc
        if subscription is None or doc is None:
            raise UpdateRefused(Reason.EPOCH, "the page is not open here")
        if not seat.updates.take(now_ms) or not seat.update_bytes.take(now_ms, len(frame.update)):
            raise UpdateRefused(Reason.TOO_FAST, "too many updates at once")
        if subscription.author is None:
            if seat.member.role.only_watches:
                raise UpdateRefused(Reason.READ_ONLY, "viewers do not write")
            raise UpdateRefused(Reason.INVALID, "the client id is another connection's now")
        if frame.epoch != doc.epoch:
            raise UpdateRefused(Reason.EPOCH, "the page has another epoch")
        if self._around.unstored.full or self.frozen:
            raise UpdateRefused(Reason.STORAGE, "nothing can be stored now")
        try:
            return doc.receive(frame.update, subscription.author, now_ms)
        except PageDamaged as error:
            self.damaged()
            raise UpdateRefused(Reason.STORAGE, "the page has to be loaded again") from error

    def _admit(self, one: _Waiting, doc: PageDocument, now_ms: int) -> bool:
        seat, message = one.seat, one.message
        if seat.channel.buffered > self._around.config.open_queue_bytes:
            seat.open.discard(self.number)
            why = CommandRefused(Code.RATE_LIMITED, "what was asked for before is still on its way", 1.0)
            self._around.refuse(seat, message.id, why)
            return True
        missing = what_is_missing(message, seat.member.person, doc, self.log, self.clients, self.states)
        if missing is None:
            return False
        client = self.clients.client_for(seat, message.client if not missing.reset else None, doc)
        author = None if client is None else Author(seat.member.person, client, one.right)
        subscription = Subscription(seat, one.right, author)
        self.subscriptions[seat] = subscription
        self.clients.use(subscription)
        writers = [(number, person, self._around.name_of(person)) for number, person in self.clients.wrote.items()]
        message_out = told.opened(self.number, doc.epoch, doc.seq, client, reset=missing.reset, writers=writers)
        self._around.wire.text(message_out, (seat.channel,))
        self._send_document(seat, missing.messages)
        self.fan.add(seat)
        if seat.behind:
            self.fall_behind(seat)
        if message.id is not None:
            self._around.wire.text(told.done(message.id, {}), (seat.channel,))
        self._around.counters.add("pages_opened")
        self.last_use_ms = now_ms
        return True

    def _send_document(self, seat: Seat, messages: Iterable[bytes]) -> None:
        for message in messages:
            seat.allowance += len(message)
            self._around.wire.binary(message, (seat.channel,))

    @property
    def _log_ms(self) -> int:
        config = self._around.config
        return config.log_most_ms if self._around.pace.gathering else config.log_ms

    def _tell_writers(self, clients: Iterable[ClientId], to: Sequence[Channel]) -> None:
        for client in clients:
            person = self.clients.wrote[client]
            message = told.writer(self.number, self.epoch, client, person, self._around.name_of(person))
            self._around.wire.text(message, to)

    def _ack(self, seat: Seat, n: int, seq: Seq) -> None:
        self._around.wire.binary(frames.ack_message(self.number, self.epoch, n, seq), (seat.channel,))
