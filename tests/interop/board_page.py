"""The whiteboard in a person's tab: drawn on with real pointers, read as that person's browser has it."""

import base64
import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Literal

from playwright.async_api import CDPSession, Locator, expect
from pycrdt import Doc, Map

from tests.interop.class_page import ClassPage
from tests.interop.live_server import LiveServer

Point = tuple[float, float]
SHOWN_MS = 15_000

# Names and texts that were painted on a canvas since the last question.
REMEMBER_PAINTED_WORDS = """
(() => {
  const native = CanvasRenderingContext2D.prototype.fillText;
  window.paintedWords = new Set();
  CanvasRenderingContext2D.prototype.fillText = function (words, ...where) {
    window.paintedWords.add(words);
    return native.call(this, words, ...where);
  };
})();
"""

# Black pixels of the layer above the page within a part of it: ink in the making; names and pointers are coloured.
LIVE_PIXELS = """
([left, top, right, bottom]) => {
  const canvas = document.querySelectorAll('[data-board] canvas')[1];
  const { width, height } = canvas;
  const [x, y] = [Math.floor(left * width), Math.floor(top * height)];
  const part = canvas.getContext('2d').getImageData(
    x, y, Math.ceil(right * width) - x, Math.ceil(bottom * height) - y);
  let seen = 0;
  for (let at = 0; at < part.data.length; at += 4)
    if (part.data[at + 3] > 128 && Math.max(...part.data.slice(at, at + 3)) < 64) seen += 1;
  return seen;
}
"""


def wave(left: float, top: float, length: float = 0.2, steps: int = 24) -> list[Point]:
    """A zigzag; places are parts of the board's width and height."""
    return [(left + length * n / steps, top + 0.03 * abs(n % 8 - 4) / 4) for n in range(steps + 1)]


class BoardPage:
    """One person at the board."""

    def __init__(self, who: ClassPage) -> None:
        self.who = who
        self.page = who.page
        self.view = who.view
        self.canvas = who.view.locator("[data-board]")
        self._protocol: CDPSession | None = None

    async def show(self) -> None:
        """Puts the board on the stage unless the class is there already."""
        button = self.view.get_by_role("radio", name="Board", exact=True)
        await expect(button).to_be_visible(timeout=SHOWN_MS)
        if await button.get_attribute("aria-checked") != "true":
            await button.click()
        await expect(self.view.get_by_role("region", name="Whiteboard")).to_be_visible(timeout=SHOWN_MS)

    async def first_page(self) -> None:
        """A tutor's: begins with an empty page, and turns the class to it."""
        await self.show()
        await self.view.get_by_role("button", name="Add page", exact=True).first.click()
        await self.ready()
        await self.view.get_by_role("button", name="Turn the class here").click()
        await expect(self.view.get_by_text("The class is here").first).to_be_attached(timeout=SHOWN_MS)

    async def ready(self) -> None:
        """The page is there and may be drawn on."""
        await expect(self.tool("Pen")).to_be_visible(timeout=SHOWN_MS)
        await expect(self.canvas).to_be_visible(timeout=SHOWN_MS)

    def tool(self, name: str) -> Locator:
        """A tool's button."""
        return self.view.get_by_role("toolbar", name="Drawing tools").get_by_label(name, exact=True)

    async def choose(self, entry: str) -> None:
        """An entry of the board's menu."""
        await self.view.get_by_role("button", name="More for this page").click()
        await self.view.get_by_role("menuitem", name=entry, exact=True).click()

    async def set_mode(self, mode: str) -> None:
        """A tutor's: who may write on the page."""
        await self.choose("Who may write")
        dialog = self.view.get_by_role("dialog")
        await dialog.get_by_role("button", name="Everyone").first.click()
        await self.view.get_by_role("option", name=mode, exact=True).click()
        await dialog.get_by_role("button", name="Done").click()

    async def at(self, points: Sequence[Point]) -> list[Point]:
        """Places of the tab's window."""
        box = await self.canvas.bounding_box()
        assert box is not None, "the board is on the stage"
        return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]

    async def draw(self, points: Sequence[Point], *, lift: bool = True) -> None:
        """With the mouse; without `lift` the button stays down."""
        first, *others = await self.at(points)
        await self.page.mouse.move(*first)
        await self.page.mouse.down()
        for point in others:
            await self.page.mouse.move(*point)
        if lift:
            await self.page.mouse.up()

    async def draw_with(self, kind: Literal["pen", "touch"], points: Sequence[Point], *, lift: bool = True) -> None:
        """With a pen that feels pressure, or with a finger."""
        places = await self.at(points)
        for number, (x, y) in enumerate(places):
            if kind == "touch":
                spot = {"x": x, "y": y, "radiusX": 8, "radiusY": 8}
                await self._touch("touchMove" if number else "touchStart", [spot])
            else:
                await self._pen("mouseMoved" if number else "mousePressed", (x, y), 0.3 + 0.4 * number / len(places))
        if lift:
            await self.lift(kind, points[-1])

    async def lift(self, kind: Literal["pen", "touch"], point: Point = (0.5, 0.5)) -> None:
        """Ends a line of `draw_with`."""
        if kind == "touch":
            await self._touch("touchEnd", [])
        else:
            await self._pen("mouseReleased", (await self.at([point]))[0], 0)

    async def _touch(self, what: str, spots: list[dict[str, float]]) -> None:
        await (await self.protocol()).send("Input.dispatchTouchEvent", {"type": what, "touchPoints": spots})

    async def _pen(self, what: str, at: Point, force: float) -> None:
        down = {"buttons": 0 if what == "mouseReleased" else 1, "clickCount": int(what == "mousePressed")}
        pen = {"type": what, "x": at[0], "y": at[1], "pointerType": "pen", "button": "left", "force": force}
        await (await self.protocol()).send("Input.dispatchMouseEvent", pen | down)

    async def protocol(self) -> CDPSession:
        """The browser's own protocol, for what Playwright has no word for."""
        if self._protocol is None:
            self._protocol = await self.page.context.new_cdp_session(self.page)
        return self._protocol

    async def sees(self, points: Sequence[Point], pixels: int = 30) -> None:
        """Waits until others' live ink is on the layer above the page where these points are."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        await self.page.wait_for_function(
            f"([part, least]) => ({LIVE_PIXELS})(part) > least",
            # Boards of different sizes show the page at slightly different places.
            arg=[[max(0, min(xs) - 0.05), min(ys) - 0.09, min(1, max(xs) + 0.05), max(ys) + 0.09], pixels],
            timeout=SHOWN_MS,
            polling=20,
        )

    async def sees_name(self, name: str) -> None:
        """Waits until somebody's name is painted beside his pointer or line."""
        await self.page.wait_for_function("(name) => paintedWords.has(name)", arg=name, timeout=SHOWN_MS, polling=50)

    async def shapes(self) -> dict[str, bytes]:
        """What this browser has on the page: each shape's id and bytes, from its own `.excalidraw` file."""
        async with self.page.expect_download() as started:
            await self.choose("This page as .excalidraw")
        text = (await (await started.value).path()).read_text()
        elements: list[dict[str, Any]] = json.loads(text)["elements"]
        return {
            element["id"]: base64.b64decode(element["customData"]["muster"]["shape"])
            for element in elements
            if "customData" in element
        }

    async def saved(self) -> None:
        """Waits until the server has stored everything."""
        await expect(self.view.get_by_text("All changes saved")).to_be_attached(timeout=SHOWN_MS)

    async def has(self, count: int) -> dict[str, bytes]:
        """Waits until there are so many shapes on the page; returns them."""
        found = await self.shapes()
        for _ in range(40):
            if len(found) == count:
                break
            await self.page.wait_for_timeout(100)
            found = await self.shapes()
        assert len(found) == count, f"{len(found)} shapes instead of {count}"
        return found


def stored(server: LiveServer, room: str, number: int = 1) -> dict[str, bytes]:
    """What the server's log says about a page: each shape's id and bytes, by the CRDT library alone."""
    with closing(sqlite3.connect(server.data_dir / "muster.db", timeout=10)) as database:
        page, epoch = database.execute(
            "SELECT id, epoch FROM board_page WHERE room_id = ? AND number = ?", (room, number)
        ).fetchone()
        named = (page, epoch)
        states = database.execute("SELECT state FROM board_snapshot WHERE page_id = ? AND epoch = ?", named)
        changes = [zlib.decompress(state) for (state,) in states]
        log = database.execute("SELECT data FROM board_update WHERE page_id = ? AND epoch = ? ORDER BY seq", named)
        changes += [data for (data,) in log]
    document: Doc[Any] = Doc()
    shapes = document.get("e", type=Map)
    for change in changes:
        document.apply_update(change)
    return {name: bytes(value) for name, value in (shapes.to_py() or {}).items()}
