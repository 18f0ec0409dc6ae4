"""Five tabs with real Yjs and the server end with equal documents, whatever the network, locks and crashes do."""

import pytest

from tests.whiteboard.board_world import World
from tests.whiteboard.yjs_clients import yjs_clients

CI_STEPS = 2_400
LONG_STEPS = 100_000
ROUND = 400


def converge(seed: int, steps: int) -> None:
    print(f"seed {seed}", flush=True)
    with yjs_clients() as yjs:
        world = World(seed, yjs)
        for _ in range(steps // ROUND):
            world.run(ROUND)
            world.settle()
            world.check()
    print(f"seed {seed}: {steps} steps, {dict(world.counts)}")
    assert world.counts["accepted"] > steps // 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_all_documents_are_equal_in_the_end(seed: int) -> None:
    converge(seed, CI_STEPS)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_documents_are_equal_after_a_hundred_thousand_steps(long_seed: int) -> None:
    converge(long_seed, LONG_STEPS)
