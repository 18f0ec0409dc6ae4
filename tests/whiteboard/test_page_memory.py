"""A live page of 10,000 strokes, with its index and its cached state, takes less than 12 MiB of the process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURE = """
import gc, random
from pathlib import Path
from tests.whiteboard.updates import LIMITS, block, made, update
from whiteboard import Author, ClientId, Epoch, PageDocument, PersonKey, Right

def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def draw(page, strokes):
    for at in range(strokes):
        client = ClientId(1_000_000_000 + at % 20)
        data = update(block(client, at // 20, made(f"{at:011}", random.randbytes(123))))
        assert page.receive(data, Author(PersonKey(f"person-{client}"), client, Right.OWN), at)
    page.state()

def page():
    clients = {ClientId(1_000_000_000 + at): PersonKey(f"person-{1_000_000_000 + at}") for at in range(20)}
    return PageDocument(Epoch(1), LIMITS, clients)

draw(page(), 200)
before = resident()
live = page()
draw(live, 10_000)
print((resident() - before) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_ten_thousand_strokes_take_less_than_12_mib() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    print(f"{float(done.stdout):.1f} MiB")
    assert float(done.stdout) < 12
