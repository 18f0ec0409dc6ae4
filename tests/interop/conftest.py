"""Real browsers against a whole server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.interop.class_page import CHROMIUM_FLAGS, REMEMBER_CONNECTIONS
from tests.interop.live_server import LiveServer


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


async def person(browser: Browser) -> BrowserContext:
    """A browser profile of its own, in English, with devices allowed."""
    context = await browser.new_context(locale="en-GB", permissions=["camera", "microphone"])
    await context.add_init_script(REMEMBER_CONNECTIONS)
    return context
