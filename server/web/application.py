"""The HTTP application: its routes, in one table."""

from urllib.parse import urlsplit

from aiohttp import web

from server.access import Action, requires
from server.web import entry, files, integrator, metrics, pages, whip
from server.web.context import SERVICES, Services, check, services, visitor
from server.web.headers import add_headers, origin_allowed, own_origins
from server.web.problems import problem, problems
from server.web.static_files import StaticFile


def make_application(here: Services, static: dict[str, StaticFile], gauges: metrics.Gauges) -> web.Application:
    """Everything but the listener."""
    app = web.Application(middlewares=[problems], client_max_size=here.config.body_bytes)
    app[SERVICES] = here
    app[pages.FILES] = static
    app[whip.FEEDS] = whip.Feeds()
    app[metrics.REGISTRY] = metrics.make_registry(here, gauges)
    app.on_response_prepare.append(add_headers)
    app.router.add_routes(ROUTES)
    return app


@requires(Action.PAGE_READ)
async def socket(request: web.Request) -> web.StreamResponse:
    """
    The signalling socket. Its own first message says who it is; here only the page's origin counts, since other
    sites must not use a visitor's browser to knock.
    """
    check(visitor(request), Action.PAGE_READ)
    here = services(request)
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return problem(426, "upgrade_required", "Only WebSockets are served here.")
    if request.query.get("transport") != "websocket" or "sid" in request.query:
        return problem(400, "invalid", "Only the WebSocket transport is served.")
    if here.rooms.draining:
        return problem(503, "draining", "The server restarts.", 3)
    origin = request.headers.get("Origin")
    if not origin_allowed(origin, own_origins(request, here.config.public_url), await _embed_origins(request, origin)):
        return problem(403, "origin_refused", "This site may not use this server.")
    return await here.sockets(request)


async def _embed_origins(request: web.Request, origin: str | None) -> tuple[str, ...]:
    own = own_origins(request, services(request).config.public_url)
    if origin is None or origin in own or not urlsplit(origin).netloc:
        return ()
    return await pages.all_embedders(request)


ROUTES = [
    web.post("/api/session", entry.create_session),
    web.get("/api/session", entry.read_session, allow_head=False),
    web.delete("/api/session", entry.forget_session),
    web.post("/api/files", files.upload),
    web.get("/api/files/{file}", files.download),
    web.post("/api/v1/rooms", integrator.create),
    web.get("/api/v1/rooms/{room}", integrator.read, allow_head=False),
    web.post("/api/v1/rooms/{room}/tickets", integrator.mint_ticket),
    web.post("/api/v1/rooms/{room}/invitations", integrator.mint_invitation),
    *(
        route
        for path, begin, change, end in (
            ("/whip", whip.publish, whip.change_publishing, whip.end_publishing),
            ("/whep", whip.play, whip.change_playing, whip.end_playing),
        )
        for route in (
            web.post(path + "/{room}", begin),
            web.options(path + "/{room}", whip.options),
            web.patch(path + "/{room}/{feed}", change),
            web.delete(path + "/{room}/{feed}", end),
            web.options(path + "/{room}/{feed}", whip.options),
            web.route("*", path + "/{room}", whip.not_allowed),
            web.route("*", path + "/{room}/{feed}", whip.not_allowed),
        )
    ),
    web.get("/socket.io/", socket, allow_head=False),
    web.get("/healthz", metrics.alive),
    web.get("/readyz", metrics.ready),
    web.get("/metrics", metrics.metrics, allow_head=False),
    web.get("/", pages.page),
    web.get("/join", pages.page),
    web.get("/join/{room}", pages.page),
    web.get("/{path:.*}", pages.file_or_404),
]
"""The table of all routes; each handler names its row of the policy."""
