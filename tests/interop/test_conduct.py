"""What people do in a class, in real browsers: speak, show, ask, be moderated, come twice, leave."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

SHOWN_MS = 15_000


async def shown(locator: Locator) -> None:
    await expect(locator).to_be_visible(timeout=SHOWN_MS)


def tile(page: ClassPage, name: str) -> Locator:
    return page.view.locator("[data-tile^='camera:']").filter(has_text=name)


async def act(tutor: ClassPage, name: str, action: str) -> None:
    """A tutor's action on one person, from the list."""
    button = tutor.view.get_by_role("button", name=f"Actions for {name}")
    if not await button.is_visible():
        await tutor.view.get_by_role("button", name=re.compile("in the class$")).click()
    await button.click()
    await tutor.view.get_by_role("menuitem", name=action).click()


async def count(page: ClassPage, people: int) -> None:
    label = "1 person in the class" if people == 1 else f"{people} people in the class"
    await expect(page.view.get_by_role("button", name=label)).to_be_visible(timeout=SHOWN_MS)


async def test_sound_slots_follow_the_speaker(room: ClassRoom, people: People) -> None:
    listener = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    first = await people.enter(room.officer, "Officer Ben", camera=False)
    second = await people.enter(room.officer, "Officer Cara", camera=False, mic=False)
    await expect(tile(listener, "Officer Ben").get_by_text("Speaking")).to_be_attached(timeout=SHOWN_MS)
    await first.view.get_by_role("button", name=re.compile("Mute microphone")).click()
    await second.view.get_by_role("button", name=re.compile("Unmute microphone")).click()
    await expect(tile(listener, "Officer Cara").get_by_text("Speaking")).to_be_attached(timeout=SHOWN_MS)
    await expect(tile(listener, "Officer Ben").get_by_text("Speaking")).not_to_be_attached(timeout=SHOWN_MS)
    before = await listener.received()
    await listener.until(
        "(energy) => found.inbound.reduce((sum, e) => sum + e.energy, 0) > energy + 0.001", before.energy
    )


async def test_a_muted_officer_is_told_and_his_microphone_is_closed(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False)
    await act(tutor, "Officer Ben", "Mute")
    await shown(officer.view.get_by_text("Tutor Ana muted you.").first)
    await shown(officer.view.get_by_role("button", name=re.compile("Unmute microphone")))
    assert await officer.page.evaluate(
        "window.connections.at(-1).getSenders().every((s) => s.track?.kind !== 'audio' || !s.track.enabled)"
    )
    await shown(tile(tutor, "Officer Ben").get_by_text("Microphone off"))


async def test_a_removed_officer_cannot_come_back_by_reload_or_link(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await act(tutor, "Officer Ben", "Remove from class")
    await tutor.view.get_by_role("button", name="Remove", exact=True).click()
    await shown(officer.view.get_by_role("heading", name="You were removed from the class"))
    await shown(officer.view.get_by_text("Tutor Ana removed you."))
    await count(tutor, 1)
    await officer.page.reload()
    await shown(officer.view.get_by_role("heading", name="Open your class from its link"))
    again = await officer.page.context.new_page()
    await again.goto(room.officer)
    await again.get_by_role("button", name=re.compile("^Join")).click()
    await shown(again.get_by_role("heading", name="You cannot return to this class"))
    await count(tutor, 1)


async def test_the_end_of_the_class_reaches_everyone(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await count(tutor, 2)
    await tutor.view.get_by_role("button", name=re.compile("Leave")).click()
    await tutor.view.get_by_role("button", name="End class for everyone").click()
    for page in (tutor, officer):
        await shown(page.view.get_by_role("heading", name="The class has ended"))


async def test_a_raised_hand_shows_its_number_to_the_tutor(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    names = ("Officer Ben", "Officer Cara")
    officers = [await people.enter(room.officer, name, camera=False, mic=False) for name in names]
    for number, (officer, name) in enumerate(zip(officers, names, strict=True), start=1):
        await officer.view.get_by_role("button", name=re.compile("Raise hand")).click()
        await expect(tile(tutor, name).get_by_text(f"Hand {number}")).to_be_attached(timeout=SHOWN_MS)
    await act(tutor, "Officer Ben", "Lower hand")
    await shown(officers[0].view.get_by_role("button", name=re.compile("Raise hand")))
    await expect(tile(tutor, "Officer Cara").get_by_text("Hand 1")).to_be_attached(timeout=SHOWN_MS)


async def test_a_camera_that_goes_off_leaves_initials(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await shown(tile(officer, "Tutor Ana").locator("video"))
    await officer.until("() => found.inbound.some((e) => e.framesDecoded > 5)")
    await tutor.view.get_by_role("button", name=re.compile("Turn camera off")).click()
    await expect(tile(officer, "Tutor Ana").locator("video")).not_to_be_attached(timeout=SHOWN_MS)
    await shown(tile(officer, "Tutor Ana").get_by_text("TA"))
    before = await officer.received()
    await tutor.view.get_by_role("button", name=re.compile("Turn camera on")).click()
    await shown(tile(officer, "Tutor Ana").locator("video"))
    await officer.until(
        "(frames) => found.inbound.reduce((n, e) => n + e.framesDecoded, 0) > frames + 5", before.frames
    )


async def test_a_microphone_is_switched_while_live(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    label = "window.connections.at(-1).getSenders().find((s) => s.track?.kind === 'audio').track.label"
    before = await tutor.page.evaluate(label)
    await tutor.view.get_by_role("button", name="Choose microphone and speaker").click()
    group = tutor.view.get_by_role("group", name="Microphone")
    await group.get_by_role("menuitemradio").filter(has_not_text=before).last.click()
    await tutor.page.wait_for_function(f"(before) => {label} !== before", arg=before, timeout=SHOWN_MS)
    heard = await officer.received()
    await officer.until("(energy) => found.inbound.reduce((n, e) => n + e.energy, 0) > energy + 0.001", heard.energy)


async def test_space_is_push_to_talk(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await officer.page.locator("#stage").click(position={"x": 2, "y": 2})
    await officer.page.keyboard.down("Space")
    await expect(tile(tutor, "Officer Ben").get_by_text("Speaking")).to_be_attached(timeout=SHOWN_MS)
    await officer.page.keyboard.up("Space")
    await shown(tile(tutor, "Officer Ben").get_by_text("Microphone off"))


async def test_two_tabs_of_one_person_are_one_participant(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    second = await ClassPage.open(officer.page.context, room.officer)
    await second.join(None, camera=False, mic=False)
    await shown(officer.view.get_by_role("heading", name="The class is open in another tab"))
    await count(tutor, 2)
    await officer.view.get_by_role("button", name="Continue here").click()
    await shown(second.view.get_by_role("heading", name="The class is open in another tab"))
    await shown(officer.view.get_by_role("toolbar", name="Your controls"))
    await officer.until("() => found.inbound.some((e) => e.energy > 0)")
    await count(tutor, 2)


async def test_a_duplicated_tab_does_not_fight_with_the_first(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    # A window that the page opens starts with a copy of the tab's storage, as a duplicated tab does.
    async with officer.page.expect_popup() as opening:
        await officer.page.evaluate("void window.open('/join')")
    copy = ClassPage(await opening.value)
    await copy.join(None, camera=False, mic=False)
    await shown(officer.view.get_by_role("heading", name="The class is open in another tab"))
    await shown(copy.view.get_by_role("toolbar", name="Your controls"))
    await count(tutor, 2)
