"""What goes wrong while people draw, in real browsers: cut networks, crashed tabs, killed servers."""

import asyncio
import sqlite3
from contextlib import closing, suppress

import pytest
from playwright.async_api import Error, expect

from tests.interop.board_page import SHOWN_MS, BoardPage, stored, wave
from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.live_server import LiveServer
from tests.interop.test_trouble import REMEMBER_SOCKETS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

AWAY = "No connection. Keep drawing: it is sent later."


async def at_board(people: People, room: ClassRoom) -> tuple[BoardPage, BoardPage]:
    """A tutor and an officer who may draw, on one page."""
    ana = BoardPage(await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False))
    context = await people.profile()
    await context.add_init_script(REMEMBER_SOCKETS)
    who = await ClassPage.open(context, room.officer)
    await who.join("Officer Ben", camera=False, mic=False)
    ben = BoardPage(who)
    await ana.first_page()
    await ana.set_mode("Everyone, own shapes")
    await ben.ready()
    return ana, ben


def logged(server: LiveServer, room: str) -> int:
    """Rows of the log for all pages of a room."""
    with closing(sqlite3.connect(server.data_dir / "muster.db", timeout=10)) as database:
        counted: tuple[int] = database.execute(
            "SELECT count(*) FROM board_update JOIN board_page ON board_page.id = page_id WHERE room_id = ?", (room,)
        ).fetchone()
    return counted[0]


async def test_lines_drawn_without_a_network_survive_a_crashed_tab_and_are_sent_once(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ana, ben = await at_board(people, room)
    await ben.draw(wave(0.1, 0.2))
    await ben.saved()
    await ana.has(1)
    context = ben.page.context
    await context.set_offline(True)
    await ben.page.evaluate("sockets.filter((each) => each.url.endsWith('/ws/board')).forEach((each) => each.close())")
    await expect(ben.view.get_by_text(AWAY)).to_be_visible(timeout=SHOWN_MS)
    await ben.draw(wave(0.1, 0.4))
    await ben.draw(wave(0.1, 0.6))
    await expect(ben.view.get_by_text("2 changes waiting")).to_be_visible()
    assert len(await ana.has(1)) == len(stored(shared_server, room.id))
    # The tab dies as it does when the browser is out of memory: nothing can be said goodbye to.
    crashed = ben.page
    protocol = await ben.protocol()
    async with crashed.expect_event("crash"):
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(protocol.send("Page.crash"), 1)
    await crashed.close()
    await context.set_offline(False)
    again = BoardPage(await ClassPage.open(context, room.officer))
    await again.who.join(None, camera=False, mic=False)
    theirs = await ana.has(3)
    await again.saved()
    assert theirs == await again.has(3) == stored(shared_server, room.id)
    assert logged(shared_server, room.id) == 3, "each line is in the log once"


async def test_a_server_killed_while_people_draw_loses_nothing_that_was_acknowledged(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ana, ben = await at_board(people, room)
    for row in range(3):
        await ben.draw(wave(0.1, 0.1 + 0.1 * row))
    await ben.saved()
    acknowledged = stored(shared_server, room.id)
    assert len(acknowledged) == 3

    async def kill() -> None:
        await shared_server.kill()

    await asyncio.gather(ben.draw(wave(0.5, 0.1, steps=120)), kill())
    # Both go on while nobody is there to listen.
    await ben.draw(wave(0.5, 0.3))
    await ana.draw(wave(0.5, 0.5))
    await shared_server.start()
    await ben.draw(wave(0.5, 0.7))
    # Nobody touches anything: both find the server and bring it what it lacks.
    theirs = await ana.has(7)
    for each in (ana, ben):
        await each.saved()
    assert theirs == await ben.has(7) == stored(shared_server, room.id)
    assert acknowledged.items() <= theirs.items()
    assert logged(shared_server, room.id) == 7
