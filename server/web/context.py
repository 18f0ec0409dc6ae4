"""What the routes work with, handed over by the composition root, and who a request comes from."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from server.access import (
    ANYONE,
    NOWHERE,
    Access,
    AccessRefused,
    Action,
    Actor,
    ApiCaller,
    Clock,
    Grant,
    LimitName,
    Limits,
    Place,
    RefusalCode,
    Role,
    SignedRequest,
    allow,
)
from server.boards import Boards, BoardWork, RenderFault, RenderRefused
from server.files import FileRepository
from server.rooms import Rooms
from server.storage import Database

H = TypeVar("H", bound=Callable[..., Any])
SocketHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """Bounds and places of the HTTP side."""

    public_url: str
    """Origin under which people reach us, without a slash at the end."""

    static: Path
    """Folder of the built web client."""

    head_timeout_s: float = 10.0
    """How soon a connection must have sent a whole request head, seconds."""

    connections_per_address: int = 100
    """Open connections of one address; those of loopback, where a proxy stands, and of trusted proxies are free."""

    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose `X-Forwarded-For` is believed."""

    body_bytes: int = 1_000_000
    """Largest body of a request."""

    def trusts(self, address: str) -> bool:
        """Whether an address is a trusted proxy's."""
        parsed = _parse(address.partition("%")[0])
        return parsed is not None and any(parsed in network for network in self.trusted_proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything below HTTP."""

    config: WebConfig
    database: Database
    access: Access
    limits: Limits
    rooms: Rooms
    files: FileRepository
    boards: Boards
    work: BoardWork | None
    """None on a server that makes no slides and exports."""
    sockets: SocketHandler
    clock: Clock


SERVICES = web.AppKey("services", Services)


def services(request: web.Request) -> Services:
    """The services of the application that a request came to."""
    return request.config_dict[SERVICES]


def streams(handler: H) -> H:
    """Marks a handler that reads its body itself, as it comes, within bounds of its own."""
    handler.__streams_body__ = True  # type: ignore[attr-defined]  # functions take attributes
    return handler


def streams_body(request: web.Request) -> bool:
    """Whether the body of a request is its handler's to read."""
    return getattr(request.match_info.handler, "__streams_body__", False)


def board_work(request: web.Request) -> BoardWork:
    """What makes slides and exports. Raises RenderRefused(BUSY) where nothing does."""
    work = services(request).work
    if work is None:
        raise RenderRefused(RenderFault.BUSY, "This server makes no slides and exports.")
    return work


def check(actor: Actor, action: Action, place: Place = NOWHERE) -> None:
    """Asks the policy. Raises AccessRefused(FORBIDDEN)."""
    if not allow(actor, action, place):
        raise AccessRefused(RefusalCode.FORBIDDEN, "You may not do this.")


def limit(request: web.Request, name: LimitName, key: str, *, keep: bool = False) -> None:
    """Takes from a rate, or only looks at it with `keep`. Raises AccessRefused(RATE_LIMITED)."""
    limits, now_s = services(request).limits, asyncio.get_running_loop().time()
    wait_s = limits.wait(name, key, now_s) if keep else limits.take(name, key, now_s)
    if wait_s > 0:
        raise AccessRefused(RefusalCode.RATE_LIMITED, "Too many requests; please wait a moment.", round(wait_s, 1))


def address_of(request: web.Request) -> str:
    """
    Whom a request comes from, for limits: the socket's address or, behind trusted proxies, the right-most hop of
    `X-Forwarded-For` that is none of them. What stands left of it the visitor may have made up.
    """
    config, remote = services(request).config, request.remote or ""
    if not config.trusts(remote):
        return remote
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for hop in reversed(hops):
        parsed = _parse(hop.strip(" \t"))
        if parsed is None:
            return remote
        if not config.trusts(str(parsed)):
            return str(parsed)
    return remote


def is_local(request: web.Request) -> bool:
    """Whether a request was made on this machine itself, and not by a proxy for someone else."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via")):
        return False
    parsed = _parse(request.remote or "")
    return parsed is not None and parsed.is_loopback


def visitor(request: web.Request) -> Actor:
    """Who asks without a credential: the operator on the machine itself, else anyone."""
    return Actor(role=Role.OPERATOR) if is_local(request) else ANYONE


def bearer(request: web.Request) -> str:
    """The bearer token (RFC 6750). Raises AccessRefused(TOKEN_INVALID)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 256:
        raise AccessRefused(RefusalCode.TOKEN_INVALID, "This needs a session token.")
    return token.strip()


async def session_grant(request: web.Request, action: Action) -> Grant:
    """The grant behind the bearer token, allowed to do `action` in its own room. Raises AccessRefused."""
    grant = await services(request).access.grant(bearer(request))
    check(Actor(role=grant.role, room_id=grant.room.id), action, Place(room_id=grant.room.id))
    return grant


async def api_caller(request: web.Request) -> tuple[ApiCaller, Actor]:
    """The integrator who signed the request. Raises AccessRefused."""
    headers = request.headers
    key_id = headers.get("Muster-Key", "")
    limit(request, LimitName.API, key_id[:64])
    caller = await services(request).access.verify(
        SignedRequest(
            method=request.method,
            path_query=request.raw_path,
            body=await request.read(),
            key_id=key_id,
            timestamp=headers.get("Muster-Timestamp", ""),
            nonce=headers.get("Muster-Nonce", ""),
            signature=headers.get("Muster-Signature", ""),
        )
    )
    return caller, Actor(role=Role.EMBEDDER, institution_id=caller.institution_id)


# The same addresses come again and again, the proxy's with each request.
@lru_cache(maxsize=2_048)
def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # A dual-stack socket shows IPv4 visitors so (RFC 4291 section 2.5.5.2). A zone means nothing elsewhere.
        return None if address.scope_id is not None else address.ipv4_mapped or address
    return address
