"""Private copies in real browsers: everybody works alone, the tutor sees all of it live and shows one to the class."""

import pytest
from playwright.async_api import expect

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

# Pixels of a copy's thumbnail that are not white: how much is drawn on its page (a thin line is grey there).
INK = """
([name, least]) => {
  const canvas = document.querySelector(`[aria-label="Open the copy of ${name}"] canvas`);
  if (!canvas) return null;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let at = 0; at < data.length; at += 4) if (Math.max(...data.slice(at, at + 3)) < 240) ink += 1;
  return ink > least ? ink : null;
}
"""


async def ink_of(tutor: BoardPage, name: str, least: int) -> int:
    """Waits until there is more than `least` in somebody's thumbnail on the tutor's wall; returns how much."""
    found = await tutor.page.wait_for_function(INK, arg=[name, least], timeout=SHOWN_MS)
    ink: int = await found.json_value()
    return ink


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
    names = ("Officer Ben", "Officer Cara")
    before = {name: await ink_of(ana, name, 0) for name in names}
    # A copy's picture follows its page while she draws.
    await cara.draw(wave(0.1, 0.75, length=0.6))
    assert await ink_of(ana, "Officer Cara", before["Officer Cara"] + 20) > before["Officer Cara"]
    assert await ink_of(ana, "Officer Ben", 0) == before["Officer Ben"]
    await ana.view.get_by_role("button", name="Show to the class: Officer Cara").click()
    await expect(ben.view.get_by_text("Shown to the class")).to_be_visible(timeout=SHOWN_MS)
    assert await ben.has(3) == await cara.has(3)
    await expect(ben.tool("Pen")).not_to_be_attached()
    await ana.view.get_by_role("button", name="Stop showing: Officer Cara").click()
    await expect(ben.view.get_by_text("Only you and the tutors see this page")).to_be_visible(timeout=SHOWN_MS)
    assert await ben.has(2) == his
