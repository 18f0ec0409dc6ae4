"""What goes wrong around a class, in real browsers: networks, crashes, restarts, devices, links."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.interop.class_page import CHROMIUM_FLAGS, ClassPage
from tests.interop.class_rooms import ClassRoom
from tests.interop.conftest import People, person
from tests.interop.live_server import LiveServer
from tests.interop.test_conduct import count, shown, tile

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
]

# UDP to a port where nobody listens: the browser sees the candidate, and every packet to it is lost.
BLOCK_UDP = r"""
(() => {
  const native = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.replace(/( udp \d+ \S+) \d+ typ/g, '$1 9 typ');
    window.startedAt ??= performance.now();
    this.addEventListener('connectionstatechange', () => {
      if (this.connectionState === 'connected') window.connectedAt ??= performance.now();
    });
    return native.call(this, { type: description.type, sdp });
  };
})();
"""

REMEMBER_SOCKETS = """
(() => {
  const Native = window.WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Native {
    constructor(...args) { super(...args); window.sockets.push(this); }
  };
})();
"""

# The page is told that its path failed, as the browser tells it; the longest pause between two decoded frames is kept.
FAIL_THE_PATH = """
async () => {
  const pc = window.connections.at(-1);
  const ufrag = () => pc.localDescription.sdp.match(/a=ice-ufrag:(\\S+)/)[1];
  const frames = async () => {
    let sum = 0;
    (await pc.getStats()).forEach((e) => { if (e.type === 'inbound-rtp') sum += e.framesDecoded ?? 0; });
    return sum;
  };
  const before = ufrag();
  Object.defineProperty(pc, 'iceConnectionState', { configurable: true, get: () => 'failed' });
  pc.dispatchEvent(new Event('iceconnectionstatechange'));
  delete pc.iceConnectionState;
  let last = await frames(), at = performance.now(), longest = 0, restarted = 0;
  const end = at + 15000;
  while (performance.now() < end) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = await frames();
    if (now > last) { longest = Math.max(longest, performance.now() - at); last = now; at = performance.now(); }
    if (!restarted && ufrag() !== before && pc.signalingState === 'stable') restarted = now;
    if (restarted && now > restarted + 60) return { longest, same: pc === window.connections.at(-1) };
  }
  return null;
}
"""


async def test_media_goes_over_tcp_within_three_seconds_when_udp_is_blocked(room: ClassRoom, people: People) -> None:
    await people.enter(room.tutor, "Tutor Ana")
    context = await people.profile()
    await context.add_init_script(BLOCK_UDP)
    officer = await ClassPage.open(context, room.officer)
    await officer.join("Officer Ben", camera=False, mic=False)
    await officer.until("() => found.pair?.protocol === 'tcp'")
    assert await officer.page.evaluate("window.connectedAt - window.startedAt") < 3_000
    await officer.sees_and_hears()


async def test_an_ice_restart_in_a_live_page_keeps_the_pictures_flowing(room: ClassRoom, people: People) -> None:
    await people.enter(room.tutor, "Tutor Ana")
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await officer.sees_and_hears()
    told = await officer.page.evaluate(FAIL_THE_PATH)
    assert told is not None, "no restart, or no pictures after it"
    assert told["same"], "a new connection instead of a restart"
    assert told["longest"] < 2_500


async def test_a_short_loss_of_the_socket_keeps_place_hand_and_media(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", mic=False)
    context = await people.profile()
    await context.add_init_script(REMEMBER_SOCKETS)
    officer = await ClassPage.open(context, room.officer)
    await officer.join("Officer Ben", camera=False, mic=False)
    await officer.view.get_by_role("button", name=re.compile("Raise hand")).click()
    await expect(tile(tutor, "Officer Ben").get_by_text("Hand 1")).to_be_attached(timeout=15_000)
    key = await tile(tutor, "Officer Ben").get_attribute("data-tile")
    sockets, connections = await officer.page.evaluate("[window.sockets.length, window.connections.length]")
    await officer.page.evaluate("window.sockets.at(-1).close()")
    await officer.page.wait_for_function(
        "(many) => window.sockets.length > many && window.sockets.at(-1).readyState === 1", arg=sockets, timeout=15_000
    )
    await shown(officer.view.get_by_text("You are connected again.").first)
    assert await tile(tutor, "Officer Ben").count() == 1
    assert await tile(tutor, "Officer Ben").get_attribute("data-tile") == key
    await expect(tile(tutor, "Officer Ben").get_by_text("Hand 1")).to_be_attached()
    await expect(tile(tutor, "Officer Ben").get_by_text("Microphone off")).to_be_attached()
    assert await officer.page.evaluate("window.connections.length") == connections
    before = await officer.received()
    await officer.until("(frames) => found.inbound.reduce((n, e) => n + e.framesDecoded, 0) > frames", before.frames)


async def test_a_crashed_tab_leaves_no_ghost_when_its_person_returns(room: ClassRoom, people: People) -> None:
    tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
    officer = await people.enter(room.officer, "Officer Ben", camera=False, mic=False)
    await count(tutor, 2)
    crasher = await officer.page.context.new_cdp_session(officer.page)
    async with officer.page.expect_event("crash"):
        await crasher.send("Page.navigate", {"url": "chrome://crash"})
    again = await ClassPage.open(officer.page.context, room.officer)
    await again.join(None, camera=False, mic=False)
    await expect(tutor.view.get_by_role("button", name="2 people in the class")).to_be_visible(timeout=2_000)
    await expect(tile(tutor, "Officer Ben")).to_have_count(1, timeout=2_000)
    await expect(tile(tutor, "Officer Ben").get_by_text("Reconnecting")).not_to_be_attached(timeout=2_000)


async def test_a_wrong_and_a_used_ticket_say_so(room: ClassRoom, people: People) -> None:
    stranger = await (await people.profile()).new_page()
    await stranger.goto(f"{room.officer.split('#')[0]}#ticket=wrong")
    await shown(stranger.get_by_role("heading", name="This link does not work"))
    ticket = await room.ticket("Officer Ben")
    officer = await ClassPage.open(await people.profile(), ticket)
    await officer.join(None, camera=False, mic=False)
    second = await (await people.profile()).new_page()
    await second.goto(ticket)
    await shown(second.get_by_role("heading", name="This link was already used"))


async def test_an_expired_ticket_and_invitation_say_so(
    room: ClassRoom, people: People, shared_server: LiveServer
) -> None:
    ticket = await room.ticket("Officer Ben")
    with sqlite3.connect(shared_server.data_dir / "muster.db", timeout=10) as database:
        for table in ("ticket", "invitation"):
            database.execute(f"UPDATE {table} SET expires_at = 1 WHERE room_id = ?", (room.id,))
    late = await (await people.profile()).new_page()
    await late.goto(ticket)
    await shown(late.get_by_role("heading", name="This link is too old"))
    guest = await (await people.profile()).new_page()
    await guest.goto(room.officer)
    await guest.get_by_label("Your name").fill("Officer Cara")
    await guest.get_by_role("button", name=re.compile("^Join")).click()
    await shown(guest.get_by_role("heading", name="This invitation has ended"))


async def test_without_a_camera_one_joins_with_sound(room: ClassRoom, people: People) -> None:
    async with browser_with("--use-fake-device-for-media-stream=device-count=0") as browser:
        officer = await ClassPage.open(await person(browser), room.officer)
        await shown(officer.view.get_by_text("No camera found. You can join with sound only."))
        await officer.view.get_by_label("Your name").fill("Officer Ben")
        await officer.view.get_by_role("button", name="Join now").click()
        await shown(officer.view.get_by_role("toolbar", name="Your controls"))
        tutor = await people.enter(room.tutor, "Tutor Ana", camera=False, mic=False)
        await tutor.until("() => found.inbound.some((e) => e.energy > 0)")


async def test_without_leave_to_use_the_microphone_one_listens_and_is_told_why(room: ClassRoom, people: People) -> None:
    await people.enter(room.tutor, "Tutor Ana")
    async with browser_with("--use-fake-ui-for-media-stream=deny", without="--use-fake-ui-for-media-stream") as browser:
        context = await person(browser, permissions=[])
        officer = await ClassPage.open(context, room.officer)
        await officer.view.get_by_label("Your name").fill("Officer Ben")
        await officer.view.get_by_role("button", name="Join and listen").click()
        await shown(officer.view.get_by_text("You are listening only:").first)
        await officer.sees_and_hears()


async def test_a_draining_server_says_so_and_everyone_comes_back(tmp_path: Path, shared_chromium: Browser) -> None:
    contexts: list[BrowserContext] = []
    async with LiveServer(tmp_path / "data") as server:
        pages = []
        for link, name in ((server.links["tutor"], "Tutor Ana"), (server.links["officer"], "Officer Ben")):
            contexts.append(await person(shared_chromium))
            page = await ClassPage.open(contexts[-1], link)
            await page.join(name, camera=name.startswith("Tutor"), mic=name.startswith("Tutor"))
            pages.append(page)
        assert await server.stop() == 0
        for page in pages:
            await shown(page.view.get_by_text("The server is restarting.").first)
        await server.start()
        await pages[1].sees_and_hears()
        await count(pages[0], 2)
    for context in contexts:
        await context.close()


@asynccontextmanager
async def browser_with(flag: str, without: str = "--use-fake-device-for-media-stream") -> AsyncIterator[Browser]:
    """A browser with one more flag, and without another."""
    flags = [*(each for each in CHROMIUM_FLAGS if each != without), flag]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        await browser.close()
