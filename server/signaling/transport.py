"""
The library's WebSocket transport with bounds: frames are checked before anything parses them, and what waits to be
sent is counted. A reader that is too slow is cut off; it comes back and gets the whole state.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import engineio
import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import packet as frames
from engineio.exceptions import QueueEmpty

from server.access import SIZES, LimitName, Limits, Rate, TokenBucket
from server.signaling.packet import FrameFault, FrameLimits, FrameRefused, check_frame

_log = structlog.get_logger("server.signaling")

_CLOSE_CODES = {
    FrameFault.BINARY: WSCloseCode.UNSUPPORTED_DATA,
    FrameFault.SIZE: WSCloseCode.MESSAGE_TOO_BIG,
    FrameFault.DEPTH: WSCloseCode.MESSAGE_TOO_BIG,
    FrameFault.RATE: WSCloseCode.POLICY_VIOLATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalingConfig:
    """Bounds and times of signalling, tuned for phones on bad mobile links."""

    message_bytes: int = SIZES[LimitName.MESSAGE_BYTES]
    """One message from a client, also after decompression."""

    depth: int = SIZES[LimitName.MESSAGE_DEPTH]
    """Nesting of its JSON."""

    outbound_bytes: int = SIZES[LimitName.OUTBOUND_BYTES]
    """What may wait for one client."""

    outbound_age_s: float = SIZES[LimitName.OUTBOUND_AGE]
    """How long one message may wait for the network to take it, seconds."""

    authenticate_s: float = SIZES[LimitName.AUTHENTICATE]
    """From the WebSocket to the accepted token, seconds."""

    ping_interval_s: float = 5.0
    """Between pings, seconds; short enough to keep a NAT's mapping and to notice a dead phone."""

    ping_timeout_s: float = 15.0
    """Silence after a ping until the socket counts as dead, seconds; a lift or a tunnel is often shorter."""

    frames: Rate = field(default_factory=lambda: Rate(200, 1000))
    """Frames of one socket of any kind, far above the bounds of events: only a flood meets it."""


class Outbox(asyncio.Queue[Any]):
    """What waits for one client: the library's queue, whose bytes are counted until the network has taken them."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__()
        self.waiting_bytes = 0
        self.on_overflow: Callable[[], None] | None = None
        self._limit_bytes = limit_bytes
        self._overflown = False

    def sent(self, size: int) -> None:
        """So much has left."""
        self.waiting_bytes -= size

    def _put(self, item: Any) -> None:
        size = 0 if item is None else len(item.encode())
        # Past the limit nothing is kept but the end mark (None) that ends the writer.
        if item is not None and (self._overflown or self.waiting_bytes + size > self._limit_bytes):
            if not self._overflown:
                self._overflown = True
                if self.on_overflow is not None:
                    self.on_overflow()
            item = frames.Packet(frames.NOOP)
            if self.qsize() > 0:
                return
            size = 1
        self.waiting_bytes += size
        super()._put(item)


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """Engine.IO with our WebSocket and our outbox. `bounds` and `limits` are set before the first connection."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.bounds = SignalingConfig()
        self.limits = Limits()
        self.guarded: dict[str, GuardedWebSocket] = {}
        self._async: dict[str, Any] = {**dict(self._async), "websocket": GuardedWebSocket}

    def create_queue(self, *_args: Any, **_kwargs: Any) -> Outbox:
        """Called by the library for each socket."""
        return Outbox(self.bounds.outbound_bytes)


_NEVER_WAITS = 8_192
"""Characters that a socket's write buffer (64 kB) takes without pausing, whatever they are in UTF-8."""


class GuardedWebSocket:
    """One WebSocket as the library's transport wants it, called as `GuardedWebSocket(handler, server)(environ)`."""

    def __init__(self, handler: Any, server: EngineServer) -> None:
        self._handler = handler
        self._server = server
        self._bounds = server.bounds
        self._socket = handler.__self__
        self._outbox: Outbox = self._socket.queue
        self._frames = TokenBucket(self._bounds.frames, asyncio.get_running_loop().time())
        self._frame_limits = FrameLimits(self._bounds.message_bytes, self._bounds.depth)
        self._response = web.WebSocketResponse(
            max_msg_size=self._bounds.message_bytes, timeout=2.0, autoping=True, compress=True
        )
        self._transport: asyncio.Transport | None = None
        self.on_heard: Callable[[], None] | None = None
        self._silence_s = self._bounds.ping_interval_s + self._bounds.ping_timeout_s
        # The library's own makes a task for each wait.
        self._socket.poll = self._poll

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Runs the connection to its end."""
        request: web.Request = environ["aiohttp.request"]
        self._transport = request.transport
        self._outbox.on_overflow = self._overflow
        await self._response.prepare(request)
        self._server.guarded[self._socket.sid] = self
        try:
            await self._handler(self)
        finally:
            del self._server.guarded[self._socket.sid]
        return self._response

    async def wait(self) -> str:
        """The next frame that passed the door. Raises OSError when the connection is over, as the library expects."""
        message = await self._response.receive()
        if message.type is WSMsgType.BINARY:
            await self.refuse(FrameFault.BINARY)
        if message.type is not WSMsgType.TEXT:
            raise OSError("the WebSocket is closed")
        try:
            if self._frames.take(asyncio.get_running_loop().time()) > 0:
                raise FrameRefused(FrameFault.RATE)
            text = check_frame(message.data, self._frame_limits)
        except FrameRefused as error:
            await self.refuse(error.fault)
            raise OSError("the frame was refused") from None
        if self.on_heard is not None:
            self.on_heard()
        return text

    async def send(self, text: str) -> None:
        """Hands a frame to the network. Raises OSError when it does not take it in time."""
        try:
            if self._is_taken_at_once(text):
                await self._response.send_str(text)
            else:
                async with asyncio.timeout(self._bounds.outbound_age_s):
                    await self._response.send_str(text)
        except TimeoutError:
            self._server.limits.hit(LimitName.OUTBOUND_AGE)
            self.abort()
            raise OSError("the client does not read") from None
        finally:
            self._outbox.sent(len(text))

    async def close(self) -> None:
        """A polite end, bounded in time."""
        await self._response.close()

    async def refuse(self, fault: FrameFault) -> None:
        """Ends the connection because of what it sent."""
        self._server.limits.hit(_LIMITS.get(fault, LimitName.EVENTS))
        _log.info("frame_refused", fault=fault.value)
        await self._response.close(code=_CLOSE_CODES.get(fault, WSCloseCode.PROTOCOL_ERROR))

    def abort(self) -> None:
        """An end at once: what waits is dropped."""
        if self._transport is not None:
            self._transport.abort()

    async def _poll(self) -> list[frames.Packet]:
        """The frames that wait, at least one; none at the end. Raises QueueEmpty when nothing comes for too long."""
        if self._outbox.empty():
            try:
                async with asyncio.timeout(self._silence_s):
                    packets = [await self._outbox.get()]
            except TimeoutError:
                raise QueueEmpty from None
        else:
            packets = [self._outbox.get_nowait()]
        while packets[-1] is not None and not self._outbox.empty():
            packets.append(self._outbox.get_nowait())
        for _ in packets:
            self._outbox.task_done()
        if packets[-1] is None:
            packets.pop()
            if packets:
                # The end mark is met again by the next call, which then has nothing but it.
                self._outbox.put_nowait(None)
        return packets

    def _is_taken_at_once(self, text: str) -> bool:
        """The network's buffer is empty and holds it: nothing to wait for, so that no clock is needed."""
        transport = self._transport
        return len(text) <= _NEVER_WAITS and transport is not None and transport.get_write_buffer_size() == 0

    def _overflow(self) -> None:
        self._server.limits.hit(LimitName.OUTBOUND_BYTES)
        _log.info("slow_reader_closed", waiting_bytes=self._outbox.waiting_bytes)
        self.abort()


_LIMITS = {
    FrameFault.BINARY: LimitName.MESSAGE_BYTES,
    FrameFault.SIZE: LimitName.MESSAGE_BYTES,
    FrameFault.DEPTH: LimitName.MESSAGE_DEPTH,
}
