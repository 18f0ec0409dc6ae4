"""A WebSocket that says what no client of ours would say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.server.running import Stage


@asynccontextmanager
async def raw_socket(
    stage: Stage, token: str | None = None, origin: str | None = None, compress: int = 0
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """An Engine.IO socket; with a token it is connected to the namespace, too."""
    headers = {"Origin": origin} if origin is not None else {}
    url = f"{stage.url}/socket.io/?EIO=4&transport=websocket"
    async with stage.http.ws_connect(url, headers=headers, max_msg_size=0, compress=compress) as socket:
        assert (await socket.receive_str()).startswith("0{")
        if token is not None:
            await socket.send_str("40" + json.dumps({"token": token, "tab": "tab-00000009"}))
            assert (await socket.receive_str()).startswith("40")
        yield socket


async def closing_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Reads until the server closes."""
    async with asyncio.timeout(8):
        async for _ in socket:
            pass
    return socket.close_code


async def answer(socket: aiohttp.ClientWebSocketResponse, event: str, payload: Any, packet_id: int = 1) -> Any:
    """Sends an event and gives its acknowledgement."""
    await socket.send_str(f"42{packet_id}" + json.dumps([event, payload]))
    async with asyncio.timeout(8):
        while True:
            text = await socket.receive_str()
            if text.startswith(f"43{packet_id}["):
                return json.loads(text[2 + len(str(packet_id)) :])[0]
