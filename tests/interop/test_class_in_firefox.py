"""Firefox ESR, which speaks WebRTC in its own way, in a network of its own (it gathers no loopback candidates)."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.live_server import REPOSITORY, LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(150)]

ADDRESS = "10.77.0.1"


def ip(*arguments: str) -> None:
    subprocess.run(["/usr/sbin/ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def network() -> Iterator[str]:
    """A namespace with one veth pair and a default route, so that Firefox finds an address to use."""
    if os.geteuid() != 0:
        pytest.fail("needs root to make a network namespace")
    name = f"muster{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        ip("-n", name, "addr", "add", f"{ADDRESS}/24", "dev", "veth0")
        ip("-n", name, "link", "set", "veth0", "up")
        ip("-n", name, "link", "set", "veth1", "up")
        ip("-n", name, "route", "add", "default", "via", "10.77.0.2", "dev", "veth0")
        yield name
    finally:
        ip("netns", "del", name)


async def test_firefox_publishes_and_receives(network: str, tmp_path: Path) -> None:
    inside = ("/usr/sbin/ip", "netns", "exec", network)
    environment = {"MUSTER_MEDIA_ANNOUNCED": ADDRESS}
    async with LiveServer(tmp_path / "data", environment=environment, prefix=inside) as server:
        process = await asyncio.create_subprocess_exec(
            *inside,
            "node",
            str(Path(__file__).with_name("firefox.mjs")),
            str(REPOSITORY / "web-client"),
            server.links["tutor"],
            server.links["officer"],
            env={**os.environ, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        told = json.loads(output.splitlines()[-1])
        assert told["officer"]["frames"] > 10
        assert told["officer"]["energy"] > 0
        assert sum(frames > 0 for frames in told["encoded"].values()) >= 2, "simulcast without our feedback stays low"
