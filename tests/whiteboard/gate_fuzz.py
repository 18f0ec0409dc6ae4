"""
The fuzz target of the gate: stored and fitting updates, mostly with changed bytes, of authors with every right.
    python -m tests.whiteboard.gate_fuzz        FUZZ_SECONDS=20
What was let in must do no harm to a document that knows no gate, and must not have changed what its author may not.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pycrdt import Doc, Map

from tests.whiteboard.updates import (
    ANNA,
    ANNAS,
    ANNAS_OLD,
    BO,
    BOS,
    LIMITS,
    TUTOR,
    TUTORS,
    block,
    deletion,
    gone,
    made,
    over,
    page,
    skip,
    update,
)
from whiteboard import Author, ClientId, PersonKey, Right, UpdateRefused
from whiteboard.document.vector import decode_vector

CORPUS = Path(__file__).parents[1] / "vectors" / "board" / "updates"
ARTIFACTS = Path(__file__).parents[2] / "build" / "fuzz"
PAGE_LIFE = 2_000
"""Updates that one page is given, before a new one is begun."""

PEOPLE: list[tuple[PersonKey, ClientId]] = [(TUTOR, TUTORS), (ANNA, ANNAS), (ANNA, ANNAS_OLD), (BO, BOS)]
KEYS = [f"shape-{letter}{letter}" for letter in "abcdefghij"] + ["annas-aa", "annas-bb", "tutor-aa", "tutor-bb"]


class GateFuzz:
    """One run; it is repeated by its seed."""

    def __init__(self, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._corpus = [path.read_bytes() for path in sorted(CORPUS.glob("*.bin"))]
        self._seen: set[str] = set()
        self._begin()

    def run(self, most: int, until: float = float("inf")) -> Iterator[list[bytes]]:
        """Tries `most` updates; after each page it gives what was let in, in order. Raises what a finding raises."""
        for tried in range(1, most + 1):
            self._try()
            if tried % PAGE_LIFE == 0 or tried == most:
                yield self._finish()
                if time.monotonic() > until:
                    return

    def _begin(self) -> None:
        self._page = page()
        self._sent = [self._page.state()]
        self._peer: Doc[Map[bytes]] = Doc()
        self._peer_shapes: Map[bytes] = self._peer.get("e", type=Map)
        self._peer.apply_update(self._page.state())

    def _finish(self) -> list[bytes]:
        # Raises when the library and the index do not know the same updates.
        self._page.snapshot(0)
        self.shapes: dict[str, bytes] = {shape.id: shape.data for shape in self._page.shapes()}
        assert self.shapes == {key: bytes(data) for key, data in (self._peer_shapes.to_py() or {}).items()}
        assert decode_vector(self._peer.get_state(), LIMITS) == self._clocks()
        sent = self._sent
        self._begin()
        return sent

    def _try(self) -> None:
        person, client = self._random.choice(PEOPLE)
        right = self._random.choice((Right.OWN, Right.OWN, Right.ALL, Right.NONE))
        data = self._data(client)
        self.last = data, client, right
        others = self._of_others(person) if right is Right.OWN else None
        try:
            logged = self._page.receive(data, Author(person, client, right), 0)
        except UpdateRefused as refused:
            self.counts[refused.reason.value] += 1
            # A new answer is a new path: what led to it is worth more changes.
            if refused.detail not in self._seen and len(data) < 2_000:
                self._seen.add(refused.detail)
                self._corpus.append(data)
            return
        self.counts["known" if logged is None else "accepted"] += 1
        if logged is None:
            return
        assert right is not Right.NONE, "a lock was passed"
        assert others is None or self._of_others(person) == others, "somebody else's shape was changed"
        self._peer.apply_update(logged.data)
        self._sent.append(logged.data)

    def _of_others(self, person: PersonKey) -> dict[str, bytes]:
        return {shape.id: shape.data for shape in self._page.shapes() if shape.owner != person}

    def _clocks(self) -> dict[int, int]:
        return decode_vector(self._page.vector(), LIMITS)

    def _data(self, client: ClientId) -> bytes:
        data = self._fitting(client) if self._random.random() < 0.6 else self._random.choice(self._corpus)
        return self._changed(data) if self._random.random() < 0.7 else data

    def _fitting(self, client: ClientId) -> bytes:
        """An update that fits the page now, more or less."""
        known = self._clocks()
        clock = known.get(client, 0)
        bodies = []
        for at in range(self._random.choice((0, 1, 1, 1, 2, 5))):
            origin = self._random.choice([(one, self._random.randrange(stop)) for one, stop in known.items()])
            if at and self._random.random() < 0.3:
                origin = (client, clock + self._random.randrange(at))
            value = self._random.randbytes(self._random.choice((2, 10, 130)))
            key = self._random.choice(KEYS)
            kinds = (made(key, value), over(origin, value), over(origin, value), gone(origin, 2), skip(1))
            bodies.append(self._random.choices(kinds, (5, 3, 3, 1, 0.2))[0])
        clock = max(0, clock - (self._random.random() < 0.1))
        deletes = [
            deletion(one, (self._random.randrange(stop), self._random.choice((1, 1, 3))))
            for one, stop in known.items()
            if self._random.random() < 0.12
        ]
        return update(*([block(client, clock, *bodies)] if bodies else []), deletes=deletes)

    def _changed(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self._random.choice((1, 1, 1, 2, 4))):
            at = self._random.randrange(len(changed) + 1)
            match self._random.randrange(6):
                case 0 | 1 if at < len(changed):
                    changed[at] ^= 1 << self._random.randrange(8)
                case 2 if at < len(changed):
                    changed[at] = self._random.choice(_TELLING)
                case 3:
                    del changed[at : at + self._random.choice((1, 1, 2, 9))]
                case 4:
                    changed[at:at] = self._random.choice((b"\x00", b"\xff\xff\xff\xff\x07", self._random.randbytes(3)))
                case _:
                    other = self._random.choice(self._corpus)
                    cut = self._random.randrange(len(other))
                    changed[at:at] = other[cut : cut + self._random.choice((2, 8, 40))]
        return bytes(changed)


_TELLING = bytes((0, 1, 2, 3, 7, 8, 10, 0x21, 0x23, 0x27, 0x28, 0x63, 0x7F, 0x80, 0x81, 0x83, 0xA1, 0xA3, 0xA8, 0xFF))


def main() -> None:
    """Runs for FUZZ_SECONDS; a finding is left in build/fuzz/ and ends the run with its traceback."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"== gate, {os.environ.get('FUZZ_SECONDS', '20')} s, seed {seed}", flush=True)
    fuzz = GateFuzz(seed)
    try:
        for _ in fuzz.run(sys.maxsize, time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "20"))):
            pass
    except BaseException:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        (ARTIFACTS / f"gate-{seed}.bin").write_bytes(fuzz.last[0])
        print(f"author and right: {fuzz.last[1:]}; the update is in build/fuzz/gate-{seed}.bin", file=sys.stderr)
        raise
    print(f"no finding in {sum(fuzz.counts.values())} updates: {dict(fuzz.counts)}")


if __name__ == "__main__":
    main()
