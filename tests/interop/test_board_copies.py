"""Private copies in real browsers: everybody works alone, the tutor sees all of it live and shows one to the class."""

import pytest
from playwright.async_api import Locator, expect

from tests.interop.board_page import SHOWN_MS, BoardPage, stored, wave
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.live_server import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

# Pixels of a thumbnail that are not white: how much is drawn on its page (a thin line is grey there).
INK = """
(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let at = 0; at < data.length; at += 4) if (Math.max(...data.slice(at, at + 3)) < 240) ink += 1;
  return ink;
}
"""


async def ink_of(thumbnail: Locator) -> int:
    found: int = await thumbnail.evaluate(INK)
    return found


async def test_each_officer_sees_his_own_copy_alone_and_the_tutor_sees_all_and_shows_one(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ana, ben, cara = [
        BoardPage(await people.enter(link, name, camera=False, mic=False))
        for link, name in ((room.tutor, "Tutor Ana"), (room.officer, "Officer Ben"), (room.officer, "Officer Cara"))
    ]
    await ana.first_page()
    await ana.draw(wave(0.1, 0.2))
    await ana.saved()
    await ana.choose("Give everyone a private copy")
    for officer, row in ((ben, 0.4), (cara, 0.6)):
        await expect(officer.view.get_by_text("Only you and the tutors see this page")).to_be_visible(timeout=SHOWN_MS)
        await officer.ready()
        await officer.draw(wave(0.1, row))
        await officer.saved()
    his, hers = await ben.has(2), await cara.has(2)
    assert len(his.items() & hers.items()) <= 1, "only the tutor's line is on both copies"
    assert len(stored(shared_server, room.id, 1)) == 1
    assert sorted([stored(shared_server, room.id, 2), stored(shared_server, room.id, 3)], key=sorted) == sorted(
        [his, hers], key=sorted
    )
    await ana.choose("See all private copies")
    await expect(ana.view.get_by_text("2 copies")).to_be_visible()
    thumbnails = {
        name: ana.view.get_by_role("button", name=f"Open the copy of {name}").locator("canvas")
        for name in ("Officer Ben", "Officer Cara")
    }
    for thumbnail in thumbnails.values():
        await expect(thumbnail).to_be_visible(timeout=SHOWN_MS)
        await ana.page.wait_for_function(f"(canvas) => ({INK})(canvas) > 0", arg=await thumbnail.element_handle())
    before = {name: await ink_of(thumbnail) for name, thumbnail in thumbnails.items()}
    # A copy's picture follows its page while she draws.
    await cara.draw(wave(0.1, 0.75, length=0.6))
    await ana.page.wait_for_function(
        f'([name, before]) => ({INK})(document.querySelector(`[aria-label="${{name}}"] canvas`)) > before + 20',
        arg=["Open the copy of Officer Cara", before["Officer Cara"]],
        timeout=SHOWN_MS,
    )
    assert await ink_of(thumbnails["Officer Ben"]) == before["Officer Ben"]
    await ana.view.get_by_role("button", name="Show to the class: Officer Cara").click()
    await expect(ben.view.get_by_text("Shown to the class")).to_be_visible(timeout=SHOWN_MS)
    assert await ben.has(3) == await cara.has(3)
    await expect(ben.tool("Pen")).not_to_be_attached()
    await ana.view.get_by_role("button", name="Stop showing: Officer Cara").click()
    await expect(ben.view.get_by_text("Only you and the tutors see this page")).to_be_visible(timeout=SHOWN_MS)
    assert await ben.has(2) == his
