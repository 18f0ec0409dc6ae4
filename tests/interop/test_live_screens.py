"""The screens of a live class in a phone's width under axe; the gallery's test has every state and direction."""

import re

import pytest
from playwright.async_api import Page

from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.test_conduct import shown
from tests.interop.test_screens import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

PHONE = {"width": 360, "height": 740}


async def faultless(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert await violations(page) == []


async def test_a_live_class_on_a_phone_has_no_accessibility_fault(room: ClassRoom, people: People) -> None:
    await people.enter(room.officer, "Officer Ben", mic=False)
    context = await people.profile(viewport=PHONE, reduced_motion="reduce")
    tutor = await ClassPage.open(context, room.tutor)
    await shown(tutor.view.get_by_label("Your name"))
    await faultless(tutor.page)
    await tutor.join("Tutor Ana")
    await tutor.until("() => found.inbound.some((e) => e.framesDecoded > 5)")
    await faultless(tutor.page)
    await tutor.view.get_by_role("button", name=re.compile("in the class$")).click()
    await shown(tutor.view.get_by_role("button", name="Actions for Officer Ben"))
    await faultless(tutor.page)
    await tutor.view.get_by_role("button", name="Actions for Officer Ben").click()
    await tutor.view.get_by_role("menuitem", name="Remove from class").click()
    await shown(tutor.view.get_by_role("button", name="Remove", exact=True))
    await faultless(tutor.page)
    await tutor.view.get_by_role("button", name="Cancel").click()
    await tutor.page.keyboard.press("Escape")
    await tutor.view.get_by_role("button", name=re.compile("Leave")).click()
    await tutor.view.get_by_role("button", name="End class for everyone").click()
    await shown(tutor.view.get_by_role("heading", name="The class has ended"))
    await faultless(tutor.page)
