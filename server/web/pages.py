"""The web client's pages and files."""

import html

from aiohttp import web

from server.access import Action, requires
from server.storage import NotFound, RoomId, embed_origins, list_institutions
from server.web.context import check, services, visitor
from server.web.headers import page_policy
from server.web.problems import problem
from server.web.static_files import StaticFile

FILES = web.AppKey("files", dict[str, StaticFile])

_KEEP_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_NO_CLIENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Muster</title>
<p>This server runs, but the web client was not built.</p>
<p>In the source tree, <code>make client</code> builds it; then start the server again.</p></html>"""


@requires(Action.PAGE_READ)
async def page(request: web.Request) -> web.StreamResponse:
    """The client's one page. A link's secret is in its fragment: the room is known only if the path names it."""
    check(visitor(request), Action.PAGE_READ)
    room = request.match_info.get("room")
    embedders = await _embedders(request, room)
    file = request.app[FILES].get("/index.html")
    response = (
        _respond(request, file)
        if file is not None
        else web.Response(text=_NO_CLIENT, content_type="text/html", status=503)
    )
    response.headers["Content-Security-Policy"] = page_policy(request.headers.get("Host", ""), embedders)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if embedders:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = _ASK_AGAIN
    return response


@requires(Action.PAGE_READ)
async def file_or_404(request: web.Request) -> web.StreamResponse:
    """A file of the built client."""
    check(visitor(request), Action.PAGE_READ)
    file = request.app[FILES].get(request.path)
    if file is None or request.path == "/index.html":
        return _not_found(request)
    return _respond(request, file)


async def _embedders(request: web.Request, room: str | None) -> tuple[str, ...]:
    """Origins that may frame the page: of the room's institution, or of all when the path names no room."""
    database = services(request).database
    if room is not None:
        try:
            return await database.read(lambda c: embed_origins(c, RoomId(room)))
        except NotFound:
            return ()
    return await all_embedders(request)


async def all_embedders(request: web.Request) -> tuple[str, ...]:
    """The embed origins of all institutions."""
    known = await services(request).database.read(list_institutions)
    return tuple(sorted({origin for institution in known for origin in institution.embed_origins}))


def _respond(request: web.Request, file: StaticFile) -> web.Response:
    coding, body = file.choose(request.headers.get("Accept-Encoding", ""))
    tag = f'"{file.tag}-{coding}"'
    headers = {
        "Content-Type": file.type,
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Cache-Control": _KEEP_FOR_EVER if file.hashed else _ASK_AGAIN,
    }
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    if coding != "identity":
        headers["Content-Encoding"] = coding
    return web.Response(body=body, headers=headers)


def _not_found(request: web.Request) -> web.Response:
    if "text/html" in request.headers.get("Accept", ""):
        shown = html.escape(request.path[:100])
        text = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Muster</title><p>Nothing is at {shown}.</p>'
        )
        return web.Response(status=404, text=text, content_type="text/html")
    return problem(404, "not_found", "Nothing is here.")
