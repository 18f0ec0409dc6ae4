"""A board client that speaks the protocol over a real socket, with a pycrdt document for each page."""

import asyncio
import base64
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pycrdt import Doc, Map

from tests.whiteboard.updates import INK, block, made, update
from whiteboard.leb128 import varuint
from whiteboard.wire import frames

TAB = "tab-00000001"


class Closed(Exception):
    """The server closed the connection with this code."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


@dataclass(slots=True)
class Sheet:
    """A page as this client has it: its document, what it wrote and what of that is not acknowledged."""

    number: int
    epoch: int = 0
    seq: int = 0
    client: int | None = None
    clock: int = 0
    n: int = 0
    states: int = 0
    """How often the document came whole, or what it lacked, since it was forgotten."""
    doc: "Doc[Any]" = field(default_factory=Doc)
    unsent: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Key and update by clock, not yet acknowledged."""
    sent: dict[int, int] = field(default_factory=dict)
    """Clock by the number under which it was sent on this connection."""
    acked: set[str] = field(default_factory=set)
    nacks: list[str] = field(default_factory=list)

    @property
    def shapes(self) -> dict[str, bytes]:
        """What is on the page."""
        return {key: bytes(value) for key, value in (self.doc.get("e", type=Map).to_py() or {}).items()}

    def reset(self) -> None:
        """Forgets the document."""
        self.doc, self.seq, self.states = Doc(), 0, 0


class BoardClient:
    """One connection. Messages are worked through by `hears`, `ask` and `until`."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, sheets: dict[int, Sheet] | None = None) -> None:
        self.socket = ws
        self.sheets = sheets if sheets is not None else {}
        self.welcome: dict[str, Any] = {}
        self.texts: list[dict[str, Any]] = []
        self.lives: list[tuple[int, int, bytes]] = []
        self._id = 0

    async def hello(self, token: str, tab: str = TAB) -> dict[str, Any]:
        """Says who this is; the welcome. Raises Closed."""
        await self.socket.send_json({"type": "hello", "token": token, "tab": tab})
        self.welcome = await self.hears("welcome")
        return self.welcome

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Sends a command; its `done` or `refused`."""
        self._id += 1
        number = self._id
        await self.socket.send_json({"type": kind, "id": number, **fields})
        return await self._find(lambda m: m["type"] in ("done", "refused") and m["id"] == number)

    async def hears(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next text message of this type with these fields, among those that came already too."""
        return await self._find(lambda m: m["type"] == kind and all(m.get(k) == v for k, v in fields.items()))

    async def open(self, number: int) -> Sheet:
        """Opens a page, or opens it again with what is known of it."""
        sheet = self.sheets.setdefault(number, Sheet(number))
        known: dict[str, Any] = {}
        if sheet.client is not None:
            vector = base64.b64encode(sheet.doc.get_state()).decode()
            known = {"epoch": sheet.epoch, "seq": sheet.seq, "client": sheet.client, "vector": vector}
        await self.socket.send_json({"type": "open", "page": number, **known})
        opened = await self.hears("opened", page=number)
        sheet.epoch, sheet.n = opened["epoch"], 0
        sheet.sent.clear()
        if opened["reset"]:
            sheet.reset()
            await self.until(lambda: sheet.states and sheet.seq >= opened["seq"])
        if opened["client"] != sheet.client:
            # A new id begins its own clock; what is not in the document is written anew under it.
            sheet.client, sheet.clock = opened["client"], 0
            again = [key for key, _ in sheet.unsent.values()]
            sheet.unsent.clear()
            for key in again:
                if key in sheet.shapes:
                    sheet.acked.add(key)
                else:
                    self.write(sheet, key)
        return sheet

    def write(self, sheet: Sheet, key: str, value: bytes = INK) -> None:
        """Draws a shape on the own page; `send` sends it."""
        assert sheet.client is not None
        data = update(block(sheet.client, sheet.clock, made(key, value)))
        sheet.doc.apply_update(data)
        sheet.unsent[sheet.clock] = (key, data)
        sheet.clock += 1

    async def send(self, sheet: Sheet) -> None:
        """Sends what is not acknowledged and was not sent on this connection."""
        sent = set(sheet.sent.values())
        for clock, (_, data) in sorted(sheet.unsent.items()):
            if clock in sent:
                continue
            sheet.n += 1
            sheet.sent[sheet.n] = clock
            await self.socket.send_bytes(
                bytes((frames.UPDATE,)) + varuint(sheet.number) + varuint(sheet.epoch) + varuint(sheet.n) + data
            )

    async def draw(self, sheet: Sheet, key: str, value: bytes = INK) -> None:
        """Draws and sends."""
        self.write(sheet, key, value)
        await self.send(sheet)

    async def live(self, number: int, kind: int, payload: bytes) -> None:
        """Sends a live message."""
        await self.socket.send_bytes(bytes((frames.LIVE,)) + varuint(number) + bytes((kind,)) + payload)

    async def until(self, reached: Any) -> None:
        """Works through messages until `reached()`. Raises Closed."""
        async with asyncio.timeout(10):
            while not reached():
                await self._work()

    async def stored(self, sheet: Sheet) -> None:
        """Until all is acknowledged."""
        await self.until(lambda: not sheet.unsent or sheet.nacks)

    def stop_reading(self) -> None:
        """Takes nothing from the network any more."""
        connection = self.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        transport: asyncio.Transport = connection.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        transport.pause_reading()

    async def closed(self) -> int | None:
        """Waits for the end of the connection; its close code."""
        try:
            await self.until(lambda: False)
        except Closed as end:
            return end.code
        raise AssertionError("never reached")

    async def _find(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                for at, message in enumerate(self.texts):
                    if wanted(message):
                        return self.texts.pop(at)
                await self._work()

    async def _work(self) -> None:
        message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            body = message.json()
            if body["type"] == "nack" and body["page"] in self.sheets:
                self.sheets[body["page"]].nacks.append(body["code"])
            self.texts.append(body)
        elif message.type is aiohttp.WSMsgType.BINARY:
            self._binary(frames.read_server(message.data))
        else:
            raise Closed(self.socket.close_code, str(message.extra or ""))

    def _binary(self, frame: frames.ServerFrame) -> None:
        sheet = self.sheets.setdefault(frame.page, Sheet(frame.page))
        match frame:
            case frames.StateFrame():
                data = zlib.decompress(frame.data) if frame.coding is frames.Coding.ZLIB else frame.data
                sheet.doc.apply_update(data)
                sheet.seq = frame.seq
                sheet.states += 1
            case frames.UpdatesFrame():
                for offset, data in enumerate(frame.updates):
                    if data:
                        sheet.doc.apply_update(data)
                    sheet.seq = max(sheet.seq, frame.first + offset)
            case frames.AckFrame():
                for n in [n for n in sheet.sent if n <= frame.n]:
                    clock = sheet.sent.pop(n)
                    if clock in sheet.unsent:
                        sheet.acked.add(sheet.unsent.pop(clock)[0])
            case frames.LivesFrame():
                self.lives += [(actor, kind, payload) for actor, kind, payload in frame.lives]


@asynccontextmanager
async def connected(
    url: str, http: aiohttp.ClientSession, sheets: dict[int, Sheet] | None = None, **more: Any
) -> AsyncIterator[BoardClient]:
    """An open socket that has not said hello."""
    async with http.ws_connect(f"{url}/ws/board", max_msg_size=0, autoclose=True, **more) as ws:
        yield BoardClient(ws, sheets)


@asynccontextmanager
async def at_board(
    url: str, http: aiohttp.ClientSession, token: str, sheets: dict[int, Sheet] | None = None, tab: str = TAB
) -> AsyncIterator[BoardClient]:
    """A client that was welcomed."""
    async with connected(url, http, sheets) as client:
        await client.hello(token, tab)
        yield client
