"""`/api/session`: links become session tokens."""

from aiohttp import web

from server.access import Access, AccessRefused, Action, Entry, Grant, LimitName, RefusalCode, requires
from server.web.bodies import Exchange, PersonRef, RoomRef, SessionAnswer
from server.web.context import address_of, check, limit, services, session_grant, visitor

_GUESSES = frozenset({RefusalCode.TICKET_UNKNOWN, RefusalCode.INVITATION_UNKNOWN})
"""Refusals that only a wrong secret brings: these are few for each address, while right ones may be many."""


@requires(Action.SESSION_CREATE)
async def create_session(request: web.Request) -> web.Response:
    """Exchanges a ticket or an invitation for a token."""
    check(visitor(request), Action.SESSION_CREATE)
    address = address_of(request)
    limit(request, LimitName.ENTRY, address)
    limit(request, LimitName.GUESS, address, keep=True)
    body = Exchange.model_validate_json(await request.read())
    try:
        entry = await _redeem(services(request).access, body)
    except AccessRefused as refusal:
        if refusal.code in _GUESSES:
            limit(request, LimitName.GUESS, address)
        raise
    return _answer(request, entry.grant, entry.token)


async def _redeem(access: Access, body: Exchange) -> Entry:
    if body.ticket is not None:
        return await access.redeem_ticket(body.ticket)
    return await access.redeem_invitation(body.invitation or "", body.name or "", body.guest_key or "")


@requires(Action.SESSION_READ)
async def read_session(request: web.Request) -> web.Response:
    """Whether a token is still good, and for what."""
    return _answer(request, await session_grant(request, Action.SESSION_READ))


@requires(Action.SESSION_FORGET)
async def forget_session(request: web.Request) -> web.Response:
    """Forgets a token."""
    grant = await session_grant(request, Action.SESSION_FORGET)
    here = services(request)
    await here.access.forget(grant.token_id)
    here.boards.revoked(grant.room.id, grant.token_id)
    return web.Response(status=204)


def _answer(request: web.Request, grant: Grant, token: str | None = None) -> web.Response:
    body = SessionAnswer(
        token=token,
        expires_at=grant.expires_at,
        room=RoomRef(id=grant.room.id, name=grant.room.name),
        person=PersonRef(name=grant.name),
        role=grant.role,
        muted=grant.muted,
        ice_servers=services(request).access.ice_servers(grant),
    )
    text = body.model_dump_json(exclude={"token"} if token is None else None)
    return web.Response(text=text, content_type="application/json", headers={"Cache-Control": "no-store"})
