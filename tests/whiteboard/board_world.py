"""
A seeded world for convergence: five honest tabs with real Yjs, one page of the server, and a network that delays,
repeats and forgets. What a tab may do is told by an oracle that knows nothing of the gate's index.
"""

import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from tests.whiteboard.yjs_clients import YjsClients
from whiteboard import (
    Author,
    ClientId,
    Epoch,
    LoggedUpdate,
    Mode,
    PageDocument,
    PageLimits,
    PageRights,
    PersonKey,
    Reason,
    Right,
    Role,
    Snapshot,
    StoredPage,
    UpdateRefused,
    Who,
    right_of,
)

Values = Sequence[tuple[str, bytes | None]]


@dataclass
class Sent:
    """One update of a tab: the shapes that it touches, None when only Yjs knows, and what was drawn."""

    data: bytes
    values: Values | None
    seq: int = 0
    """Its place in the log; 0 as long as it was not let in."""


@dataclass
class Tab:
    """A browser tab: its document is in the node process."""

    number: int
    who: Who
    client: ClientId
    online: bool = True
    outbox: deque[Sent] = field(default_factory=deque)
    unacknowledged: list[Sent] = field(default_factory=list)
    inbox: deque[LoggedUpdate] = field(default_factory=deque)
    has: int = 0
    """The newest update of others that it has got."""
    phantom: bool = False
    """It has got one that a crash took from the server afterwards."""


TABS = (
    Who(PersonKey("tutor"), Role.TUTOR),
    Who(PersonKey("anna"), Role.OFFICER),
    Who(PersonKey("anna"), Role.OFFICER),
    Who(PersonKey("bo"), Role.OFFICER),
    Who(PersonKey("cy"), Role.OFFICER),
)


class World:
    """`run` makes steps, `settle` lets everything arrive, `check` compares all documents."""

    def __init__(self, seed: int, yjs: YjsClients) -> None:
        self.counts: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._yjs = yjs
        self._page = PageDocument(Epoch(1), PageLimits(), {})
        self._log: list[LoggedUpdate] = []
        self._committed = 0
        self._lost = False
        self._snapshot: Snapshot | None = None
        self._mode = Mode.SHARED
        self._made: dict[str, PersonKey] = {}
        self._tabs = [Tab(number, who, ClientId(0)) for number, who in enumerate(TABS)]
        for tab in self._tabs:
            self._open(tab)

    def run(self, steps: int) -> None:
        """So many steps, each of one kind."""
        kinds = {
            self._draw: 34, self._send: 30, self._deliver: 22, self._undo: 8, self._drop: 2, self._come_back: 3,
            self._reload: 0.5,
            self._clear: 0.4, self._set_mode: 2, self._take_snapshot: 0.5, self._crash: 0.25, self._roll: 0.1,
        }  # fmt: skip
        for step in self._random.choices(list(kinds), list(kinds.values()), k=steps):
            step()

    def settle(self) -> None:
        """Everybody comes back, may write, and sends and hears what is left."""
        self._mode = Mode.SHARED
        for tab in self._tabs:
            self._back(tab)
        for tab in self._tabs:
            while tab.outbox:
                self._send_of(tab)
        for tab in self._tabs:
            self._yjs.apply(tab.number, [logged.data for logged in tab.inbox])
            tab.inbox.clear()

    def check(self) -> None:
        """Every document is equal to the server's, byte for byte, and every shape is whose it was."""
        shapes = {shape.id: shape.data for shape in self._page.shapes()}
        for tab in self._tabs:
            assert self._yjs.shapes(tab.number) == shapes, f"tab {tab.number} differs"
            assert not self._yjs.pending(tab.number), f"tab {tab.number} waits for something"
            # A client can tell whose a shape is from its own document, as the gate does from the index.
            makers = self._yjs.makers(tab.number)
            assert all(self._page.clients[ClientId(maker)] == self._made[key] for key, maker in makers.items())
        for shape in self._page.shapes():
            assert shape.owner == self._made[shape.id], f"{shape.id} has changed its owner"
        again = PageDocument.restore(self._stored(), PageLimits())
        assert sorted(again.shapes()) == sorted(self._page.shapes())
        assert again.snapshot(0).index == self._page.snapshot(0).index
        self.counts["shapes"] = len(shapes)

    # What tabs do.

    def _draw(self) -> None:
        tab = self._random.choice(self._tabs)
        if self._author(tab).right is Right.NONE and self._random.random() < 0.9:
            return
        kind = self._random.random()
        if kind < 0.3:
            values: Values = [(self._new_key(tab), self._value())]
        elif kind < 0.7:
            values = [(key, self._value()) for key in self._some_keys(tab)]
        elif kind < 0.93:
            values = [(key, None) for key in self._some_keys(tab)]
        else:
            # One transaction that makes, changes and deletes: Yjs sends only what is left of it.
            key = self._new_key(tab)
            values = [(key, self._value()), (key, self._value()), (key, None), (key, self._value())]
            values += [(other, self._value()) for other in self._some_keys(tab) * 2]
        self._wrote(tab, self._yjs.write(tab.number, values), values)

    def _undo(self) -> None:
        tab = self._random.choice(self._tabs)
        for _ in range(self._random.randint(1, 4)):
            step = self._random.choice((self._yjs.undo, self._yjs.redo))
            self._wrote(tab, step(tab.number), None)

    def _clear(self) -> None:
        """Somebody deletes all that is there: one update with a range for each writer."""
        tab = self._random.choice(self._tabs)
        keys = self._yjs.having(tab.number, list(islice(reversed(self._made), 500)))
        if self._author(tab).right is Right.ALL:
            self._wrote(tab, self._yjs.write(tab.number, [(key, None) for key in keys]), [(key, None) for key in keys])

    def _wrote(self, tab: Tab, updates: Sequence[bytes], values: Values | None) -> None:
        tab.outbox.extend(Sent(update, values) for update in updates)
        self.counts["updates"] += len(updates)

    def _new_key(self, tab: Tab) -> str:
        key = "".join(self._random.choices("abcdefghijklmnopqrstuvwxyzABC_-0123456789", k=self._random.randint(8, 22)))
        self._made[key] = tab.who.person
        return key

    def _some_keys(self, tab: Tab) -> list[str]:
        """Mostly what an honest client would touch now; sometimes what it may not."""
        keys = list(islice(reversed(self._made), 200))
        if self._mode is Mode.OWN and self._random.random() < 0.97 and not tab.who.role.manages:
            keys = [key for key in keys if self._made[key] == tab.who.person]
        recent = keys[:40]
        there = self._yjs.having(tab.number, self._random.sample(recent, min(len(recent), 16)))
        return there[: self._random.choice((1, 1, 1, 2, 5))]

    def _value(self) -> bytes:
        return self._random.randbytes(self._random.choice((9, 40, 200)))

    # What the network does.

    def _send(self) -> None:
        ready = [tab for tab in self._tabs if tab.online and tab.outbox]
        if ready:
            tab = self._random.choice(ready)
            for _ in range(self._random.randint(1, 3)):
                if tab.outbox:
                    self._send_of(tab)

    def _send_of(self, tab: Tab) -> None:
        count = self._random.choice((1, 1, 1, 2, 4)) if len(tab.outbox) > 1 else 1
        parts = [tab.outbox.popleft() for _ in range(min(count, len(tab.outbox)))]
        data = parts[0].data if len(parts) == 1 else self._yjs.merge([part.data for part in parts])
        tab.unacknowledged += parts
        if not self._received(tab, data, parts):
            return
        if self._random.random() < 0.1:
            self.counts["duplicates"] += 1
            assert self._page.receive(data, self._author(tab), 0) is None
        if self._random.random() < 0.6:
            tab.unacknowledged.clear()
            self._committed = self._page.seq

    def _received(self, tab: Tab, data: bytes, parts: Sequence[Sent]) -> bool:
        author = self._author(tab)
        before = self._page.vector()
        others = self._of_others(author) if author.right is Right.OWN else None
        try:
            logged = self._page.receive(data, author, len(self._log))
        except UpdateRefused as refused:
            self._expect_refusal(refused.reason, author, parts)
            assert self._page.vector() == before
            self.counts[refused.reason.value] += 1
            self._open(tab)
            return False
        if logged is None:
            self.counts["known"] += 1
            # Somebody else may have deleted the same shapes before.
            assert all(part.seq or all(data is None for _, data in part.values or ()) for part in parts)
            return True
        assert author.right is not Right.NONE
        if author.right is Right.OWN:
            assert self._of_others(author) == others, "somebody else's shape was changed"
        self._log.append(logged)
        self.counts["accepted"] += 1
        for part in parts:
            part.seq = logged.seq
        for other in self._tabs:
            if other is not tab and other.online:
                other.inbox.append(logged)
        return True

    def _expect_refusal(self, reason: Reason, author: Author, parts: Sequence[Sent]) -> None:
        if reason is Reason.LOCKED:
            assert author.right is Right.NONE
        elif reason is Reason.GAP:
            assert self._lost, "an honest update is refused with gap"
        else:
            assert reason is Reason.NOT_OWNER, f"an honest update is refused with {reason}"
            assert author.right is Right.OWN
            assert self._foreign(author, parts) or any(part.values is None for part in parts)

    def _foreign(self, author: Author, parts: Sequence[Sent]) -> bool:
        new = [part for part in parts if not part.seq]
        return any(self._made[key] != author.person for part in new for key, _ in part.values or ())

    def _of_others(self, author: Author) -> dict[str, bytes]:
        return {shape.id: shape.data for shape in self._page.shapes() if self._made[shape.id] != author.person}

    def _deliver(self) -> None:
        ready = [tab for tab in self._tabs if tab.online and tab.inbox]
        if not ready:
            return
        tab = self._random.choice(ready)
        count = self._random.randint(1, 8)
        updates = [tab.inbox.popleft() for _ in range(min(count, len(tab.inbox)))]
        if self._random.random() < 0.1:
            updates.append(self._random.choice(updates))
        if self._random.random() < 0.1:
            # Yjs keeps what comes too early; so does a tab whose state and updates cross.
            tab.inbox.extendleft(updates)
            self._random.shuffle(tab.inbox)
            updates = [tab.inbox.popleft() for _ in updates]
            self.counts["reordered"] += 1
        if self._random.random() < 0.1:
            self._yjs.apply(tab.number, [self._yjs.merge([logged.data for logged in updates])])
        else:
            self._yjs.apply(tab.number, [logged.data for logged in updates])
        tab.has = max(tab.has, *(logged.seq for logged in updates))

    def _drop(self) -> None:
        self._lose(self._random.choice(self._tabs))

    def _lose(self, tab: Tab) -> None:
        tab.online = False
        tab.inbox.clear()
        self.counts["spells"] += 1

    def _come_back(self) -> None:
        gone = [tab for tab in self._tabs if not tab.online]
        if gone:
            self._back(self._random.choice(gone))

    def _back(self, tab: Tab) -> None:
        """By state vector; what was not acknowledged is sent again, in one merged update or one by one."""
        if tab.phantom:
            self._load_anew(tab)
        elif not tab.online:
            tab.online = True
            tab.has = self._page.seq
            self._yjs.apply(tab.number, [self._page.diff(self._yjs.vector(tab.number))])
        again, tab.unacknowledged = tab.unacknowledged, []
        tab.outbox.extendleft(reversed(again))

    def _reload(self) -> None:
        """The tab is loaded anew: what was not acknowledged is still there, under the client id of before."""
        self._load_anew(self._random.choice(self._tabs))
        self.counts["reloads"] += 1

    def _load_anew(self, tab: Tab) -> None:
        kept = [*tab.unacknowledged, *tab.outbox]
        self._open(tab)
        self._yjs.apply(tab.number, [sent.data for sent in kept])
        tab.outbox.extend(kept)

    # What happens on the server.

    def _open(self, tab: Tab) -> None:
        """The tab drops its document and takes the page anew, with a new client id."""
        tab.client = self._draw_client()
        while tab.client in self._page.clients:
            tab.client = self._draw_client()
        self._page.bind(tab.client, tab.who.person)
        self._yjs.open(tab.number, tab.client, self._page.state())
        tab.online = True
        tab.has = self._page.seq
        tab.phantom = False
        tab.outbox.clear()
        tab.unacknowledged.clear()
        tab.inbox.clear()

    def _write_again(self, tab: Tab, values: Values) -> None:
        """After a roll: changes of what is gone are dropped, else they would make it the changer's."""
        there = {*self._yjs.having(tab.number, [key for key, _ in values])}
        values = [(key, data) for key, data in values if key in there or self._made[key] == tab.who.person]
        self._wrote(tab, self._yjs.write(tab.number, values), values)

    def _author(self, tab: Tab) -> Author:
        return Author(tab.who.person, tab.client, right_of(PageRights(self._mode), tab.who))

    def _draw_client(self) -> ClientId:
        # Few bits now and then, so that client ids of every length occur.
        return ClientId(self._random.getrandbits(self._random.choice((7, 14, 32, 32, 32))))

    def _set_mode(self) -> None:
        self._mode = self._random.choice((*[Mode.SHARED, Mode.OWN] * 3, Mode.LOCKED, Mode.TUTORS))

    def _take_snapshot(self) -> None:
        self._snapshot = self._page.snapshot(0)
        self._committed = self._page.seq
        self.counts["snapshots"] += 1

    def _stored(self) -> StoredPage:
        tail = [logged for logged in self._log if self._snapshot is None or logged.seq > self._snapshot.seq]
        return StoredPage(self._page.epoch, dict(self._page.clients), self._snapshot, tail)

    def _crash(self) -> None:
        before = sorted(self._page.shapes())
        kept = self._random.randint(self._committed, self._page.seq)
        lost = self._page.seq - kept
        self._log = [logged for logged in self._log if logged.seq <= kept]
        self._page = PageDocument.restore(self._stored(), PageLimits())
        assert lost or sorted(self._page.shapes()) == before
        for sent in (sent for tab in self._tabs for sent in tab.unacknowledged if sent.seq > kept):
            sent.seq = 0
        self._lost = self._lost or lost > 0
        for tab in self._tabs:
            tab.phantom = tab.phantom or tab.has > kept
        self.counts["lost"] += lost
        for tab in self._tabs:
            self._lose(tab)
        self.counts["crashes"] += 1

    def _roll(self) -> None:
        before = sorted(self._page.shapes())
        start = self._page.roll(self._draw_client, 0)
        self._snapshot, self._log, self._committed = start.snapshot, [], 0
        self._page = PageDocument.restore(StoredPage(start.epoch, start.clients, start.snapshot, ()), PageLimits())
        assert sorted(self._page.shapes()) == before
        for tab in self._tabs:
            unsent = [sent for sent in (*tab.unacknowledged, *tab.outbox) if sent.values is not None]
            self._open(tab)
            for sent in unsent:
                self._write_again(tab, sent.values or ())
        self.counts["rolls"] += 1
