"""The HTTP application: its routes, in one table."""

from aiohttp import web

from server.access import Action, requires
from server.web import board, board_exports, board_pictures, entry, files, integrator, metrics, pages, whip
from server.web.context import SERVICES, Services, check, services, visitor
from server.web.headers import add_headers
from server.web.knock import refuse_knock
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
    refusal = await refuse_knock(request)
    if refusal is not None:
        return refusal
    if request.query.get("transport") != "websocket" or "sid" in request.query:
        return problem(400, "invalid", "Only the WebSocket transport is served.")
    return await services(request).sockets(request)


ROUTES = [
    web.post("/api/session", entry.create_session),
    web.get("/api/session", entry.read_session, allow_head=False),
    web.delete("/api/session", entry.forget_session),
    web.post("/api/files", files.upload),
    web.get("/api/files/{file}", files.download),
    web.post("/api/board/slides", board_pictures.make_slides),
    web.get(r"/api/board/slides/{file}/{page:\d{1,5}}/{width:\d{1,5}}.webp", board_pictures.slide),
    web.get(r"/api/board/images/{file}/{width:\d{1,5}}.webp", board_pictures.image),
    web.get(r"/api/board/pages/{page:\d{1,9}}/export", board_exports.export_page, allow_head=False),
    web.get("/api/board/boards/{board}/export", board_exports.export_board, allow_head=False),
    web.post("/api/board/boards/{board}/save", board_exports.save_board),
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
    web.get("/ws/board", board.socket, allow_head=False),
    web.get("/healthz", metrics.alive),
    web.get("/readyz", metrics.ready),
    web.get("/metrics", metrics.metrics, allow_head=False),
    web.get("/", pages.page),
    web.get("/join", pages.page),
    web.get("/join/{room}", pages.page),
    web.get("/{path:.*}", pages.file_or_404),
]
"""The table of all routes; each handler names its row of the policy."""
