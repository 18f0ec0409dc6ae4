"""A class in real browsers: everybody sees and hears, slots follow the speaker, nobody is lost."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from playwright.async_api import Browser, expect

from tests.interop.class_page import ClassPage
from tests.interop.conftest import person
from tests.interop.live_server import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


async def enter(browser: Browser, link: str, name: str, *, camera: bool = True, mic: bool = True) -> ClassPage:
    page = await ClassPage.open(await person(browser), link)
    await page.join(name, camera=camera, mic=mic)
    return page


async def test_two_officers_see_and_hear_the_tutor(live_server: LiveServer, chromium: Browser) -> None:
    tutor = await enter(chromium, live_server.links["tutor"], "Tutor Ana")
    officers = [
        await enter(chromium, live_server.links["officer"], name, camera=False, mic=False)
        for name in ("Officer Ben", "Officer Cara")
    ]
    for officer in officers:
        await officer.sees_and_hears()
        await expect(officer.view.get_by_text("Tutor Ana").first).to_be_visible()
    # The screen comes on top of the camera, on a slot of its own.
    await tutor.view.get_by_role("button", name="Share your screen").click()
    for officer in officers:
        await officer.until("() => found.inbound.filter((e) => e.kind === 'video' && e.framesDecoded > 5).length >= 2")
    assert tutor.problems == []
    assert all(officer.problems == [] for officer in officers)


async def test_the_upper_layers_flow_when_somebody_watches_large(live_server: LiveServer, chromium: Browser) -> None:
    tutor = await enter(chromium, live_server.links["tutor"], "Tutor Ana")
    officer = await enter(chromium, live_server.links["officer"], "Officer Ben", camera=False, mic=False)
    await officer.sees_and_hears()
    # Without our transport-wide feedback the browser never leaves its lowest layer.
    await tutor.until("() => found.outbound.some((e) => e.rid === 'h' && e.framesEncoded > 0)", timeout_s=40)
    await officer.until("() => found.inbound.some((e) => e.kind === 'video' && e.height >= 240)", timeout_s=40)


async def test_a_reload_keeps_the_place_and_brings_the_media_back(live_server: LiveServer, chromium: Browser) -> None:
    tutor = await enter(chromium, live_server.links["tutor"], "Tutor Ana")
    officer = await enter(chromium, live_server.links["officer"], "Officer Ben", camera=False, mic=False)
    await officer.sees_and_hears()
    await officer.page.reload()
    await officer.join(None, camera=False, mic=False)
    await officer.sees_and_hears()
    # One person in two places would be a ghost.
    await expect(tutor.view.get_by_role("button", name="2 people in the class")).to_be_visible()


async def test_a_killed_server_comes_back_under_a_live_class(live_server: LiveServer, chromium: Browser) -> None:
    tutor = await enter(chromium, live_server.links["tutor"], "Tutor Ana")
    officer = await enter(chromium, live_server.links["officer"], "Officer Ben", camera=False, mic=False)
    await officer.sees_and_hears()
    await live_server.kill()
    await live_server.start()
    # Nobody touches anything: both are back in the room, and media flows.
    await officer.sees_and_hears()
    await expect(tutor.view.get_by_role("toolbar", name="Your controls")).to_be_visible()


async def test_the_page_works_in_an_iframe_without_third_party_cookies(
    live_server: LiveServer, chromium: Browser
) -> None:
    async with platform_page(live_server.links["officer"]) as platform:
        institution = json.loads(await live_server.command("institution", "list", "--json"))[0]["name"]
        await live_server.command("institution", "origins", institution, platform)
        await enter(chromium, live_server.links["tutor"], "Tutor Ana")
        context = await person(chromium)
        page = await context.new_page()
        await page.goto(platform)
        officer = ClassPage(page, page.frame_locator("iframe"))
        await officer.join("Officer Ben", camera=False, mic=False)
        await expect(officer.view.get_by_text("Tutor Ana").first).to_be_visible()
        assert await context.cookies() == []


@asynccontextmanager
async def platform_page(link: str) -> AsyncIterator[str]:
    """A platform's page with the class in a frame: localhost and 127.0.0.1 are different sites. Gives its origin."""
    allow = "camera; microphone; display-capture; fullscreen; autoplay"
    frame = f'<iframe src="{link}" allow="{allow}" width="1000" height="700"></iframe>'

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html><title>Platform</title>{frame}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "localhost", 0)
        await site.start()
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
