"""The whiteboard in real browsers on a real server: drawn together, locked, drawn without a server, reloaded."""

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.interop.class_page import ClassPage
from tests.interop.conftest import person
from tests.interop.live_server import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

SOON_MS = 20_000


async def enter(browser: Browser, link: str, name: str) -> ClassPage:
    page = await ClassPage.open(await person(browser), link)
    await page.join(name, camera=False, mic=False)
    return page


async def on_one_page(server: LiveServer, chromium: Browser) -> tuple[ClassPage, ClassPage]:
    """A tutor who has made a page and led the class to it, and an officer who followed by himself."""
    tutor = await enter(chromium, server.links["tutor"], "Tutor Ana")
    officer = await enter(chromium, server.links["officer"], "Officer Ben")
    await tutor.page.keyboard.press("b")
    await tutor.page.get_by_role("button", name="Add page").click(timeout=SOON_MS)
    await tutor.page.get_by_role("button", name="Turn the class here").click(timeout=SOON_MS)
    await expect(tools(officer)).to_be_visible(timeout=SOON_MS)
    return tutor, officer


def tools(someone: ClassPage) -> Locator:
    return someone.page.get_by_role("toolbar", name="Drawing tools")


async def draw(someone: ClassPage, top: int) -> None:
    """A stroke in the upper half of the page."""
    await tools(someone).get_by_role("button", name="Pen", exact=True).click()
    box = await someone.page.get_by_role("region", name="Whiteboard").bounding_box()
    assert box is not None, "the board is shown"
    left = box["x"] + box["width"] * 0.4
    await someone.page.mouse.move(left, box["y"] + 130 + top)
    await someone.page.mouse.down()
    for step in range(1, 12):
        await someone.page.mouse.move(left + step * 9, box["y"] + 130 + top + step % 3 * 5)
    await someone.page.mouse.up()


async def shapes(someone: ClassPage) -> Locator:
    """The list of shapes, opened."""
    await someone.page.get_by_role("button", name="More for this page").click()
    await someone.page.get_by_role("menuitem", name="List of shapes").click()
    return someone.page.get_by_role("complementary", name="Shapes on this page").get_by_role("listitem")


async def test_what_one_draws_the_other_sees_under_the_name_of_who_drew_it(
    live_server: LiveServer, chromium: Browser
) -> None:
    tutor, officer = await on_one_page(live_server, chromium)
    await draw(tutor, 0)
    await draw(officer, 60)
    of_officer, of_tutor = await shapes(officer), await shapes(tutor)
    for listed in (of_officer, of_tutor):
        await expect(listed).to_have_count(2, timeout=SOON_MS)
    await expect(of_officer.filter(has_text="by Tutor Ana")).to_have_count(1)
    await expect(of_officer.filter(has_text="by you")).to_have_count(1)
    assert tutor.problems == []
    assert officer.problems == []


async def test_a_page_that_is_locked_takes_the_tools_out_of_the_hand_at_once(
    live_server: LiveServer, chromium: Browser
) -> None:
    tutor, officer = await on_one_page(live_server, chromium)
    await tutor.page.get_by_role("button", name="More for this page").click()
    await tutor.page.get_by_role("menuitem", name="Who may write").click()
    await tutor.page.get_by_role("button", name="Everyone", exact=False).click()
    await tutor.page.get_by_role("option", name="Nobody: locked").click()
    await expect(tools(officer).get_by_text("This page is locked")).to_be_visible(timeout=SOON_MS)
    await expect(tools(officer).get_by_role("button", name="Pen", exact=True)).to_have_count(0)


async def test_what_is_drawn_without_a_server_is_there_when_it_is_back_and_after_a_reload(
    live_server: LiveServer, chromium: Browser
) -> None:
    tutor, officer = await on_one_page(live_server, chromium)
    await draw(officer, 0)
    await expect(await shapes(tutor)).to_have_count(1, timeout=SOON_MS)
    await live_server.kill()
    await expect(officer.page.get_by_text("Keep drawing")).to_be_visible(timeout=SOON_MS)
    await draw(officer, 60)
    await expect(officer.page.get_by_text("1 change waiting")).to_be_visible(timeout=SOON_MS)
    await live_server.start()
    await expect(officer.page.get_by_text("1 change waiting")).to_have_count(0, timeout=SOON_MS)
    listed = tutor.page.get_by_role("complementary", name="Shapes on this page").get_by_role("listitem")
    await expect(listed).to_have_count(2, timeout=SOON_MS)
    await officer.page.reload()
    await officer.join(None, camera=False, mic=False)
    await expect(tools(officer)).to_be_visible(timeout=SOON_MS)
    again = await shapes(officer)
    await expect(again).to_have_count(2, timeout=SOON_MS)
    await expect(again.filter(has_text="by you")).to_have_count(2)
