"""Mutated updates: nothing unauthorised reaches a peer or the log, and what does do no harm, to Yjs neither."""

from pathlib import Path

import pytest

from tests.whiteboard.gate_fuzz import CORPUS, GateFuzz
from tests.whiteboard.updates import LIMITS
from tests.whiteboard.yjs_clients import yjs_clients
from whiteboard import UpdateRefused
from whiteboard.document.update import decode

LONG = 1_000_000


@pytest.mark.parametrize("seed", range(4))
def test_mutated_updates_do_no_harm(seed: int) -> None:
    fuzz = GateFuzz(seed)
    assert sum(len(sent) for sent in fuzz.run(2_000)) > 50
    assert len(fuzz.counts) >= 6, fuzz.counts


@pytest.mark.parametrize("path", sorted(CORPUS.glob("honest_*.bin")), ids=lambda path: path.stem)
def test_every_stored_honest_update_is_taken_apart(path: Path) -> None:
    blocks, deletes = decode(path.read_bytes(), LIMITS)
    assert blocks or deletes


def test_there_are_stored_attacks_and_the_decoder_alone_refuses_half_of_them() -> None:
    refused = 0
    attacks = sorted(CORPUS.glob("attack_*.bin"))
    for path in attacks:
        try:
            decode(path.read_bytes(), LIMITS)
        except UpdateRefused:
            refused += 1
    assert len(attacks) >= 16
    assert refused >= 8


@pytest.mark.slow
def test_what_was_let_in_means_the_same_to_yjs() -> None:
    means_the_same(seed=11, most=4_000)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_million_mutated_updates_do_no_harm(long_seed: int) -> None:
    means_the_same(long_seed, LONG)


def means_the_same(seed: int, most: int) -> None:
    fuzz = GateFuzz(seed)
    with yjs_clients() as yjs:
        for page, sent in enumerate(fuzz.run(most)):
            yjs.open(0, 5, sent[0])
            yjs.apply(0, sent[1:])
            assert yjs.shapes(0) == fuzz.shapes, f"page {page}"
            assert not yjs.pending(0)
    print(f"seed {seed}: {most} updates, {dict(fuzz.counts)}")
