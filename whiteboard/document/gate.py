"""
The gate: what of an update is new, and whether its author may do that. It decides by the update's structure and the
index alone, before anything is applied, stored or sent (docs/protocol.md section 3.2).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from whiteboard.document.index import Index
from whiteboard.document.update import (
    SKIP,
    Block,
    DeleteRange,
    Written,
    decode,
    deleted_struct,
    encode,
)
from whiteboard.errors import Reason, UpdateRefused
from whiteboard.ids import ClientId, PersonKey
from whiteboard.limits import PageLimits
from whiteboard.rights import Right


@dataclass(frozen=True, slots=True)
class Author:
    """
    Who sends an update: the person, the client id of the connection, and what the person may do on the page now.
    `viewer`: somebody whom no rule lets write, who is told so.
    """

    person: PersonKey
    client: ClientId
    right: Right
    viewer: bool = False


Run: TypeAlias = tuple[int, int, int]
"""First clock, clock after the last one, and the slot of the one shape that they write."""


def check(
    update: bytes, author: Author, clients: Mapping[ClientId, PersonKey], index: Index, limits: PageLimits
) -> "Checked | None":
    """
    What `update` adds to the page, or None when all of it is known. `clients`: the client ids that were given for this
    page and epoch, and to whom. Raises UpdateRefused; changes nothing.
    """
    blocks, deletes = decode(update, limits)
    person = author.person
    for block in blocks:
        if clients.get(ClientId(block[0])) != person:
            raise UpdateRefused(Reason.INVALID, "the client id was not given to this person")
    checked = Checked(author, index)
    checked.take_blocks(blocks)
    if deletes:
        checked.take_deletes(deletes)
    if not checked.runs and not checked.deletes:
        return None
    checked.data = update if checked.whole else encode(list(_fresh(update, blocks, index)), checked.deletes)
    return checked


class Checked:
    """
    An update that is taken through the gate; what it adds lies over the index until `commit`. `data`: an update of
    just that, byte for byte the one that came when all of it is new. `new`: its new shapes and their slots-to-be.
    """

    __slots__ = ("_author", "_base", "_index", "_may_all", "data", "deletes", "new", "runs", "whole")

    def __init__(self, author: Author, index: Index) -> None:
        self._author = author
        self._index = index
        self._may_all = author.right is Right.ALL
        self._base = len(index.owners)
        self.data = b""
        self.runs: dict[int, list[Run]] = {}
        self.new: dict[bytes, int] = {}
        self.deletes: list[DeleteRange] = []
        self.whole = True

    def commit(self) -> None:
        """Enters it all into the index, with the author as the owner of new shapes."""
        index = self._index
        for key in self.new:
            index.add_shape(key, self._author.person)
        for client, runs in self.runs.items():
            for start, stop, slot in runs:
                index.add_run(client, start, stop, slot)
        for client, start, stop in self.deletes:
            index.add_deleted(client, start, stop)

    def take_blocks(self, blocks: list[Block]) -> None:
        """Takes all structs. Those of two client ids may build on each other in any order."""
        if len(blocks) == 1:
            if self._take(blocks[0], 0, blocks[0][1])[0] < len(blocks[0][2]):
                raise self._not_yet("it builds on something that is not known")
            return
        waiting = [(block, 0, block[1]) for block in blocks]
        while waiting:
            left = []
            moved = False
            for block, at, clock in waiting:
                until, clock = self._take(block, at, clock)
                moved = moved or until > at
                if until < len(block[2]):
                    left.append((block, until, clock))
            if not moved:
                raise self._not_yet("it builds on something that is not known")
            waiting = left

    def _take(self, block: Block, at: int, clock: int) -> tuple[int, int]:
        """Takes a block's structs from `at` on as far as what they build on is known; where it stopped."""
        client, _, structs = block
        runs = self.runs.get(client)
        known = runs[-1][1] if runs else self._index.next_clock(client)
        for kind, length, origin, key, _, _ in structs[at:] if at else structs:
            stop = clock + length
            if stop <= known:
                self.whole = False
            elif clock > known or kind == SKIP:
                raise self._not_yet(f"clock {clock} came, {known} is next")
            else:
                if clock < known:
                    # Only a Deleted struct is longer than one clock; its unknown rest hangs on its known beginning.
                    self.whole = False
                    slot = self._index.slot_at(client, known - 1)
                else:
                    slot = self._slot_of(key) if origin is None else self._slot_at(*origin)
                if slot is None:
                    break
                if not self._may_all:
                    self._may_write(slot)
                if runs is None:
                    runs = self.runs[client] = []
                runs.append((known, stop, slot))
                known = stop
            clock = stop
            at += 1
        return at, clock

    def take_deletes(self, deletes: list[DeleteRange]) -> None:
        """Takes all deletions, without those that are known."""
        for client, start, stop in deletes:
            if stop > self._known(client):
                raise self._not_yet("it deletes something that is not known")
            missing = self._index.undeleted(client, start, stop)
            if missing != [(start, stop)]:
                self.whole = False
            for first, end in missing:
                if not self._may_all:
                    self._may_delete(client, first, end)
                self.deletes.append((client, first, end))

    def _known(self, client: int) -> int:
        """The next clock of a client id, with what this update has added so far."""
        runs = self.runs.get(client)
        return runs[-1][1] if runs else self._index.next_clock(client)

    def _slot_of(self, key: bytes | None) -> int:
        assert key is not None, "the decoder gives each struct but a Skip an origin or a key"
        slot = self._index.slots.get(key)
        if slot is None:
            slot = self.new.setdefault(key, self._base + len(self.new))
        return slot

    def _slot_at(self, client: int, clock: int) -> int | None:
        """The shape that a struct wrote, of the index or of this update; None when it is not known (yet)."""
        slot = self._index.slot_at(client, clock)
        runs = self.runs.get(client)
        if slot is not None or not runs or not runs[0][0] <= clock < runs[-1][1]:
            return slot
        return runs[bisect_right(runs, clock, key=_start_of) - 1][2]

    def _may_write(self, slot: int) -> None:
        if self._author.right is Right.NONE:
            raise self._refused()
        if slot < self._base and self._index.persons[self._index.owners[slot]] != self._author.person:
            raise UpdateRefused(Reason.NOT_OWNER, "it changes somebody else's shape")

    def _may_delete(self, client: int, start: int, stop: int) -> None:
        if self._author.right is Right.NONE:
            raise self._refused()
        # What this update itself has written was looked at already.
        stop = min(stop, self._index.next_clock(client))
        if start < stop:
            owners = self._index.owners
            me = self._index.number_of(self._author.person)
            if any(owners[slot] != me for slot in self._index.slots_between(client, start, stop)):
                raise UpdateRefused(Reason.NOT_OWNER, "it deletes somebody else's shape")

    def _not_yet(self, detail: str) -> UpdateRefused:
        # What builds on something that a lock refused is told of the lock.
        return self._refused() if self._author.right is Right.NONE else UpdateRefused(Reason.GAP, detail)

    def _refused(self) -> UpdateRefused:
        if self._author.viewer:
            return UpdateRefused(Reason.READ_ONLY, "viewers do not write")
        return UpdateRefused(Reason.LOCKED, "the page is locked for this person")


def _start_of(run: Run) -> int:
    return run[0]


def _fresh(data: bytes, blocks: list[Block], index: Index) -> Iterator[Written]:
    """The structs of a checked update that are not known yet."""
    for client, first, structs in blocks:
        known = index.next_clock(client)
        clock = first
        for _, length, _, _, begin, end in structs:
            stop = clock + length
            if stop > known:
                body = data[begin:end]
                if clock < known:
                    body = deleted_struct((client, known - 1), stop - known)
                yield Written(client, max(clock, known), body)
            clock = stop
