"""Security headers of every answer, and who may show our page in a frame."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from aiohttp import web

_PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), "
    "screen-wake-lock=(self), speaker-selection=(self), geolocation=(), payment=(), usb=(), serial=(), midi=()"
)


def page_policy(host: str, embedders: Sequence[str]) -> str:
    """
    The page's Content-Security-Policy. `host` is the Host that was asked for: Safari before 15.4 does not take 'self'
    for WebSockets. `embedders` may show the page in a frame; none of them = nobody.
    """
    ancestors = " ".join(["'self'", *embedders]) if embedders else "'none'"
    sockets = f" ws://{host} wss://{host}" if _plain_host(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; "
        f"connect-src 'self'{sockets}; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}; require-trusted-types-for 'script'"
    )


METHODS = "POST, PATCH, DELETE, OPTIONS"
"""What WHIP and WHEP resources take."""

# RFC 9725 section 4.2: players and encoders run on pages of other sites; the bearer token is the only right.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Accept-Patch",
    "Access-Control-Max-Age": "86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

NOTHING_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler: what a route has not set itself, gets the strict value."""
    headers = response.headers
    if request.path.startswith(("/whip/", "/whep/")):
        headers.update(_CORS)
    headers.setdefault("Content-Security-Policy", NOTHING_POLICY)
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    headers.setdefault("Cache-Control", "no-store")
    headers["Server"] = "muster"


def origin_allowed(origin: str | None, own: Iterable[str], embedders: Iterable[str]) -> bool:
    """
    Whether a page of this origin may open a socket. A client that is no browser sends none: nothing is gained by
    refusing it, since no cookie or other ambient right exists here.
    """
    if origin is None:
        return True
    return origin in own or origin in embedders


def own_origins(request: web.Request, public_url: str) -> tuple[str, ...]:
    """Under which origins the answering page itself may have been loaded."""
    parts = urlsplit(public_url)
    host = request.headers.get("Host", "")
    here = (f"http://{host}", f"https://{host}") if _plain_host(host) else ()
    return (f"{parts.scheme}://{parts.netloc}", *here)


def _plain_host(host: str) -> bool:
    return bool(host) and all(character.isalnum() or character in ".:-[]" for character in host) and host.isascii()
