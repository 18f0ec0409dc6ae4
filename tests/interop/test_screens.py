"""Every screen and state of the page, from the gallery: accessible, within its policy, never cut."""

from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WEB_CLIENT = Path(__file__).resolve().parents[2] / "web-client"
AXE = WEB_CLIENT / "node_modules" / "axe-core" / "axe.min.js"

# The refusals differ in words alone; one with a button and one without stand for all.
GROUPS = {
    "join": ["opening", "join", "join-name", "join-name-refused", "join-muted", "join-blocked", "join-no-camera"],
    "asking": [
        "join-asking",
        "connecting",
        "left",
        "moved",
        "ended",
        "removed",
        "refused-ticket_used",
        "refused-unreachable",
    ],
    "stage": ["room", "room-states", "room-many", "room-screen", "room-speaker", "room-pinned", "room-two"],
    "around": ["room-tutor", "room-alone", "room-reconnecting", "room-weak", "room-listener", "room-sharing"],
    "board": ["board-tutor", "board-officer", "board-looking", "board-locked", "board-offline", "board-upload"],
    "beside the board": [
        "board-ghosts",
        "board-shapes",
        "board-copies",
        "board-private",
        "board-rights",
        "board-restore",
    ],
    "no board yet": ["board-empty", "board-empty-officer", "board-opening", "board-failed"],
    "above": ["moved", "room-notice", "room-hand", "room-screen-people", "keys", "confirm-remove", "confirm-leave"],
}


# What stands on the board when it is ready; by default its tools.
BOARD_READY = {
    "board-copies": "h2",
    "board-empty": "section h2",
    "board-empty-officer": "section h2",
    "board-opening": "section [role=status]",
    "board-failed": "section h2",
}


class Look(NamedTuple):
    language: str
    theme: str
    width: int
    height: int


LOOKS = {
    "a laptop in light colours": Look("en", "light", 1366, 768),
    "a phone from right to left in dark colours": Look("ar-XB", "dark", 360, 740),
    "the narrowest phone with the longest words": Look("en-XA", "light", 320, 640),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("look", LOOKS)
async def test_a_screen_has_no_accessibility_fault_breaks_no_policy_and_is_not_cut(
    chromium: Browser, gallery_url: str, look: str, group: str
) -> None:
    how = LOOKS[look]
    context = await chromium.new_context(viewport={"width": how.width, "height": how.height}, reduced_motion="reduce")
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    for scene in GROUPS[group]:
        await page.goto(f"{gallery_url}?scene={scene}&lang={how.language}&theme={how.theme}")
        await page.locator("h1").first.wait_for()
        if scene.startswith(("room", "keys", "confirm")):
            await page.locator("#stage [data-tile]").first.wait_for()
        if scene.startswith("board"):
            await page.locator(BOARD_READY.get(scene, "[data-board-tools]")).first.wait_for()
        cut = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert cut <= 0, f"{scene} is {cut} px wider than the page"
        assert await violations(page) == [], scene
    assert problems == []


async def violations(page: Page) -> list[tuple[str, str, str]]:
    """What axe-core finds: the rule, the first element and what to mend there."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    first = [(fault["id"], fault["nodes"][0]) for fault in found["violations"]]
    return [(rule, node["html"], node["failureSummary"]) for rule, node in first]
