"""Long runs: they are skipped unless they are asked for (CONTRIBUTING.md)."""

import random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long too: minutes, not seconds")
    parser.addoption("--long-seed", type=int, help="the seed of long runs; a random one is drawn and printed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="a long run: pytest --long -m long -s"))


@pytest.fixture
def long_seed(request: pytest.FixtureRequest) -> int:
    """The seed of a long run, printed so that the run can be repeated."""
    given: int | None = request.config.getoption("--long-seed")
    seed = random.SystemRandom().getrandbits(32) if given is None else given
    print(f"\n--long-seed {seed}", flush=True)
    return seed
