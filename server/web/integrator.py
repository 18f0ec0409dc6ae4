"""`/api/v1/rooms`: calls of an institution's own server, signed with its API key."""

from aiohttp import web

from server.access import Action, Actor, Minted, Place, requires
from server.storage import Room, create_room, find_room, live_session
from server.web.bodies import NewInvitation, NewRoom, NewTicket
from server.web.context import api_caller, check, services


@requires(Action.ROOM_CREATE)
async def create(request: web.Request) -> web.Response:
    """Creates a room."""
    caller, actor = await api_caller(request)
    check(actor, Action.ROOM_CREATE, Place(institution_id=caller.institution_id))
    body = NewRoom.model_validate_json(await request.read())
    here = services(request)
    now = here.clock()
    made = await here.database.write(lambda c: create_room(c, caller.institution_id, body.name, body.slug, now))
    return web.json_response(_room(made), status=201, headers={"Location": f"/api/v1/rooms/{made.id}"})


@requires(Action.ROOM_READ)
async def read(request: web.Request) -> web.Response:
    """One room with its live session."""
    room, _ = await _own_room(request, Action.ROOM_READ)
    here = services(request)
    live = await here.database.read(lambda c: live_session(c, room.id))
    body = _room(room)
    if live is not None:
        present = here.rooms.get(room.id)
        count = len(present.participants) if present is not None else 0
        body["session"] = {"id": live.id, "started_at": live.started_at, "participants": count}
    else:
        body["session"] = None
    return web.json_response(body)


@requires(Action.TICKET_MINT)
async def mint_ticket(request: web.Request) -> web.Response:
    """A single-use ticket for one person."""
    room, _ = await _own_room(request, Action.TICKET_MINT)
    body = NewTicket.model_validate_json(await request.read())
    minted = await services(request).access.mint_ticket(
        room, role=body.role, name=body.name, subject=body.subject, muted=body.muted
    )
    return _minted("ticket", minted)


@requires(Action.INVITATION_MINT)
async def mint_invitation(request: web.Request) -> web.Response:
    """A link that many can use."""
    room, _ = await _own_room(request, Action.INVITATION_MINT)
    body = NewInvitation.model_validate_json(await request.read())
    minted = await services(request).access.mint_invitation(room, role=body.role, expires_in_s=body.expires_in_s)
    return _minted("invitation", minted)


async def _own_room(request: web.Request, action: Action) -> tuple[Room, Actor]:
    # A room of another institution is as unknown as one that does not exist.
    caller, actor = await api_caller(request)
    key = request.match_info["room"]
    room = await services(request).database.read(lambda c: find_room(c, key, caller.institution_id))
    check(actor, action, Place(institution_id=room.institution_id))
    return room, actor


def _room(room: Room) -> dict[str, object]:
    return {"id": room.id, "slug": room.slug, "name": room.name}


def _minted(kind: str, minted: Minted) -> web.Response:
    body = {kind: minted.secret, "url": minted.url, "expires_at": minted.expires_at}
    return web.json_response(body, status=201, headers={"Cache-Control": "no-store"})
