"""The live board under axe in light and dark and on a phone, and worked without a mouse."""

import pytest
from playwright.async_api import Page, expect

from tests.interop.board_page import SHOWN_MS, BoardPage, wave
from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.test_live_screens import PHONE, faultless

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]


async def settled(page: Page) -> None:
    """No transition changes colours any more."""
    await page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")


async def test_the_live_board_has_no_accessibility_fault_in_light_and_dark_and_on_a_phone(
    room: ClassRoom, people: People
) -> None:
    desk = await ClassPage.open(await people.profile(reduced_motion="reduce"), room.tutor)
    await desk.join("Tutor Ana", camera=False, mic=False)
    ana = BoardPage(desk)
    await ana.first_page()
    await ana.draw(wave(0.1, 0.2))
    phone = await ClassPage.open(await people.profile(viewport=PHONE, reduced_motion="reduce"), room.officer)
    await phone.join("Officer Ben", camera=False, mic=False)
    ben = BoardPage(phone)
    await expect(ben.canvas).to_be_visible(timeout=SHOWN_MS)
    for scheme in ("light", "dark"):
        for each in (ana, ben):
            await each.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await settled(each.page)
            await faultless(each.page)
    await ana.choose("Who may write")
    await expect(ana.view.get_by_role("dialog")).to_be_visible()
    await faultless(ana.page)
    await ana.view.get_by_role("button", name="Done").click()
    await ana.choose("List of shapes")
    await expect(ana.view.get_by_role("button", name="Drawing")).to_be_visible()
    await faultless(ana.page)
    await ana.choose("Give everyone a private copy")
    await ana.choose("See all private copies")
    await expect(ana.view.get_by_role("heading", name="Private copies")).to_be_visible()
    await faultless(ana.page)


async def test_a_note_and_a_text_are_made_moved_and_deleted_by_keyboard_alone(room: ClassRoom, people: People) -> None:
    ana = BoardPage(await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False))
    ben = BoardPage(await people.enter(room.officer, "Officer Ben", camera=False, mic=False))
    await ana.first_page()
    await ana.choose("List of shapes")
    rows = ana.view.get_by_role("listitem").filter(has_text="by you")
    press = ana.page.keyboard.press
    for tool, words in (("Sticky note", "Ask about origin"), ("Text", "Rules")):
        await ana.tool(tool).focus()
        await press("Space")
        await ana.canvas.focus()
        await press("Enter")
        await ana.page.keyboard.type(words)
        await press("Escape")
        await expect(rows.filter(has_text=words)).to_have_count(1, timeout=SHOWN_MS)
    await expect(rows.filter(has_text="Ask about origin")).to_contain_text("in the middle")
    # The list leads to the shape, and the arrow keys move it to the edge of the page.
    await rows.filter(has_text="Ask about origin").get_by_role("button").focus()
    await press("Enter")
    await expect(ana.canvas).to_be_focused()
    for _ in range(12):
        await press("Shift+ArrowLeft")
    await expect(rows.filter(has_text="Ask about origin")).to_contain_text("middle left")
    await ben.has(2)
    await press("Delete")
    await expect(rows.filter(has_text="Ask about origin")).to_have_count(0)
    await expect(rows).to_have_count(1)
    await ben.has(1)
    await press("Control+z")
    await expect(rows).to_have_count(2)
    await press("Escape")
    await press("Escape")
    await expect(ana.view.get_by_role("toolbar", name="Drawing tools").locator(":focus")).to_have_count(1)


async def test_the_b_key_puts_the_board_on_the_stage_and_takes_it_off(room: ClassRoom, people: People) -> None:
    ana = BoardPage(await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False))
    board = ana.view.get_by_role("region", name="Whiteboard")
    await ana.page.keyboard.press("b")
    await expect(board).to_be_visible(timeout=SHOWN_MS)
    await ana.page.keyboard.press("b")
    await expect(board).not_to_be_attached()
