"""
The gate: what of an update is new, and whether its author may do that. It decides by the update's structure and the
index alone, before anything is applied, stored or sent (docs/protocol.md section 3.2).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from whiteboard.errors import Reason, UpdateRefused
from whiteboard.ids import ClientId, PersonKey
from whiteboard.index import Index
from whiteboard.limits import PageLimits
from whiteboard.rights import Right
from whiteboard.update import (
    SKIP,
    Block,
    DeleteRange,
    Struct,
    Written,
    decode,
    deleted_struct,
    encode,
)


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


class Run(NamedTuple):
    """Clocks [start, stop) of a client id that write one shape."""

    client: int
    start: int
    stop: int
    slot: int


@dataclass(slots=True)
class Checked:
    """
    What an update adds to a page: `data` is an update of just that, byte for byte the one that came when all of it is
    new. `new_keys` take the slots from the index's length on.
    """

    data: bytes
    runs: list[Run]
    new_keys: list[bytes]
    deletes: list[DeleteRange]

    def commit(self, index: Index, person: PersonKey) -> None:
        """Enters it all into the index it was checked against; `person` owns the new shapes."""
        for key in self.new_keys:
            index.add_shape(key, person)
        for client, start, stop, slot in self.runs:
            index.add_run(client, start, stop, slot)
        for client, start, stop in self.deletes:
            index.add_deleted(client, start, stop)


def check(
    update: bytes, author: Author, clients: Mapping[ClientId, PersonKey], index: Index, limits: PageLimits
) -> Checked | None:
    """
    What `update` adds to the page, or None when all of it is known. `clients`: the client ids that were given for this
    page and epoch, and to whom. Raises UpdateRefused; changes nothing.
    """
    decoded = decode(update, limits)
    work = _Check(author, clients, index)
    whole = work.take_structs(decoded.blocks)
    whole = work.take_deletes(decoded.deletes) and whole
    if not work.runs and not work.deletes:
        return None
    return Checked(
        update if whole else encode(list(_fresh(update, decoded.blocks, index)), work.deletes),
        [run for runs in work.runs.values() for run in runs],
        list(work.new),
        work.deletes,
    )


@dataclass(slots=True)
class _Walk:
    """How far a client's block has been taken."""

    block: Block
    at: int
    clock: int


class _Check:
    """One update on its way through the gate: what it would add lies over the index until all of it has passed."""

    __slots__ = ("_author", "_base", "_clients", "_index", "_me", "deletes", "new", "runs")

    def __init__(self, author: Author, clients: Mapping[ClientId, PersonKey], index: Index) -> None:
        self._author = author
        self._clients = clients
        self._index = index
        self._me = index.number_of(author.person)
        self._base = len(index)
        self.runs: dict[int, list[Run]] = {}
        self.new: dict[bytes, int] = {}
        self.deletes: list[DeleteRange] = []

    def take_structs(self, blocks: list[Block]) -> bool:
        """Whether every struct is new. The blocks of two client ids may build on each other in any order."""
        person = self._author.person
        for block in blocks:
            if self._clients.get(ClientId(block[0])) != person:
                raise UpdateRefused(Reason.INVALID, "the client id was not given to this person")
        whole = True
        waiting = [_Walk(block, 0, block[1]) for block in blocks]
        while waiting:
            before = sum(walk.at for walk in waiting)
            for walk in waiting:
                whole = self._advance(walk) and whole
            if before == sum(walk.at for walk in waiting):
                raise self._not_yet("it builds on something that is not known")
            waiting = [walk for walk in waiting if walk.at < len(walk.block[2])]
        return whole

    def _advance(self, walk: _Walk) -> bool:
        """Takes a block's structs as far as what they build on is known; whether all of those were new."""
        client, _, structs = walk.block
        clock = walk.clock
        known = self._known(client)
        whole = True
        for at in range(walk.at, len(structs)):
            struct = structs[at]
            stop = clock + struct.length
            if stop <= known:
                whole = False
            elif clock > known or struct.kind == SKIP:
                raise self._not_yet(f"clock {clock} came, {known} is next")
            else:
                # Only a Deleted struct is longer than one clock; its unknown rest hangs on its known beginning.
                whole = whole and clock == known
                slot = self._slot(struct) if clock == known else self._index.slot_at(client, known - 1)
                if slot is None:
                    break
                self._may_write(slot)
                self.runs.setdefault(client, []).append(Run(client, known, stop, slot))
                known = stop
            clock = stop
            walk.at = at + 1
        walk.clock = clock
        return whole

    def take_deletes(self, deletes: list[DeleteRange]) -> bool:
        """Whether every deletion is new as it stands."""
        whole = True
        for client, start, stop in deletes:
            if stop > self._known(client):
                raise self._not_yet("it deletes something that is not known")
            missing = self._index.undeleted(client, start, stop)
            whole = whole and missing == [(start, stop)]
            for first, end in missing:
                self._may_delete(client, first, end)
                self.deletes.append((client, first, end))
        return whole

    def _known(self, client: int) -> int:
        """The next clock of a client id, with what this update has added so far."""
        runs = self.runs.get(client)
        return runs[-1].stop if runs else self._index.next_clock(client)

    def _slot(self, struct: Struct) -> int | None:
        """The shape that a new struct writes; None when it builds on something that is not known (yet)."""
        if struct.origin is not None:
            client, clock = struct.origin
            slot = self._index.slot_at(client, clock)
            runs = self.runs.get(client)
            if slot is not None or not runs or not runs[0].start <= clock < runs[-1].stop:
                return slot
            return runs[bisect_right(runs, clock, key=_start_of) - 1].slot
        assert struct.key is not None, "the decoder gives each struct but a Skip an origin or a key"
        slot = self._index.slot_of(struct.key)
        if slot is None:
            slot = self.new.setdefault(struct.key, self._base + len(self.new))
        return slot

    def _may_write(self, slot: int) -> None:
        right = self._author.right
        if right is Right.NONE:
            raise self._refused()
        if right is Right.OWN and slot < self._base and self._index.owner_numbers[slot] != self._me:
            raise UpdateRefused(Reason.NOT_OWNER, "it changes somebody else's shape")

    def _may_delete(self, client: int, start: int, stop: int) -> None:
        right = self._author.right
        if right is Right.NONE:
            raise self._refused()
        # What this update itself has written was looked at already.
        stop = min(stop, self._index.next_clock(client))
        if right is Right.OWN and start < stop:
            owners = self._index.owner_numbers
            if any(owners[slot] != self._me for slot in self._index.slots_between(client, start, stop)):
                raise UpdateRefused(Reason.NOT_OWNER, "it deletes somebody else's shape")

    def _not_yet(self, detail: str) -> UpdateRefused:
        # What builds on something that a lock refused is told of the lock.
        return self._refused() if self._author.right is Right.NONE else UpdateRefused(Reason.GAP, detail)

    def _refused(self) -> UpdateRefused:
        if self._author.viewer:
            return UpdateRefused(Reason.READ_ONLY, "viewers do not write")
        return UpdateRefused(Reason.LOCKED, "the page is locked for this person")


def _start_of(run: Run) -> int:
    return run.start


def _fresh(data: bytes, blocks: list[Block], index: Index) -> Iterator[Written]:
    """The structs of a checked update that are not known yet."""
    for client, first, structs in blocks:
        known = index.next_clock(client)
        clock = first
        for struct in structs:
            stop = clock + struct.length
            if stop > known:
                body = data[struct.begin : struct.end]
                if clock < known:
                    body = deleted_struct((client, known - 1), stop - known)
                yield Written(client, max(clock, known), body)
            clock = stop
