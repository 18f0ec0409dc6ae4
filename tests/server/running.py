"""A whole server on loopback, and clients that speak to it over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from server.access import Access, Limits, Role, rates_with, wall_clock_ms
from server.app import Running, serving
from server.boards import BoardsConfig, Exports, Slides
from server.rooms import Plane, RoomsConfig
from server.settings import AccessConfig, FilesConfig, HttpConfig, Secret, StorageConfig
from server.signaling import SignalingConfig
from server.storage import Database, Institution, Room, create_institution, create_room, open_database
from server.web import WebConfig
from tests.server.stand_in_plane import StandInPlane

ORIGIN = "https://class.example.org"
CALM = SignalingConfig(ping_interval_s=1.0, ping_timeout_s=10.0)
USES = ["mic", "camera", "screen", "audio", "audio", "audio", "interpretation", "video", "video", "screen_view"]


@dataclass(slots=True)
class Stage:
    """A running server with one institution and one room."""

    running: Running
    plane: StandInPlane
    database: Database
    access: Access
    limits: Limits
    institution: Institution
    room: Room
    url: str
    http: aiohttp.ClientSession

    async def token(self, role: Role = Role.OFFICER, name: str = "Ana", subject: str | None = None, **more: Any) -> str:
        """A session token of a person, by a ticket as an institution would make it."""
        minted = await self.access.mint_ticket(self.room, role=role, name=name, subject=subject, **more)
        return (await self.access.redeem_ticket(minted.secret)).token


@dataclass(slots=True)
class Page:
    """A browser tab as the server sees it."""

    client: socketio.AsyncClient
    heard: "asyncio.Queue[tuple[str, Any]]" = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, event: str, payload: Any = None) -> dict[str, Any]:
        """Sends an event and waits for its acknowledgement."""
        answer: dict[str, Any] = await self.client.call(event, {} if payload is None else payload, timeout=10)
        return answer

    async def join(self, *, mic: bool = True, camera: bool = True) -> dict[str, Any]:
        """Joins; the state."""
        answer = await self.ask(
            "join", {"client": {"name": "test", "version": "1"}, "media": {"mic": mic, "camera": camera}}
        )
        assert answer["ok"], answer
        state: dict[str, Any] = answer["state"]
        return state

    async def offer(self, certificate: str = "AA") -> dict[str, Any]:
        """Offers what the web client offers; `certificate` stands for the RTCPeerConnection."""
        sections = [{"mid": str(mid), "use": use} for mid, use in enumerate(USES)]
        return await self.ask("offer", {"sdp": f"v=0\r\na=fingerprint:sha-256 {certificate}\r\n", "sections": sections})

    async def hears(self, name: str, **fields: Any) -> Any:
        """The next event of this name whose top-level fields are these; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                heard, payload = await self.heard.get()
                if heard == name and all(payload.get(key) == value for key, value in fields.items()):
                    return payload

    async def crash(self) -> None:
        """The connection breaks without a word."""
        self.client.eio.ws._response.connection.transport.abort()
        async with asyncio.timeout(10):
            await self.gone.wait()


class PageRefused(Exception):
    """The server did not accept the socket; the text is the code of the wire contract."""


@asynccontextmanager
async def page(stage: Stage, token: str, tab: str = "tab-00000001") -> AsyncIterator[Page]:
    """A connected tab."""
    client = socketio.AsyncClient(reconnection=False)
    tab_page = Page(client)
    client.on("*", lambda event, payload: tab_page.heard.put_nowait((event, payload)))
    client.on("disconnect", lambda *_: tab_page.gone.set())
    refusals: list[Any] = []
    client.on("connect_error", refusals.append)
    try:
        try:
            await client.connect(stage.url, transports=["websocket"], auth={"token": token, "tab": tab})
        except socketio.exceptions.ConnectionError:
            raise PageRefused(refusals[0]["data"]["code"]) from None
        yield tab_page
    finally:
        await client.disconnect()
        await client.shutdown()


@asynccontextmanager
async def running_stage(
    storage: StorageConfig,
    static: Path,
    *,
    signaling: SignalingConfig = CALM,
    rooms: RoomsConfig | None = None,
    web: WebConfig | None = None,
    plane: Plane | None = None,
    files: FilesConfig | None = None,
    boards: BoardsConfig | None = None,
    rendering: tuple[Slides, Exports] | None = None,
) -> AsyncIterator[Stage]:
    """Starts a server on a migrated database and ends it in order."""
    stand_in = StandInPlane()
    access_config = AccessConfig(public_url=ORIGIN, master_key=Secret("k" * 64))
    http = HttpConfig(host="127.0.0.1", port=0, public_url=ORIGIN, tls_cert=None, tls_key=None)
    async with open_database(storage) as database, aiohttp.ClientSession() as session:
        access = Access(database, access_config)
        limits = Limits(rates_with(10_000))
        now = wall_clock_ms()
        institution, room = await database.write(lambda c: _tenant(c, now))
        config = rooms or RoomsConfig(tick_s=0.05)
        web_config = replace(web or WebConfig(public_url=ORIGIN, static=static), static=static)
        async with serving(
            http,
            database,
            plane or stand_in,
            access,
            limits,
            config,
            signaling_config=signaling,
            web_config=web_config,
            boards_config=boards,
            rendering=rendering,
            files_config=files or FilesConfig(folder=static.parent / "files"),
        ) as running:
            url = f"http://127.0.0.1:{running.port}"
            yield Stage(running, stand_in, database, access, limits, institution, room, url, session)


@asynccontextmanager
async def restarted(stage: Stage) -> AsyncIterator[Stage]:
    """Drains the stage's server, and starts another one on its database."""
    await stage.running.rooms.drain()
    http = HttpConfig(host="127.0.0.1", port=0, public_url=ORIGIN, tls_cert=None, tls_key=None)
    plane = StandInPlane()
    rooms = RoomsConfig(tick_s=0.05)
    async with serving(http, stage.database, plane, stage.access, stage.limits, rooms, signaling_config=CALM) as again:
        yield replace(stage, running=again, plane=plane, url=f"http://127.0.0.1:{again.port}")


def _tenant(connection: Any, now: int) -> tuple[Institution, Room]:
    institution = create_institution(connection, "Academy", ("https://learn.example.org",), now)
    return institution, create_room(connection, institution.id, "Valuation", "valuation", now)
