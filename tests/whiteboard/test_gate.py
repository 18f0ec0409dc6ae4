"""The gate agrees with a slow one that looks at every clock by itself, and the document agrees with both."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from tests.whiteboard.updates import (
    ANNA,
    ANNAS,
    ANNAS_OLD,
    BO,
    BOS,
    LIMITS,
    TUTOR,
    TUTORS,
    Id,
    block,
    deletion,
    gone,
    made,
    over,
    skip,
    update,
)
from whiteboard import Author, ClientId, Epoch, PageDocument, PersonKey, Right, UpdateRefused

CLIENTS: dict[ClientId, PersonKey] = {TUTORS: TUTOR, ANNAS: ANNA, ANNAS_OLD: ANNA, BOS: BO}
KEYS = [f"shape-{letter}x" for letter in "abcdefgh"]

Said = tuple[str, Id | str, int]
"""Kind, origin or key, and length: what a struct says, before it is bytes."""
Block = tuple[ClientId, int, list[Said]]
Sent = tuple[list[Block], list[tuple[ClientId, int, int]], ClientId, Right]


class Refused(Exception):
    """The slow gate's no. It gives no reason: which of several comes first is a matter of order."""


@dataclass
class SlowGate:
    """What is known, clock by clock."""

    written: dict[Id, str] = field(default_factory=dict)
    deleted: set[Id] = field(default_factory=set)
    owners: dict[str, PersonKey] = field(default_factory=dict)

    def take(self, sent: Sent) -> bool:
        """Whether something was new. Raises Refused, and then nothing has changed."""
        given, deletions, author, right = sent
        person = CLIENTS[author]
        if any(CLIENTS[client] != person for client, _, _ in given):
            raise Refused
        after = SlowGate(dict(self.written), set(self.deleted), dict(self.owners))
        waiting = [
            (client, clock + at, one) for client, clock, saying in given for at, one in enumerate(spread(saying))
        ]
        waiting = [one for one in waiting if one[:2] not in self.written]
        while waiting:
            left = [one for one in waiting if not after._write(*one, person, right)]
            if len(left) == len(waiting):
                raise Refused
            waiting = left
        deleted = {(client, clock + at) for client, clock, length in deletions for at in range(length)}
        for one in deleted - self.deleted:
            after._allowed(after.written.get(one), person, right)
        new = len(after.written) > len(self.written) or not deleted <= self.deleted
        self.written, self.owners, self.deleted = after.written, after.owners, self.deleted | deleted
        return new

    def _write(self, client: ClientId, clock: int, one: Said, person: PersonKey, right: Right) -> bool:
        """Whether it could be written; not so as long as what it builds on is not known."""
        kind, by, _ = one
        before = self.written.get((client, clock - 1))
        key = before if kind == "more" else by if isinstance(by, str) else self.written.get(by)
        if key is None or (clock > 0 and before is None):
            return False
        self._allowed(None if kind == "skip" else key, person, right)
        self.owners.setdefault(key, person)
        self.written[client, clock] = key
        return True

    def _allowed(self, key: str | None, person: PersonKey, right: Right) -> None:
        if key is None or right is Right.NONE or (right is Right.OWN and self.owners.get(key, person) != person):
            raise Refused


def spread(saying: list[Said]) -> list[Said]:
    """One for each clock: the later clocks of a Deleted struct hang on the one before."""
    out: list[Said] = []
    for kind, by, length in saying:
        out.append((kind, by, 1))
        out += [("skip" if kind == "skip" else "more", "", 1)] * (length - 1)
    return out


def encoded(sent: Sent) -> bytes:
    given, deletions, _, _ = sent
    return update(
        *(block(client, clock, *(said_bytes(one) for one in saying)) for client, clock, saying in given),
        deletes=[deletion(client, (clock, length)) for client, clock, length in deletions],
    )


def said_bytes(one: Said) -> bytes:
    kind, by, length = one
    if isinstance(by, str):
        return made(by, b"\x01\x02") if kind == "made" else skip(length)
    return over(by, b"\x01\x02") if kind == "over" else gone(by, length)


class Pen:
    """Draws updates that are mostly right, with overlaps, detours over two client ids, and mistakes."""

    def __init__(self, seed: int, known: SlowGate) -> None:
        self._random = random.Random(seed)
        self._known = known

    def sent(self) -> Sent:
        author = self._random.choice((TUTORS, ANNAS, ANNAS, BOS))
        mine = [client for client, person in CLIENTS.items() if person == CLIENTS[author]]
        writers = self._random.sample(mine, self._random.choice((0, *[1] * 6, *[len(mine)] * 3)))
        if self._random.random() < 0.03:
            writers = [self._random.choice(list(CLIENTS))]
        given = [self._block(client) for client in writers]
        ids = self._ids(given)
        deletions = {self._random.choice(ids) for _ in range(self._random.choice((0, 0, 0, 1, 2))) if ids}
        length = self._random.choice((1, 1, 1, 2, 3))
        cut: dict[ClientId, tuple[ClientId, int, int]] = {
            ClientId(one): (ClientId(one), at, length) for one, at in deletions
        }
        right = self._random.choice((*[Right.OWN] * 4, *[Right.ALL] * 6, Right.NONE))
        return given, list(cut.values()), author, right

    def _ids(self, given: list[Block]) -> list[Id]:
        fresh = [(client, clock + at) for client, clock, saying in given for at in range(len(saying))]
        return [*self._known.written, *fresh]

    def _block(self, client: ClientId) -> Block:
        following = sum(one == client for one, _ in self._known.written)
        clock = max(0, following - self._random.choice((0, 0, 0, 0, 1, 2, 3)) + (self._random.random() < 0.02))
        return client, clock, [self._said(client, clock + at) for at in range(self._random.randint(1, 4))]

    def _said(self, client: ClientId, clock: int) -> Said:
        kind = self._random.choice((*["made"] * 9, *["over"] * 9, *["gone"] * 4, "skip"))
        if kind == "skip":
            return kind, "", self._random.randint(1, 2)
        if kind == "made":
            return kind, self._random.choice(KEYS), 1
        # Any id that is known, or one of this update: of the same client id, or of the person's other one.
        near = [(one, max(0, clock - self._random.randint(0, 2))) for one in (client, ANNAS, ANNAS_OLD)]
        origin = self._random.choice([*self._known.written, *near])
        return kind, origin, self._random.randint(1, 3) if kind == "gone" else 1


@pytest.mark.parametrize("seed", range(8))
def test_the_gate_agrees_with_one_that_looks_at_every_clock(seed: int) -> None:
    verdicts = Counter[str]()
    for run in range(20):
        compare(Pen(seed * 1000 + run, slow := SlowGate()), slow, verdicts)
    assert min(verdicts["new"], verdicts["known"], verdicts["refused"], verdicts["cut"]) > 10, verdicts


def compare(pen: Pen, slow: SlowGate, verdicts: Counter[str]) -> None:
    page, peer = (PageDocument(Epoch(1), LIMITS, CLIENTS) for _ in range(2))
    for _ in range(30):
        one = pen.sent()
        author = Author(CLIENTS[one[2]], one[2], one[3])
        try:
            new = slow.take(one)
        except Refused:
            with pytest.raises(UpdateRefused):
                page.receive(encoded(one), author, 0)
            verdicts["refused"] += 1
            continue
        logged = page.receive(encoded(one), author, 0)
        assert new is (logged is not None)
        verdicts["new" if new else "known"] += 1
        if logged is not None:
            verdicts["cut"] += logged.data != encoded(one)
            # A peer that gets only what was let in ends with the same.
            assert peer.receive(logged.data, replace(author, right=Right.ALL), 0) is not None
    assert {shape.id: shape.owner for shape in page.shapes()}.items() <= slow.owners.items()
    assert page.snapshot(0).index == peer.snapshot(0).index
    assert sorted(page.shapes()) == sorted(peer.shapes())
