"""`/ws/board`: the board's WebSocket (docs/protocol.md section 3.1), from the knock to the end of the connection."""

import asyncio
import contextlib
import re

import structlog
from aiohttp import WSMessage, WSMsgType, web

from server.access import (
    AccessRefused,
    Action,
    Actor,
    Grant,
    LimitName,
    Place,
    Rate,
    RefusalCode,
    TokenBucket,
    allow,
    requires,
)
from server.boards import BoardLine, Boards, NotAllowed
from server.storage import DatabaseFailed
from server.web.context import Services, address_of, check, services, visitor
from server.web.knock import refuse_knock
from whiteboard import BoardRoom, MessageBroken, parse_hello

_log = structlog.get_logger("server.web")

BINARY_BYTES = 262_144
TEXT_BYTES = 65_536
DEPTH = 32


class _Broken(Exception):
    """A text beyond the bounds of length or nesting."""


_FRAMES = Rate(300, 2_000)
"""Frames of one connection of any kind, pings too, far above the whiteboard's own bounds: only a flood meets it."""

_GOODBYE_S = 2.0

_TOO_BIG, _RESTARTS, _OVER, _REMOVED, _BROKEN, _TOO_MANY = 1009, 1012, 4001, 4003, 4010, 4029


@requires(Action.BOARD_READ)
async def socket(request: web.Request) -> web.StreamResponse:
    """`GET /ws/board`"""
    check(visitor(request), Action.PAGE_READ)
    refusal = await refuse_knock(request)
    if refusal is not None:
        return refusal
    response = web.WebSocketResponse(
        compress=False, max_msg_size=BINARY_BYTES, autoping=False, autoclose=False, timeout=2.0
    )
    await response.prepare(request)
    stream = request.transport
    if stream is None:
        return response
    here = services(request)
    line = BoardLine(stream)
    try:
        room = await _enter(request, here, response, line)
        if room is not None:
            await _serve(here.boards, response, line, room)
    except Exception:
        # The boundary of one connection: its failure must not end others.
        _log.exception("board_connection_failed")
        line.close(1011, "The server could not do this.")
    finally:
        here.boards.gone(line)
        line.close(1000, "")
    await _await_end(response)
    stream.close()
    return response


async def _await_end(response: web.WebSocketResponse) -> None:
    """
    Reads what is still on its way until the other side says goodbye too. A socket that is closed with unread data
    resets the connection (RFC 1122 section 4.2.2.13), and with it the close frame that says why.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_S):
            while (await response.receive()).type not in _ENDS:
                pass


async def _enter(
    request: web.Request, here: Services, response: web.WebSocketResponse, line: BoardLine
) -> BoardRoom | None:
    """From the first message to the room; None when the connection was closed with a reason."""
    try:
        async with asyncio.timeout(here.boards.config.hello_s):
            message = await response.receive()
            if message.type is not WSMsgType.TEXT:
                line.close(_TOO_BIG if _too_big(response) else _BROKEN, "Say hello first.")
                return None
            hello = parse_hello(_bounded(message.data))
            grant = await _grant(request, here, hello.token)
            line.belongs_to(grant.room.id, grant.person_id, grant.token_id, grant.expires_at, hello.tab)
            return await here.boards.enter(line, grant)
    except TimeoutError:
        here.limits.hit(LimitName.AUTHENTICATE)
        line.close(_OVER, "No hello came in time.")
    except (MessageBroken, _Broken):
        line.close(_BROKEN, "Say hello first.")
    except AccessRefused as error:
        line.close(_CODES.get(error.code, _OVER), str(error))
    except NotAllowed as error:
        line.close(error.code, error.reason)
    except DatabaseFailed:
        line.close(_RESTARTS, "The server cannot read this now; please try again.")
    return None


_CODES = {
    RefusalCode.REMOVED: _REMOVED,
    RefusalCode.ROOM_CLOSED: _REMOVED,
    RefusalCode.FORBIDDEN: _REMOVED,
    RefusalCode.RATE_LIMITED: _TOO_MANY,
}


async def _grant(request: web.Request, here: Services, token: str) -> Grant:
    grant = await here.access.grant(token)
    place = Place(room_id=grant.room.id)
    if not allow(Actor(role=grant.role, room_id=grant.room.id), Action.BOARD_READ, place):
        raise AccessRefused(RefusalCode.FORBIDDEN, "You may not see the board.")
    wait_s = here.limits.take(
        LimitName.BOARD_OPENS, (address_of(request), grant.person_id), asyncio.get_running_loop().time()
    )
    if wait_s > 0:
        raise AccessRefused(RefusalCode.RATE_LIMITED, "Too many connections; please wait a moment.", wait_s)
    return grant


async def _serve(boards: Boards, response: web.WebSocketResponse, line: BoardLine, room: BoardRoom) -> None:
    """Passes messages on until either side closes."""
    loop = asyncio.get_running_loop()
    frames = TokenBucket(_FRAMES, loop.time())
    while not line.closing.is_set():
        message: WSMessage = await response.receive()
        line.heard()
        if message.type is WSMsgType.PONG:
            continue
        if frames.take(loop.time()) > 0:
            line.close(_TOO_MANY, "Too many frames.")
        elif line.closing.is_set() or boards.draining:
            # Not acknowledged, so it comes again after the restart.
            if message.type in _ENDS:
                return
        elif message.type is WSMsgType.BINARY:
            room.binary(line, message.data, boards.now_ms())
        elif message.type is WSMsgType.TEXT:
            try:
                room.text(line, _bounded(message.data), boards.now_ms())
            except _Broken:
                line.close(_BROKEN, "This is no message of the protocol.")
        elif message.type is WSMsgType.PING:
            line.pong(message.data)
        else:
            if _too_big(response):
                line.close(_TOO_BIG, "The message is too big.")
            return


_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


def _too_big(response: web.WebSocketResponse) -> bool:
    return response.close_code == _TOO_BIG


# Possessive, so that an unfinished string of any shape takes linear time.
_MARKS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[{]|[\]}]', re.DOTALL)


def _bounded(text: str) -> str:
    """The text, if it is within the bounds of length and nesting. Raises _Broken."""
    if len(text) > TEXT_BYTES or (len(text) * 4 > TEXT_BYTES and len(text.encode()) > TEXT_BYTES):
        raise _Broken("the message is too big")
    if text.count("[") + text.count("{") > DEPTH:
        depth = 0
        for mark in _MARKS.finditer(text):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark[0], 0)
            if depth > DEPTH:
                raise _Broken("the message is nested too deeply")
    return text
