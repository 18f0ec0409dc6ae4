"""How long are the board's frames while somebody draws on a page of 20,000 strokes, painted in software?"""

import asyncio
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

import media._native
from benchmarks.report import report
from tests.interop.class_page import CHROMIUM_FLAGS

WEB_CLIENT = Path(__file__).resolve().parents[1] / "web-client"
GALLERY = WEB_CLIENT.parent / "build" / "gallery"
STROKES = 20_000
LINES = 12
POINTS = 90
ROUNDS = 3
WIDTH, HEIGHT = 1366, 768


async def draw(page: Page) -> None:
    """Lines by mouse over the whole page, a point for each frame or so."""
    for line in range(LINES):
        y = 90 + line * (HEIGHT - 180) / LINES
        await page.mouse.move(180, y)
        await page.mouse.down()
        for point in range(POINTS):
            await page.mouse.move(180 + point * (WIDTH - 360) / POINTS, y + 18 * ((point // 6) % 2))
        await page.mouse.up()


async def measured(browser: Browser, url: str, scene: str) -> dict[str, Any]:
    """Frame figures of the engine's own meter while somebody draws on a scene of the gallery."""
    page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    await page.goto(f"{url}?scene={scene}")
    await page.wait_for_function("window.board !== undefined", timeout=60_000)
    await page.wait_for_function("board.view.settled", timeout=120_000)
    await page.evaluate("board.view.meter.reset()")
    await draw(page)
    found: dict[str, Any] = await page.evaluate("board.view.meter.figures()")
    await page.close()
    return found


def of(found: list[dict[str, Any]], part: str, share: str) -> float:
    """The median over the rounds of one figure, ms."""
    return round(statistics.median(float(figures[part][share]) for figures in found), 2)


async def main() -> None:
    if media._native.build_profile != "release":
        sys.exit("benchmarks refuse a debug build: make native")
    application = web.Application()
    application.router.add_static("/", GALLERY)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/gallery.html"
    many, none = [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        # Pages in turn: what else runs on the machine falls on both alike.
        for _ in range(ROUNDS):
            none.append(await measured(browser, url, "ink-empty"))
            many.append(await measured(browser, url, "ink-many"))
        await browser.close()
    await runner.cleanup()
    report(
        "board_frames",
        {
            "strokes": STROKES,
            "interval_p50_ms": of(many, "interval", "p50"),
            "interval_p95_ms": of(many, "interval", "p95"),
            "script_p95_ms": of(many, "script", "p95"),
            "script_max_ms": of(many, "script", "max"),
            "tiles_and_base_p95_ms": of(many, "base", "p95"),
            "live_layer_p95_ms": of(many, "live", "p95"),
            "frames": sum(figures["frames"] for figures in many),
            "control_empty_interval_p95_ms": of(none, "interval", "p95"),
            "control_empty_script_p95_ms": of(none, "script", "p95"),
            "ratio_script_p95": round(of(many, "script", "p95") / max(0.01, of(none, "script", "p95")), 2),
        },
    )


if __name__ == "__main__":
    subprocess.run(["npm", "run", "--silent", "gallery"], cwd=WEB_CLIENT, check=True, stdout=subprocess.DEVNULL)
    asyncio.run(main())
