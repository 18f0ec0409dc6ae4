"""The board's engine in Chromium: every tool, the lock, and the same picture as the server's painter."""

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat
from playwright.async_api import Browser

from tests.interop.ink_page import STROKES, InkPage
from whiteboard.render.raster import paint
from whiteboard.render.scene import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

# Two rasterisers never smooth an edge alike: what may differ is an edge's shade, not where it is.
EDGE = 128
MEAN_MOST = 3.0
FAR_MOST = 0.006


@pytest_asyncio.fixture(loop_scope="function")
async def ink(chromium: Browser, gallery_url: str) -> AsyncIterator[InkPage]:
    context = await chromium.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield InkPage(page, gallery_url)
    assert problems == []
    await context.close()


async def test_every_tool_makes_its_shape_and_undo_takes_all_of_it_back(ink: InkPage) -> None:
    await ink.show("ink-empty")
    await ink.drag((100, 200), (180, 260), (260, 200))
    for tool, x in [("line", 300), ("arrow", 450), ("rectangle", 600), ("ellipse", 750)]:
        await ink.tool(tool)
        await ink.drag((x, 200), (x + 100, 280))
    await ink.tool("stamp")
    await ink.page.mouse.click(950, 240)
    await ink.tool("text")
    await ink.page.mouse.click(100, 450)
    await ink.page.keyboard.type("¿Cómo se escribe?")
    await ink.page.keyboard.press("Escape")
    await ink.tool("note")
    await ink.page.mouse.click(800, 500)
    await ink.page.keyboard.type("Nota")
    await ink.page.mouse.click(1200, 700)
    assert await ink.types() == ["ink", "line", "line", "rectangle", "ellipse", "stamp", "text", "note"]
    for _ in range(8):
        await ink.ask("board.undo()")
    assert await ink.types() == []
    for _ in range(8):
        await ink.ask("board.redo()")
    assert len(await ink.types()) == 8


async def test_the_rubber_cuts_a_stroke_in_two_and_undo_joins_it(ink: InkPage) -> None:
    await ink.show("ink-empty")
    await ink.drag((100, 300), (300, 300), (500, 300))
    await ink.tool("eraser")
    await ink.drag((300, 200), (300, 400))
    assert await ink.types() == ["ink", "ink"]
    await ink.ask("board.undo()")
    assert await ink.types() == ["ink"]


async def test_a_shape_is_selected_moved_resized_and_deleted_by_keys_alone(ink: InkPage) -> None:
    await ink.show("ink-empty")
    await ink.ask("board.create('rectangle'); board.focus()")
    before = await ink.ask("page.shapes.get(page.order[0]).shape")
    for key in ["ArrowRight", "Shift+ArrowDown", "Alt+ArrowLeft", "Control+ArrowRight"]:
        await ink.page.keyboard.press(key)
    after = await ink.ask("page.shapes.get(page.order[0]).shape")
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (7, 40)
    assert after["width"] - before["width"] == 8
    await ink.page.keyboard.press("Escape")
    await ink.page.keyboard.press(".")
    assert await ink.ask("board.state.selected.length") == 1
    await ink.page.keyboard.press("Delete")
    assert await ink.types() == []


async def test_a_lock_stops_a_stroke_that_is_being_drawn_and_every_tool_after_it(ink: InkPage) -> None:
    await ink.show("ink-empty")
    await ink.page.mouse.move(200, 200)
    await ink.page.mouse.down()
    await ink.page.mouse.move(300, 300, steps=5)
    await ink.ask("page.setRight('none')")
    await ink.page.mouse.move(400, 300, steps=5)
    await ink.page.mouse.up()
    for tool in ["pen", "rectangle", "text", "note", "stamp", "eraser"]:
        await ink.tool(tool)
        await ink.drag((500, 300), (600, 400))
        await ink.ask("(tool) => board.create(tool)", tool)
    # What was in hand stays as its author's ghost; nothing else was drawn.
    assert await ink.ask("page.order.map((id) => page.shapes.get(id).ghost)") == ["locked"]
    assert await ink.types() == ["ink"]
    assert await ink.ask("board.view.draft.ink === null && board.view.draft.shapes.length === 0")
    assert ["refused", "locked", ""] in await ink.ask("heard")


async def test_other_peoples_shapes_stay_where_they_are_for_who_may_change_only_the_own(ink: InkPage) -> None:
    await ink.show("ink-own")
    mine = await ink.ask("page.order.filter((id) => page.shapes.get(id).mine && !page.shapes.get(id).ghost)")
    assert sorted(await ink.ask("board.state.selected")) == sorted(mine)
    others = await ink.ask("page.order.filter((id) => !page.shapes.get(id).mine)")
    await ink.ask("(ids) => { board.select(ids); board.deleteSelected(); }", others)
    assert await ink.ask("(ids) => ids.every((id) => page.shapes.has(id))", others)


@pytest.mark.parametrize(
    ("scene", "paper"),
    [("ink-one", "blank"), ("ink-scripts", "grid"), ("ink-scripts", "ruled"), ("ink-scripts", "dots")],
)
async def test_the_engine_paints_what_the_servers_painter_paints(ink: InkPage, scene: str, paper: str) -> None:
    await ink.show(scene)
    shapes = await ink.shapes()
    ours = Image.open(io.BytesIO(await ink.rendered(shapes, paper, 1600))).convert("RGB")
    page = Page(width=1600, height=900, paper=paper, shapes={f"shape{at:05}": shape for at, shape in enumerate(shapes)})
    difference = ImageChops.difference(ours, paint(page, 1600).convert("RGB")).convert("L")
    assert ImageStat.Stat(difference).mean[0] < MEAN_MOST
    far = sum(difference.histogram()[EDGE:]) / (1600 * 900)
    assert far < FAR_MOST


async def test_drawing_on_a_page_of_20000_strokes_leaves_the_frame_its_time(ink: InkPage) -> None:
    await ink.show("ink-many")
    figures = await ink.draw_for_figures()
    assert await ink.ask("page.shapes.size") == 20_000 + STROKES
    # Script alone: a machine that does other work, too, drops frames that cost nothing.
    assert figures["script"]["p95"] <= 8, figures
