"""`/api/session`: links become session tokens."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.access import Action, Grant, LimitName, requires
from server.web.context import check, limit, services, session_grant, visitor

_Secret = Annotated[str, Field(min_length=1, max_length=256)]


class Exchange(BaseModel):
    """Body of `POST /api/session`: a ticket, or an invitation with a name and the browser's own key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ticket: _Secret | None = None
    invitation: _Secret | None = None
    name: Annotated[str, Field(max_length=512)] | None = None
    guest_key: Annotated[str, Field(max_length=256)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Exchange":
        if self.ticket is not None:
            if self.invitation is not None or self.name is not None or self.guest_key is not None:
                raise ValueError("a ticket comes alone")
        elif self.invitation is None or self.name is None or self.guest_key is None:
            raise ValueError("either a ticket, or an invitation with name and guest_key")
        return self


@requires(Action.SESSION_CREATE)
async def create_session(request: web.Request) -> web.Response:
    """Exchanges a ticket or an invitation for a token."""
    check(visitor(request), Action.SESSION_CREATE)
    limit(request, LimitName.ENTRY, request.remote or "")
    body = Exchange.model_validate_json(await request.read())
    access = services(request).access
    if body.ticket is not None:
        entry = await access.redeem_ticket(body.ticket)
    else:
        entry = await access.redeem_invitation(body.invitation or "", body.name or "", body.guest_key or "")
    return _answer({"token": entry.token, **_described(request, entry.grant)})


@requires(Action.SESSION_READ)
async def read_session(request: web.Request) -> web.Response:
    """Whether a token is still good, and for what."""
    return _answer(_described(request, await session_grant(request, Action.SESSION_READ)))


@requires(Action.SESSION_FORGET)
async def forget_session(request: web.Request) -> web.Response:
    """Forgets a token."""
    grant = await session_grant(request, Action.SESSION_FORGET)
    await services(request).access.forget(grant.token_id)
    return web.Response(status=204)


def _described(request: web.Request, grant: Grant) -> dict[str, object]:
    return {
        "expires_at": grant.expires_at,
        "room": {"id": grant.room.id, "name": grant.room.name},
        "person": {"name": grant.name},
        "role": grant.role.value,
        "muted": grant.muted,
        "ice_servers": services(request).access.ice_servers(grant),
    }


def _answer(body: dict[str, object]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})
