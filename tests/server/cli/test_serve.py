"""The server as a process: it becomes ready, says where, and comes back after a kill."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server.cli.test_commands import free_port

pytest.importorskip("media._native", reason="the native module is not built (make native)")

ROOT = Path(__file__).parents[3]


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Runs the server until its greeting of three lines is read, and kills it at the end if it still runs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **{f"MUSTER_{name}": text for name, text in settings.items()}}
    command = [sys.executable, "-m", "server", "serve"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, [process.stdout.readline().strip() for _ in range(3)]
        finally:
            process.kill()


@pytest.mark.slow
def test_a_fresh_server_greets_with_links_that_work_and_ends_well_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, HTTP_PORT=str(port), MEDIA_PORT=str(free_port())) as (process, greeting):
        assert greeting[0] == f"Muster is ready on http://127.0.0.1:{port}"
        links = dict(line.split() for line in greeting[1:])
        assert set(links) == {"tutor", "officer"}
        said = {"invitation": links["tutor"].partition("#invitation=")[2], "name": "Ana", "guest_key": "k" * 22}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/session",
            data=json.dumps(said).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert json.load(response)["role"] == "tutor"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


@pytest.mark.slow
def test_a_killed_server_starts_again_on_the_same_folder_and_ports(tmp_path: Path) -> None:
    ports = {"HTTP_PORT": str(free_port()), "MEDIA_PORT": str(free_port())}
    for _ in range(2):
        with served(tmp_path, **ports) as (process, greeting):
            assert greeting[0].startswith("Muster is ready")
            process.kill()
            assert process.wait(timeout=10) == -signal.SIGKILL
