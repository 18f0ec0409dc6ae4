"""The ready-made room of a first start: two links, and the class can begin."""

from sqlalchemy import Connection

from server.access import Role
from server.cli.open import open_office
from server.settings import Settings
from server.storage import NotFound, Room, create_institution, create_room, find_institution, find_room

_INSTITUTION = "Local"
_SLUG = "classroom"
_LIFETIME_S = 12 * 3600


async def ready_room_links(settings: Settings, now: int) -> dict[str, str]:
    """Fresh invitations (12 h) for the room `classroom`, by role; the room is made if it is not there."""
    async with open_office(settings) as office:
        room = await office.database.write(lambda c: _ready_room(c, now))
        links = {}
        for role in (Role.TUTOR, Role.OFFICER):
            minted = await office.access.mint_invitation(room, role=role, expires_in_s=_LIFETIME_S)
            links[role.value] = minted.url
        return links


def _ready_room(connection: Connection, now: int) -> Room:
    try:
        owner = find_institution(connection, _INSTITUTION)
    except NotFound:
        owner = create_institution(connection, _INSTITUTION, (), now)
    try:
        return find_room(connection, _SLUG, owner.id)
    except NotFound:
        return create_room(connection, owner.id, "Classroom", _SLUG, now)
