"""The board's engine alone in a browser, on a page in memory: web-client/gallery/board.ts."""

import base64
from typing import Any

from playwright.async_api import Page

STROKES = 6
POINTS = 120

SETTLED = """async () => {
  while (!(window.board && board.view.settled)) await new Promise(requestAnimationFrame);
}"""

DRAW = """async ([strokes, points]) => {
  const element = board.view.element;
  const fire = (type, x, y) => element.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, pointerType: "mouse", button: type === "pointermove" ? -1 : 0, buttons: 1,
    clientX: x, clientY: y, bubbles: true,
  }));
  for (let stroke = 0; stroke < strokes; stroke++) {
    let [x, y, step] = [100 + stroke * 90, 200, 0];
    fire("pointerdown", x, y);
    await new Promise((done) => {
      const timer = setInterval(() => {
        step += 1;
        x += Math.cos(step / 7) * 6;
        y += Math.sin(step / 11) * 5 + 1.2;
        fire("pointermove", x, y);
        if (step < points) return;
        clearInterval(timer);
        fire("pointerup", x, y);
        done();
      }, 8);
    });
  }
}"""


class InkPage:
    """One scene of the gallery, and what can be asked of it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def show(self, scene: str) -> None:
        """Opens a scene and waits until every tile in view is painted."""
        await self.page.goto(f"{self._url}?scene={scene}")
        # The page's policy forbids `eval`, which Playwright's own waiting for an expression needs.
        await self.page.evaluate(SETTLED)

    async def ask(self, expression: str, argument: Any = None) -> Any:
        """The value of an expression in the page."""
        return await self.page.evaluate(expression, argument)

    async def tool(self, name: str) -> None:
        """Takes a tool in hand."""
        await self.page.evaluate("(name) => board.setTool(name)", name)

    async def drag(self, *places: tuple[float, float]) -> None:
        """Presses at the first place and lets go at the last."""
        mouse = self.page.mouse
        await mouse.move(*places[0])
        await mouse.down()
        for place in places[1:]:
            await mouse.move(*place, steps=4)
        await mouse.up()

    async def types(self) -> list[str]:
        """The types of the shapes, from the lowest to the highest."""
        found: list[str] = await self.page.evaluate("page.order.map((id) => page.shapes.get(id).shape.type)")
        return found

    async def shapes(self) -> list[bytes]:
        """Every shape's bytes, from the lowest to the highest."""
        numbers: list[list[int]] = await self.page.evaluate("page.order.map((id) => [...page.shapes.get(id).blob])")
        return [bytes(each) for each in numbers]

    async def rendered(self, shapes: list[bytes], paper: str, width: int) -> bytes:
        """A PNG of the shapes as the engine paints them, without any chrome."""
        url: str = await self.page.evaluate(
            "([shapes, paper, width]) => renderShapes(shapes, {paper}, width)",
            [[shape.hex() for shape in shapes], paper, width],
        )
        return base64.b64decode(url.partition(",")[2])

    async def draw_for_figures(self) -> dict[str, Any]:
        """Draws strokes as a hand does and gives the frames' times in milliseconds (engine/frame-meter.ts)."""
        await self.page.evaluate("board.view.meter.reset()")
        await self.page.evaluate(DRAW, [STROKES, POINTS])
        figures: dict[str, Any] = await self.page.evaluate("board.view.meter.figures()")
        return figures
