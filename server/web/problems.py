"""Errors of HTTP: `application/problem+json` (RFC 9457) with a stable code (docs/protocol.md section 1)."""

from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from server.access import AccessRefused, RefusalCode
from server.boards import RenderFault, RenderRefused
from server.files import FileFault, FileRefused
from server.rooms import RoomFault, RoomRefusal
from server.storage import Conflict, DatabaseFailed, NotFound
from server.web.bodies import Problem
from whiteboard import Code, CommandRefused

_log = structlog.get_logger("server.web")

_STATUS = {
    RefusalCode.TICKET_UNKNOWN: 404,
    RefusalCode.TICKET_EXPIRED: 410,
    RefusalCode.TICKET_USED: 410,
    RefusalCode.INVITATION_UNKNOWN: 404,
    RefusalCode.INVITATION_EXPIRED: 410,
    RefusalCode.NAME_INVALID: 422,
    RefusalCode.REMOVED: 403,
    RefusalCode.ROOM_CLOSED: 410,
    RefusalCode.ROOM_FULL: 503,
    RefusalCode.RATE_LIMITED: 429,
    RefusalCode.TOKEN_INVALID: 401,
    RefusalCode.TOKEN_EXPIRED: 401,
    RefusalCode.KEY_INVALID: 401,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.INVALID: 422,
}

_ROOM_STATUS = {
    RoomFault.FORBIDDEN: 403,
    RoomFault.NOT_JOINED: 404,
    RoomFault.UNKNOWN_PARTICIPANT: 404,
    RoomFault.ROOM_CLOSED: 410,
    RoomFault.ROOM_FULL: 503,
    RoomFault.OFFER_REFUSED: 422,
    RoomFault.INVALID: 422,
}

_FULL_RETRY_S = 30

_FILE_STATUS = {
    FileFault.TOO_BIG: 413,
    FileFault.TYPE_NOT_ALLOWED: 415,
    FileFault.QUOTA_FULL: 507,
    FileFault.DISK_FULL: 507,
    FileFault.CUT_OFF: 400,
    FileFault.TOO_SLOW: 408,
}

_COMMAND_STATUS = {
    Code.FORBIDDEN: 403,
    Code.RATE_LIMITED: 429,
    Code.UNKNOWN_PAGE: 404,
    Code.UNKNOWN_BOARD: 404,
    Code.FULL: 507,
    Code.STORAGE: 503,
    Code.INTERNAL: 500,
}


def problem(status: int, code: str, detail: str, retry_after_s: float | None = None) -> web.Response:
    """An error for machines and people."""
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, retry_after_s=retry_after_s
    )
    headers = {"Cache-Control": "no-store"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(retry_after_s)))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return web.Response(
        status=status,
        text=body.model_dump_json(exclude_none=True),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns what handlers raise into problems; the boundary of one request."""
    try:
        return await handler(request)
    except (AccessRefused, RoomRefusal, FileRefused, RenderRefused, CommandRefused) as error:
        return _refused(error)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part)[:32] for part in first["loc"])
        return problem(422, "invalid", f"{place or 'body'}: {first['msg']}")
    except NotFound as error:
        return problem(404, "not_found", str(error))
    except Conflict as error:
        return problem(409, "conflict", str(error))
    except DatabaseFailed:
        return problem(503, "unavailable", "The server cannot store this now; please try again.", 5)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = HTTPStatus(error.status).name.lower()
        answer = problem(error.status, code, error.reason)
        for name in ("Allow",):
            if name in error.headers:
                answer.headers[name] = error.headers[name]
        return answer
    except Exception:
        _log.exception("request_failed", method=request.method, route=_route(request))
        return problem(500, "internal", "The server could not do this.")


def _refused(error: AccessRefused | RoomRefusal | FileRefused | RenderRefused | CommandRefused) -> web.Response:
    """What a part of the server does not do, in its own words."""
    match error:
        case AccessRefused():
            return problem(_STATUS[error.code], error.code.value, str(error), error.retry_after_s)
        case RoomRefusal():
            full = _FULL_RETRY_S if error.fault is RoomFault.ROOM_FULL else None
            return problem(_ROOM_STATUS[error.fault], error.fault.value, error.detail, full)
        case FileRefused():
            return problem(_FILE_STATUS[error.fault], error.fault.value, str(error))
        case RenderRefused():
            busy = error.fault is RenderFault.BUSY
            return problem(503 if busy else 422, error.fault.value, error.detail, 5 if busy else None)
        case CommandRefused():
            return problem(_COMMAND_STATUS.get(error.code, 422), error.code.value, error.detail, error.retry_after_s)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
