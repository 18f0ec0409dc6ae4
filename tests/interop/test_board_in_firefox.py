"""The board in Firefox ESR beside one in Chromium: a line drawn in the one is the same line in the other."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.interop.board_page import BoardPage, stored
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.live_server import REPOSITORY, LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]


async def test_a_line_drawn_in_firefox_is_on_the_tutors_page_in_chromium(
    room: ClassRoom, people: People, shared_server: LiveServer, tmp_path: Path
) -> None:
    ana = BoardPage(await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False))
    await ana.first_page()
    await ana.set_mode("Everyone, own shapes")
    firefox = await asyncio.create_subprocess_exec(
        "node",
        str(Path(__file__).with_name("firefox_board.mjs")),
        str(REPOSITORY / "web-client"),
        room.officer,
        env={**os.environ, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert firefox.stdout is not None, "piped"
    async with asyncio.timeout(80):
        told = await firefox.stdout.readline()
        if not told:
            _, errors = await firefox.communicate()
            pytest.fail(errors.decode())
        assert await ana.has(1) == stored(shared_server, room.id)
        await firefox.communicate(b"\n")
    assert firefox.returncode == 0
