"""What people may do on a page, over the real socket: no write of who may not reaches anyone or the log."""

from sqlalchemy import func, select

from server.access import Role
from server.storage.board_tables import board_update
from tests.server.boards.client import BoardClient, at_board
from tests.server.boards.conftest import Class
from whiteboard.wire import frames


async def logged(lesson: Class) -> int:
    """How many updates are stored."""
    query = select(func.count()).select_from(board_update)
    return await lesson.stage.database.read(lambda c: c.scalar(query)) or 0


async def settled(*clients: BoardClient) -> None:
    """What the server sent before now has come."""
    for client in clients:
        await client.ask("close", page=999)


async def test_a_stroke_of_one_is_seen_by_all_and_stored(lesson: Class) -> None:
    stage = lesson.stage
    seen = await lesson.tutor.open(lesson.page)
    async with at_board(stage.url, stage.http, await stage.token()) as ana:
        sheet = await ana.open(lesson.page)
        await ana.draw(sheet, "stroke-0001")
        await ana.stored(sheet)
        assert sheet.acked == {"stroke-0001"}
        await lesson.tutor.until(lambda: "stroke-0001" in seen.shapes)
    assert await logged(lesson) == 1


async def test_nobody_writes_after_the_lock_not_even_what_was_under_way(lesson: Class) -> None:
    stage = lesson.stage
    seen = await lesson.tutor.open(lesson.page)
    async with at_board(stage.url, stage.http, await stage.token()) as ana:
        sheet = await ana.open(lesson.page)
        assert (await lesson.tutor.ask("rights", page=lesson.page, mode="locked"))["type"] == "done"
        await ana.draw(sheet, "stroke-0001")
        assert (await ana.hears("nack", page=lesson.page))["code"] == "locked"
        await settled(ana, lesson.tutor)
        assert seen.shapes == {}
    assert await logged(lesson) == 0


async def test_viewers_are_refused_writes_altogether(lesson: Class) -> None:
    stage = lesson.stage
    seen = await lesson.tutor.open(lesson.page)
    for role in (Role.OBSERVER, Role.INTERPRETER):
        async with at_board(stage.url, stage.http, await stage.token(role, role.value)) as viewer:
            sheet = await viewer.open(lesson.page)
            assert sheet.client is None
            sheet.client = 12345
            await viewer.draw(sheet, "stroke-0001")
            assert (await viewer.hears("nack"))["code"] == "read_only"
            assert (await viewer.ask("rights", page=lesson.page, mode="shared"))["code"] == "forbidden"
    await settled(lesson.tutor)
    assert seen.shapes == {}
    assert await logged(lesson) == 0


async def test_nobody_writes_in_anothers_name(lesson: Class) -> None:
    stage = lesson.stage
    async with (
        at_board(stage.url, stage.http, await stage.token(name="Ana")) as ana,
        at_board(stage.url, stage.http, await stage.token(name="Ben")) as ben,
    ):
        anas, bens = await ana.open(lesson.page), await ben.open(lesson.page)
        bens.client = anas.client
        await ben.draw(bens, "stroke-0001")
        assert (await ben.hears("nack"))["type"] == "nack"
        await settled(ana, ben)
        assert anas.shapes == {}
    assert await logged(lesson) == 0


async def test_what_is_under_way_reaches_the_others_and_only_tutors_point(lesson: Class) -> None:
    stage = lesson.stage
    await lesson.tutor.open(lesson.page)
    async with at_board(stage.url, stage.http, await stage.token()) as ana:
        await ana.open(lesson.page)
        await lesson.tutor.live(lesson.page, frames.LiveKind.LASER, b"\x02\x02")
        await ana.until(lambda: ana.lives)
        assert ana.lives[0][1:] == (frames.LiveKind.LASER, b"\x02\x02")
        await ana.live(lesson.page, frames.LiveKind.LASER, b"\x04\x04")
        await ana.live(lesson.page, frames.LiveKind.POINTER, b"\x06\x06")
        await lesson.tutor.until(lambda: lesson.tutor.lives)
        assert [live[1:] for live in lesson.tutor.lives] == [(frames.LiveKind.POINTER, b"\x06\x06")]


async def test_a_board_is_there_again_after_everybody_left(lesson: Class) -> None:
    stage = lesson.stage
    async with at_board(stage.url, stage.http, await stage.token()) as ana:
        sheet = await ana.open(lesson.page)
        await ana.draw(sheet, "stroke-0001")
        await ana.stored(sheet)
    async with at_board(stage.url, stage.http, await stage.token()) as again:
        assert set((await again.open(lesson.page)).shapes) == {"stroke-0001"}
