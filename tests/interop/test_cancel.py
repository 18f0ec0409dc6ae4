"""Cancel on the way in, in a real browser: back to the join page, and nothing that was under way comes after it."""

import asyncio
import re
from contextlib import suppress

import pytest
from playwright.async_api import Error, Page, Route

from tests.interop.class_page import ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People
from tests.interop.test_conduct import count, shown
from tests.interop.test_trouble import REMEMBER_SOCKETS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

REMEMBER_TRACKS = """
(() => {
  const native = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.tracks = [];
  navigator.mediaDevices.getUserMedia = async (asked) => {
    const stream = await native(asked);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
})();
"""

# An answer that is never taken: the page stays at "Connecting sound and video".
STOP_AT_MEDIA = """
(() => {
  window.mediaStopped = true;
  const native = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    return window.mediaStopped ? new Promise(() => {}) : native.call(this, description);
  };
})();
"""


async def newcomer(room: ClassRoom, people: People, *scripts: str) -> ClassPage:
    """At the join page, with both devices running."""
    context = await people.profile()
    for script in (REMEMBER_SOCKETS, REMEMBER_TRACKS, *scripts):
        await context.add_init_script(script)
    officer = await ClassPage.open(context, room.officer)
    await officer.view.get_by_label("Your name").fill("Officer Ben")
    await officer.page.wait_for_function("() => window.tracks.length === 2")
    return officer


async def cancel(page: Page) -> None:
    """Presses Cancel, and expects the join page with the devices of before given back."""
    devices = await page.evaluate_handle("window.tracks.splice(0)")
    await page.get_by_role("button", name="Cancel").click()
    await shown(page.get_by_label("Your name"))
    assert await devices.evaluate("(tracks) => tracks.every((track) => track.readyState === 'ended')")


async def test_cancel_while_the_link_is_exchanged_leads_back_for_good(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await newcomer(room, people)
    asked, go_on, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await go_on.wait()
        with suppress(Error):  # The page has given the request up.
            await route.continue_()
        answered.set()

    await officer.page.route("**/api/session", hold, times=1)
    await officer.view.get_by_role("button", name=re.compile("^Join")).click()
    async with asyncio.timeout(15):
        await asked.wait()
    await cancel(officer.page)
    go_on.set()
    async with asyncio.timeout(15):
        await answered.wait()
    await officer.page.wait_for_function("() => window.tracks.length === 2")
    await shown(officer.view.get_by_label("Your name"))
    assert await officer.page.evaluate("window.connections.length") == 0
    await officer.join("Officer Ben")
    await count(tutor, 2)
    await officer.until("() => found.outbound.some((e) => e.framesEncoded > 5)")


async def test_cancel_while_media_connect_gives_the_place_back_at_once(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await newcomer(room, people, STOP_AT_MEDIA)
    await officer.view.get_by_role("button", name=re.compile("^Join")).click()
    await shown(officer.view.get_by_text("Connecting sound and video"))
    await count(tutor, 2)
    await cancel(officer.page)
    await count(tutor, 1)
    closed = "() => window.sockets.every((socket) => socket.readyState === WebSocket.CLOSED)"
    await officer.page.wait_for_function(closed)
    assert await officer.page.evaluate("window.connections.every((one) => one.connectionState === 'closed')")
    await officer.page.evaluate("window.mediaStopped = false")
    await officer.join("Officer Ben")
    await count(tutor, 2)
    await officer.until("() => found.outbound.some((e) => e.framesEncoded > 5)")
