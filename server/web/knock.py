"""What is checked of a WebSocket's request before anything is known of who it is."""

from urllib.parse import urlsplit

from aiohttp import web

from server.web import pages
from server.web.context import services
from server.web.headers import origin_allowed, own_origins
from server.web.problems import problem


async def refuse_knock(request: web.Request) -> web.Response | None:
    """
    None when the socket may be opened. Only the page's origin counts, since other sites must not use a visitor's
    browser to knock; the socket's own first message says who it is.
    """
    here = services(request)
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return problem(426, "upgrade_required", "Only WebSockets are served here.")
    if here.rooms.draining or here.boards.draining:
        return problem(503, "draining", "The server restarts.", 3)
    origin = request.headers.get("Origin")
    if not origin_allowed(origin, own_origins(request, here.config.public_url), await _embed_origins(request, origin)):
        return problem(403, "origin_refused", "This site may not use this server.")
    return None


async def _embed_origins(request: web.Request, origin: str | None) -> tuple[str, ...]:
    own = own_origins(request, services(request).config.public_url)
    if origin is None or origin in own or not urlsplit(origin).netloc:
        return ()
    return await pages.all_embedders(request)
