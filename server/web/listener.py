"""
The listener's own bounds, which aiohttp does not have: how soon a connection must have sent a request head, and how
many connections one address may hold.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from server.web.context import WebConfig, streams_body

_BODY_TIMEOUT_S = 30.0
_TLS_HANDSHAKE_S = 10.0


class Listener:
    """Serves an application. `counters` say how often a bound was met."""

    def __init__(self, app: web.Application, config: WebConfig) -> None:
        self.counters: Counter[str] = Counter()
        self._app = app
        self._config = config
        self._by_address: Counter[str] = Counter()
        self._headless: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}
        # Inside of the one that makes problems, so that what it raises is told as one.
        app.middlewares.append(self._note_head)

    @asynccontextmanager
    async def listening(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        """Listens for the length of the context; gives the port (0 asks for a free one). Raises OSError."""
        # A kept connection that sends half of its next head is closed by the keep-alive timer.
        runner = web.AppRunner(
            self._app, access_log=None, keepalive_timeout=30.0, shutdown_timeout=5.0, handle_signals=False
        )
        await runner.setup()
        try:
            serve = runner.server
            assert serve is not None, "setup makes it"
            server = await asyncio.get_running_loop().create_server(
                lambda: _Watched(serve(), self),
                host,
                port,
                ssl=tls,
                ssl_handshake_timeout=_TLS_HANDSHAKE_S if tls is not None else None,
                backlog=1024,
            )
            try:
                yield server.sockets[0].getsockname()[1]
            finally:
                server.close()
        finally:
            await runner.cleanup()

    def opened(self, transport: asyncio.BaseTransport, address: str) -> bool:
        """A connection came in; False when its address holds too many."""
        self._by_address[address] += 1
        proxy = _is_loopback(address) or self._config.trusts(address)
        if self._by_address[address] > self._config.connections_per_address and not proxy:
            self.counters["too_many_connections"] += 1
            return False
        loop = asyncio.get_running_loop()
        self._headless[transport] = loop.call_later(self._config.head_timeout_s, self._cut, transport)
        return True

    def closed(self, transport: asyncio.BaseTransport, address: str) -> None:
        """A connection is gone."""
        self._by_address[address] -= 1
        if self._by_address[address] <= 0:
            del self._by_address[address]
        self._arrived(transport)

    @web.middleware
    async def _note_head(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        if transport is not None:
            self._arrived(transport)
        self.counters["requests"] += 1
        if request.can_read_body and not streams_body(request):
            try:
                # Read here, so that a body that trickles in is bounded for every route; the request keeps it.
                async with asyncio.timeout(_BODY_TIMEOUT_S):
                    await request.read()
            except TimeoutError:
                self.counters["slow_bodies"] += 1
                raise web.HTTPRequestTimeout from None
        return await handler(request)

    def _arrived(self, transport: asyncio.BaseTransport) -> None:
        timer = self._headless.pop(transport, None)
        if timer is not None:
            timer.cancel()

    def _cut(self, transport: asyncio.BaseTransport) -> None:
        self._headless.pop(transport, None)
        self.counters["slow_heads"] += 1
        # A stream transport always, but uvloop's does not inherit from asyncio's.
        cast("asyncio.Transport", transport).abort()


class _Watched(asyncio.Protocol):
    """Passes a connection's events on to aiohttp and tells the listener of its beginning and end."""

    def __init__(self, handler: asyncio.Protocol, listener: Listener) -> None:
        self._handler = handler
        self._listener = listener
        self._transport: asyncio.BaseTransport | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self._transport = transport
        self._handler.connection_made(transport)
        if not self._listener.opened(transport, self._address):
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        return self._handler.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._listener.closed(self._transport, self._address)
        self._handler.connection_lost(exc)

    def pause_writing(self) -> None:
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        self._handler.resume_writing()


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
