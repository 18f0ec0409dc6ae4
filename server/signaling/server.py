"""Signalling: sockets are authenticated, their events bounded, checked against the policy and answered."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import socketio
import structlog
from aiohttp import web
from pydantic import ValidationError
from socketio.exceptions import ConnectionRefusedError as ConnectRefused
from socketio.packet import CONNECT, DISCONNECT

from server.access import (
    Access,
    AccessRefused,
    Action,
    Actor,
    Clock,
    LimitName,
    Limits,
    Place,
    RefusalCode,
    action_of,
    allow,
    requires,
)
from server.rooms import RoomFault, RoomRefusal, Rooms
from server.signaling import messages as wire
from server.signaling.encoding import acknowledgement_text
from server.signaling.events import EVENTS, Events
from server.signaling.packet import FrameRefused, TextPacket
from server.signaling.session import Session
from server.signaling.transport import EngineServer, SignalingConfig
from server.storage import DatabaseFailed

_log = structlog.get_logger("server.signaling")

_EIO_SID = "muster.eio_sid"


class Signaling(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """The Socket.IO server. `run` must be running while sockets connect; `handle` is its only HTTP route."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        access: Access,
        limits: Limits,
        clock: Clock,
        address_of: Callable[[web.Request], str],
        config: SignalingConfig | None = None,
    ) -> None:
        self._config = config or SignalingConfig()
        self._address_of = address_of
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            serializer=TextPacket,
            logger=_quiet("socketio"),
            engineio_logger=_quiet("engineio"),
            # Origins are checked by the HTTP route, which knows the institutions.
            cors_allowed_origins=[],
            transports=["websocket"],
            allow_upgrades=False,
            cookie=None,
            ping_interval=self._config.ping_interval_s,
            ping_timeout=self._config.ping_timeout_s,
            max_http_buffer_size=self._config.message_bytes,
        )
        self.eio.bounds = self._config
        self.eio.limits = limits
        self._rooms = rooms
        self._access = access
        self._limits = limits
        self._clock = clock
        self._events = Events(rooms)
        self._sessions: dict[str, Session] = {}
        self._strangers: dict[str, float] = {}
        self.counters: Counter[str] = Counter()
        self.on("connect", self._connect)
        self.on("disconnect", self._disconnect)

    @property
    def sockets(self) -> int:
        """Open sockets, joined or not."""
        return len(self.eio.sockets)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket endpoint; the caller has checked the Origin."""
        response: web.StreamResponse = await self.eio.handle_request(request)
        return response

    async def run(self) -> None:
        """Cuts sockets that do not say who they are in time, until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self._config.authenticate_s / 4))
            now = asyncio.get_running_loop().time()
            for eio_sid, deadline in list(self._strangers.items()):
                if now >= deadline:
                    del self._strangers[eio_sid]
                    self._limits.hit(LimitName.AUTHENTICATE)
                    self._abort(eio_sid)

    async def close_all(self) -> None:
        """Ends all sockets and the library's own watch; queued frames still go out."""
        for session in list(self._sessions.values()):
            session.close()
        await self.shutdown()

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        environ[_EIO_SID] = eio_sid
        await super()._handle_eio_connect(eio_sid, environ)
        self._strangers[eio_sid] = asyncio.get_running_loop().time() + self._config.authenticate_s

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._strangers.pop(eio_sid, None)
        session = self._sessions.pop(eio_sid, None)
        if session is not None:
            session.closed = True
            if session.room is not None:
                session.room.drop(session)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        """The library's entry for a message; ours answers events itself, so that each is answered in order."""
        try:
            packet = TextPacket(encoded_packet=data)
        except FrameRefused as error:
            guarded = self.eio.guarded.get(eio_sid)
            if guarded is not None:
                await guarded.refuse(error.fault)
            return
        session = self._sessions.get(eio_sid)
        if packet.packet_type == CONNECT and session is None:
            await self._handle_connect(eio_sid, None, packet.data)
        elif packet.packet_type == DISCONNECT or session is None:
            self._abort(eio_sid)
        elif packet.packet_type != CONNECT:
            await self._handle_client_event(session, packet)

    async def _connect(self, _sid: str, environ: dict[str, Any], auth: object) -> None:
        """Raises ConnectRefused with a code of the wire contract."""
        eio_sid: str = environ[_EIO_SID]
        request: web.Request = environ["aiohttp.request"]
        try:
            said = wire.Auth.model_validate(auth)
            if self._rooms.draining:
                raise ConnectRefused("draining", {"code": "draining"})
            grant = await self._access.grant(said.token)
        except ValidationError:
            raise _refused("token_invalid") from None
        except AccessRefused as error:
            raise _refused(_CONNECT_CODES.get(error.code, "token_invalid")) from None
        except DatabaseFailed:
            raise _refused("rate_limited") from None
        place = Place(room_id=grant.room.id)
        if not allow(Actor(role=grant.role, room_id=grant.room.id), Action.CONNECT, place):
            raise _refused("token_invalid")
        if eio_sid not in self.eio.guarded:
            raise _refused("token_invalid")
        guarded = self.eio.guarded[eio_sid]
        session = Session(
            grant, said.tab, self._address_of(request), eio_sid, self.eio.sockets[eio_sid].queue, self._clock
        )
        guarded.on_heard = session.heard
        self._sessions[eio_sid] = session
        self._strangers.pop(eio_sid, None)
        self.counters["connects"] += 1

    async def _disconnect(self, _sid: str, _reason: str) -> None:
        """The socket's end is handled with the transport's."""

    async def _handle_client_event(self, session: Session, packet: TextPacket) -> None:
        name, *arguments = cast(list[Any], packet.data)
        try:
            answer = await self._carry_out(session, name, arguments[0] if arguments else {})
        except RoomRefusal as error:
            answer = _error(error.fault.value, error.detail)
        except DatabaseFailed:
            answer = _error("internal", "The server could not store this; please try again.", 1.0)
        except Exception:
            # The boundary of one client's event: its failure must not close other sockets.
            _log.exception("event_failed", event_name=name)
            answer = _error("internal", "The server could not do this.")
        self.counters["events"] += 1
        if packet.id is not None:
            session.answer(acknowledgement_text(packet.id, answer))
        if name in ("join", "sync") and session.room is not None:
            participant = session.participant
            if participant is not None:
                session.room.greet(participant, session)

    async def _carry_out(self, session: Session, name: str, data: object) -> wire.ToClient:
        row = EVENTS.get(name)
        if row is None:
            return _error("invalid", "There is no such event.")
        wait_s = self._wait_for(session, row.limit)
        if wait_s > 0:
            return _error("rate_limited", "Too many at once.", math.ceil(wait_s * 1000) / 1000)
        try:
            message = row.model.model_validate(data)
        except ValidationError as error:
            return _error("invalid", _first_problem(error))
        action = action_of(row.handler)
        grant = session.grant
        actor = Actor(role=grant.role, room_id=grant.room.id)
        ended = session.room is not None and session.room.ended
        if action is None or not allow(actor, action, Place(room_id=grant.room.id, ended=ended)):
            if ended:
                return _error(RoomFault.ROOM_CLOSED.value, "This session has ended.")
            return _error("forbidden", "Your role may not do this.")
        return await row.handler(self._events, session, message)

    def _wait_for(self, session: Session, limit: LimitName | None) -> float:
        now = asyncio.get_running_loop().time()
        wait_s = self._limits.take(LimitName.EVENTS, session.key, now)
        if wait_s == 0 and limit is not None:
            key = (session.address, session.grant.person_id) if limit is LimitName.JOINS else session.key
            wait_s = self._limits.take(limit, key, now)
        return wait_s

    def _abort(self, eio_sid: str) -> None:
        guarded = self.eio.guarded.get(eio_sid)
        if guarded is not None:
            guarded.abort()


requires(Action.CONNECT)(Signaling._connect)

_CONNECT_CODES = {
    RefusalCode.TOKEN_EXPIRED: "token_expired",
    RefusalCode.REMOVED: "removed",
    RefusalCode.ROOM_CLOSED: "room_closed",
    RefusalCode.RATE_LIMITED: "rate_limited",
}


def _quiet(name: str) -> logging.Logger:
    """At info the library logs whole packets, and with them tokens."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    return logger


def _refused(code: str) -> ConnectRefused:
    return ConnectRefused(code, {"code": code})


def _error(code: str, detail: str, retry_after_s: float | None = None) -> wire.Refused:
    return wire.Refused(
        error=wire.ErrorBody.model_validate({"code": code, "detail": detail, "retry_after_s": retry_after_s})
    )


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:32] for part in problem["loc"])
    return f"{place or 'payload'}: {problem['msg']}"[:200]
