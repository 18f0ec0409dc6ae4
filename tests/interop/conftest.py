"""Real browsers against a whole server."""

import math
import subprocess
import wave
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, async_playwright

from server.web.headers import page_policy
from tests.interop.class_page import CHROMIUM_FLAGS, REMEMBER_CONNECTIONS, ClassPage
from tests.interop.class_rooms import ClassRoom, Platform
from tests.interop.live_server import LiveServer

WEB_CLIENT = Path(__file__).resolve().parents[2] / "web-client"
GALLERY = WEB_CLIENT.parent / "build" / "gallery"


@pytest_asyncio.fixture(loop_scope="function")
async def live_server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with LiveServer(tmp_path / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="function")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveServer]:
    """One server for a module whose tests have a room each."""
    async with LiveServer(tmp_path_factory.mktemp("shared") / "data") as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(shared_server: LiveServer) -> Platform:
    """The institution of the shared server."""
    return await Platform.of(shared_server)


@pytest_asyncio.fixture(loop_scope="module")
async def room(platform: Platform) -> ClassRoom:
    """A room of the test's own on the shared server."""
    return await platform.room()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """One browser for a module; `person` makes a profile in it. Its microphone hears somebody speak all the time."""
    voice = tmp_path_factory.mktemp("voice") / "voice.wav"
    write_voice(voice)
    flags = [*CHROMIUM_FLAGS, f"--use-file-for-fake-audio-capture={voice}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def people(shared_chromium: Browser) -> AsyncIterator["People"]:
    """Opens profiles and closes them after the test: a class that goes on would take the next one's processor."""
    opened = People(shared_chromium)
    yield opened
    for context in opened.contexts:
        await context.close()


class People:
    """Persons in one browser, each with a profile of his own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.contexts: list[BrowserContext] = []

    async def profile(self, **options: Any) -> BrowserContext:
        context = await person(self._browser, **options)
        self.contexts.append(context)
        return context

    async def enter(self, link: str, name: str | None, *, camera: bool = True, mic: bool = True) -> ClassPage:
        page = await ClassPage.open(await self.profile(), link)
        await page.join(name, camera=camera, mic=mic)
        return page


async def person(browser: Browser, **options: Any) -> BrowserContext:
    """A browser profile of its own, in English, with devices allowed."""
    context = await browser.new_context(**{"locale": "en-GB", "permissions": ["camera", "microphone"], **options})
    await context.add_init_script(REMEMBER_CONNECTIONS)
    return context


def write_voice(path: Path, seconds: int = 4, rate: int = 48_000) -> None:
    """Something like speech: a buzz with overtones in words with pauses, which no noise suppression takes for noise."""
    samples = array("h")
    for index in range(seconds * rate):
        at = index / rate
        syllable = 0.0 if at % 1 > 0.75 else 0.7 + 0.3 * math.sin(2 * math.pi * 6 * at)
        pitch = 2 * math.pi * (130 * at + 9 * math.sin(2 * math.pi * 1.5 * at))
        samples.append(int(4_000 * syllable * sum(math.sin(pitch * tone) / tone for tone in range(1, 12))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def gallery() -> Path:
    """The gallery as it is built from the sources of now."""
    subprocess.run(["npm", "run", "--silent", "gallery"], cwd=WEB_CLIENT, check=True, timeout=180)
    return GALLERY


@pytest_asyncio.fixture(loop_scope="function")
async def gallery_url(gallery: Path) -> AsyncIterator[str]:
    async def with_policy(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = page_policy("127.0.0.1", [])

    application = web.Application()
    application.on_response_prepare.append(with_policy)
    application.router.add_static("/", gallery)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}/gallery.html"
    await runner.cleanup()
