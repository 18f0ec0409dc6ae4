"""Pages and boards as files: `…/export` gives them out, `…/save` puts them into the room's files."""

import asyncio
from collections.abc import Sequence
from typing import BinaryIO, Literal, cast

from aiohttp import web

from server.access import AccessRefused, Action, Grant, LimitName, RefusalCode, requires
from server.storage import NotFound
from server.web.context import board_work, limit, services, session_grant
from server.web.files import ATTACHMENT, attachment, stored_answer
from whiteboard import PageRow

_TYPES = {"png": "image/png", "pdf": "application/pdf", "zip": "application/zip"}
_WIDTHS = range(100, 5121)
_PART_BYTES = 1 << 18
_PART_S = 60.0


@requires(Action.BOARD_EXPORT)
async def export_page(request: web.Request) -> web.StreamResponse:
    """`GET /api/board/pages/{page}/export?format=png|pdf&width=`"""
    grant = await session_grant(request, Action.BOARD_EXPORT)
    kind = cast('Literal["png", "pdf"]', _choice(request, ("png", "pdf")))
    width = _number(request, "width", 1600)
    limit(request, LimitName.BOARD_JOBS, grant.person_id)
    number = int(request.match_info["page"])
    pages = [page for page in await _visible(request, grant) if page.number == number]
    if not pages:
        raise NotFound("There is no such page.")
    async with board_work(request).page(grant.room.id, pages[0], kind, width) as made:
        opened = await asyncio.to_thread(made.open, "rb")
    return await _give(request, opened, kind, pages[0].title or f"Page {number}")


@requires(Action.BOARD_EXPORT)
async def export_board(request: web.Request) -> web.StreamResponse:
    """`GET /api/board/boards/{board}/export?format=pdf|zip`"""
    grant = await session_grant(request, Action.BOARD_EXPORT)
    kind = cast('Literal["pdf", "zip"]', _choice(request, ("pdf", "zip")))
    limit(request, LimitName.BOARD_JOBS, grant.person_id)
    pages, title = await _of_board(request, grant)
    async with board_work(request).board(grant.room.id, pages, kind) as made:
        opened = await asyncio.to_thread(made.open, "rb")
    return await _give(request, opened, kind, title)


@requires(Action.BOARD_MANAGE)
async def save_board(request: web.Request) -> web.Response:
    """`POST /api/board/boards/{board}/save`: 201 with the new file."""
    grant = await session_grant(request, Action.BOARD_MANAGE)
    limit(request, LimitName.BOARD_JOBS, grant.person_id)
    pages, title = await _of_board(request, grant)
    return stored_answer(await board_work(request).save(grant.room.id, title, pages, grant.person_id))


async def _visible(request: web.Request, grant: Grant) -> Sequence[PageRow]:
    boards = services(request).boards
    room = await boards.room(grant.room.id)
    return room.pages(boards.member(grant))


async def _of_board(request: web.Request, grant: Grant) -> tuple[Sequence[PageRow], str]:
    """The pages of a board that belong to the whole class, and its title. Raises NotFound for one without any."""
    boards = services(request).boards
    room = await boards.room(grant.room.id)
    wanted = request.match_info["board"]
    pages = [page for page in room.pages(boards.member(grant)) if page.board == wanted and page.copy_of is None]
    if not pages:
        raise NotFound("There is no such board, or it has no pages.")
    return pages, (await boards.titles(grant.room.id)).get(pages[0].board, "") or "Board"


async def _give(request: web.Request, made: BinaryIO, kind: str, title: str) -> web.StreamResponse:
    """Sends what was made. It is deleted already and its worker free: a slow reader holds nothing but a file handle."""
    with made:
        headers = {
            **ATTACHMENT,
            "Cache-Control": "no-store",
            "Content-Type": _TYPES[kind],
            "Content-Disposition": attachment(f"{title[:100]}.{kind}"),
        }
        response = web.StreamResponse(headers=headers)
        response.content_length = await asyncio.to_thread(made.seek, 0, 2)
        await asyncio.to_thread(made.seek, 0)
        await response.prepare(request)
        while part := await asyncio.to_thread(made.read, _PART_BYTES):
            async with asyncio.timeout(_PART_S):
                await response.write(part)
    return response


def _choice(request: web.Request, allowed: tuple[str, ...]) -> str:
    chosen = request.query.get("format", allowed[0])
    if chosen not in allowed:
        raise AccessRefused(RefusalCode.INVALID, f"format: {' or '.join(allowed)}")
    return chosen


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) in _WIDTHS):
        raise AccessRefused(RefusalCode.INVALID, f"{name}: {_WIDTHS.start} to {_WIDTHS.stop - 1} pixels")
    return int(text)
