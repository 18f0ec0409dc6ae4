"""Slides and pictures of the board: making them (`POST /api/board/slides`) and giving them out as WebP."""

from pathlib import Path

from aiohttp import web

from server.access import Action, LimitName, requires
from server.boards import IMAGE_WIDTHS, SLIDE_WIDTHS, source_of
from server.storage import NotFound
from server.web.bodies import JobAnswer, NewSlides
from server.web.context import board_work, limit, services, session_grant
from whiteboard import BoardId, PageNumber

_PICTURE = {
    "Content-Type": "image/webp",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=31536000, immutable",
}


@requires(Action.BOARD_MANAGE)
async def make_slides(request: web.Request) -> web.Response:
    """`POST /api/board/slides`: 202 with the job; the board's socket tells what becomes of it."""
    grant = await session_grant(request, Action.BOARD_MANAGE)
    limit(request, LimitName.BOARD_JOBS, grant.person_id)
    body = NewSlides.model_validate_json(await request.read())
    stored = await services(request).files.find(grant.room.id, body.file)
    board = None if body.board is None else BoardId(body.board)
    after = None if body.after is None else PageNumber(body.after)
    job = board_work(request).start_slides(grant.room.id, stored, board, after)
    return web.Response(status=202, text=JobAnswer(job=job).model_dump_json(), content_type="application/json")


@requires(Action.BOARD_READ)
async def slide(request: web.Request) -> web.StreamResponse:
    """`GET /api/board/slides/{file}/{page}/{width}.webp`; pages count from 1."""
    grant = await session_grant(request, Action.BOARD_READ)
    here = services(request)
    width = _width(request, SLIDE_WIDTHS)
    source = source_of(here.files, await here.files.find(grant.room.id, request.match_info["file"]))
    work = board_work(request)
    try:
        with work.picture_of(grant.person_id):
            return _picture(await work.slides.slide(source, int(request.match_info["page"]), width))
    except KeyError:
        raise NotFound("There is no such slide.") from None


@requires(Action.BOARD_READ)
async def image(request: web.Request) -> web.StreamResponse:
    """`GET /api/board/images/{file}/{width}.webp`"""
    grant = await session_grant(request, Action.BOARD_READ)
    here = services(request)
    width = _width(request, IMAGE_WIDTHS)
    source = source_of(here.files, await here.files.find(grant.room.id, request.match_info["file"]))
    work = board_work(request)
    with work.picture_of(grant.person_id):
        return _picture(await work.slides.image(source, width))


def _width(request: web.Request, allowed: tuple[int, ...]) -> int:
    width = int(request.match_info["width"])
    if width not in allowed:
        raise NotFound(f"Pictures are made {', '.join(map(str, allowed))} pixels across.")
    return width


def _picture(path: Path) -> web.FileResponse:
    return web.FileResponse(path, headers=_PICTURE)
