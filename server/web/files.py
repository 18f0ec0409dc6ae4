"""`/api/files`: a room's files come in as a stream, and go out as attachments that no browser runs."""

import asyncio
from urllib.parse import quote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from server.access import AccessRefused, Action, Actor, LimitName, Place, RefusalCode, allow, requires
from server.files import IMAGE_TYPES, FileFault, FileRefused, Incoming, StoredFile
from server.web.bodies import FileAnswer
from server.web.context import limit, services, session_grant, streams
from server.web.problems import problem

_CHUNK_BYTES = 1 << 16

ATTACHMENT = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=31536000, immutable",
}
"""Headers of what people have uploaded: whatever it is, it is no page of ours."""


@requires(Action.FILE_UPLOAD)
@streams
async def upload(request: web.Request) -> web.Response:
    """
    `POST /api/files?name=`: 201 once the file is stored. Of a refused body the library throws away what still comes for
    some seconds, so that the answer arrives, and closes the connection.
    """
    grant = await session_grant(request, Action.FILE_UPLOAD)
    limit(request, LimitName.UPLOADS, grant.person_id)
    size = request.content_length
    if size is None:
        return problem(411, "length_required", "A file needs its Content-Length.")
    here = services(request)
    any_kind = allow(
        Actor(role=grant.role, room_id=grant.room.id), Action.FILE_UPLOAD_ANY, Place(room_id=grant.room.id)
    )
    if not any_kind:
        board = await here.boards.room(grant.room.id)
        if not board.may_write_somewhere(here.boards.member(grant)):
            raise AccessRefused(RefusalCode.FORBIDDEN, "You may not write on the board, so you need no pictures.")
    if not any_kind and size > here.files.config.picture_bytes:
        raise FileRefused(
            FileFault.TOO_BIG, f"A picture may have {here.files.config.picture_bytes // 1_000_000} MB at most."
        )
    async with here.files.incoming(grant.room.id, size) as incoming:
        await _receive(request, incoming, any_kind=any_kind)
        stored = await incoming.finish(request.query.get("name", "")[:1000], grant.person_id)
    return stored_answer(stored)


async def _receive(request: web.Request, incoming: Incoming, *, any_kind: bool) -> None:
    config, loop = services(request).files.config, asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            async with asyncio.timeout(config.grace_s):
                chunk = await request.content.read(_CHUNK_BYTES)
        except TimeoutError:
            raise FileRefused(FileFault.TOO_SLOW, "The file stopped coming; please send it again.") from None
        except (OSError, HttpProcessingError) as error:
            raise FileRefused(FileFault.CUT_OFF, "The file broke off; please send it again.") from error
        if not chunk:
            return
        await incoming.write(chunk)
        if not any_kind and incoming.decided and incoming.type not in IMAGE_TYPES:
            raise FileRefused(FileFault.TYPE_NOT_ALLOWED, "Only pictures are taken from you: PNG, JPEG, WebP or GIF.")
        took = loop.time() - began
        if took > config.grace_s and incoming.received < (took - config.grace_s) * config.min_bytes_per_s:
            raise FileRefused(FileFault.TOO_SLOW, "The file comes too slowly; please try a better network.")


@requires(Action.FILE_READ)
async def download(request: web.Request) -> web.StreamResponse:
    """`GET /api/files/{file}`, also in ranges (RFC 9110 section 14)."""
    grant = await session_grant(request, Action.FILE_READ)
    here = services(request)
    stored = await here.files.find(grant.room.id, request.match_info["file"])
    headers = {**ATTACHMENT, "Content-Type": stored.type, "Content-Disposition": attachment(stored.name)}
    return web.FileResponse(here.files.path_of(stored), headers=headers)


def stored_answer(stored: StoredFile) -> web.Response:
    """201 for a file that was stored."""
    body = FileAnswer(id=stored.id, name=stored.name, type=stored.type, size=stored.size)
    return web.Response(status=201, text=body.model_dump_json(), content_type="application/json")


def attachment(name: str) -> str:
    """The Content-Disposition of a download, also for names outside of ASCII (RFC 6266 section 4.3, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
