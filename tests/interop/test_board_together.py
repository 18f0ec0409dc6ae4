"""Several people at one board in real browsers: they draw at once, see each other draw, and end with the same page."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.interop.board_page import REMEMBER_PAINTED_WORDS, SHOWN_MS, BoardPage, stored, wave
from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.live_server import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]


async def come(people: People, link: str, name: str) -> BoardPage:
    context = await people.profile()
    await context.add_init_script(REMEMBER_PAINTED_WORDS)
    who = await ClassPage.open(context, link)
    await who.join(name, camera=False, mic=False)
    return BoardPage(who)


async def test_two_tutors_and_an_officer_draw_at_once_and_end_with_the_same_page(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ana = await come(people, room.tutor, "Tutor Ana")
    luis = await come(people, room.tutor, "Tutor Luis")
    ben = await come(people, room.officer, "Officer Ben")
    await ana.first_page()
    await ana.set_mode("Everyone, own shapes")
    for each in (luis, ben):
        await each.ready()
    # Nobody lifts yet: what the others see now was never stored.
    lines = {"Tutor Ana": wave(0.1, 0.2), "Tutor Luis": wave(0.4, 0.4), "Officer Ben": wave(0.65, 0.6)}
    await asyncio.gather(
        ana.draw(lines["Tutor Ana"], lift=False),
        luis.draw_with("pen", lines["Tutor Luis"], lift=False),
        ben.draw_with("touch", lines["Officer Ben"], lift=False),
    )
    for viewer, own in ((ana, "Tutor Ana"), (luis, "Tutor Luis"), (ben, "Officer Ben")):
        for name in lines.keys() - {own}:
            await viewer.sees(lines[name])
            await viewer.sees_name(name)
        assert not await viewer.page.evaluate("(name) => paintedWords.has(name)", own), "nobody needs his own name"
    assert stored(shared_server, room.id) == {}
    await asyncio.gather(
        ana.page.mouse.up(),
        luis.lift("pen"),
        ben.lift("touch"),
    )
    # And now all at the same time, several lines each.
    for row in range(3):
        await asyncio.gather(
            ana.draw(wave(0.1, 0.3 + 0.1 * row)),
            luis.draw_with("pen", wave(0.3, 0.3 + 0.1 * row)),
            ben.draw_with("touch", wave(0.5, 0.3 + 0.1 * row)),
        )
    pages = [await each.has(12) for each in (ana, luis, ben)]
    for each in (ana, luis, ben):
        await each.saved()
    assert pages[0] == pages[1] == pages[2] == stored(shared_server, room.id)
    for each in (ana, luis, ben):
        assert each.who.problems == []


async def test_an_officer_locked_out_while_drawing_keeps_his_line_as_a_ghost_and_may_offer_it_again(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ana = await come(people, room.tutor, "Tutor Ana")
    ben = await come(people, room.officer, "Officer Ben")
    await ana.first_page()
    await ana.set_mode("Everyone, own shapes")
    await ben.ready()
    await ben.draw(wave(0.1, 0.2))
    await ben.draw(wave(0.5, 0.5), lift=False)
    await ana.set_mode("Nobody: locked")
    await expect(ben.view.get_by_text("This page is locked").first).to_be_visible(timeout=SHOWN_MS)
    # The tools are gone at once, and the pen that is still down draws nothing more.
    await expect(ben.tool("Pen")).not_to_be_attached()
    await ben.page.mouse.move(*(await ben.at([(0.9, 0.9)]))[0])
    await ben.page.mouse.up()
    await ben.draw(wave(0.1, 0.8))
    ghosts = ben.view.get_by_role("button", name="1 change was not accepted")
    await expect(ghosts).to_be_visible(timeout=SHOWN_MS)
    await ghosts.click()
    await expect(ben.view.get_by_text("The page was locked.")).to_be_visible()
    assert len(await ana.has(1)) == len(stored(shared_server, room.id)) == 1
    await ana.set_mode("Everyone, own shapes")
    await expect(ben.tool("Pen")).to_be_visible(timeout=SHOWN_MS)
    await ben.view.get_by_role("button", name="Offer again").click()
    await expect(ghosts).not_to_be_attached(timeout=SHOWN_MS)
    theirs = await ana.has(2)
    await ben.saved()
    assert theirs == await ben.has(2) == stored(shared_server, room.id)
