"""The commands on institutions, API keys, rooms, tickets and invitations."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import typer

from server.access import PARTICIPANT_ROLES, TITLE_MAX, Minted, Role, clean_name, clean_slug, wall_clock_ms
from server.cli.open import Office, open_office
from server.cli.output import fail, plain_failures, say, show_one, show_rows
from server.settings import load
from server.storage import (
    create_institution,
    create_room,
    find_institution,
    find_room,
    list_institutions,
    list_rooms,
    set_embed_origins,
)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]
RoleOption = Annotated[str, typer.Option("--role", help=", ".join(sorted(PARTICIPANT_ROLES)))]
OwnerOption = Annotated[str, typer.Option("--institution", help="Name or id of the institution.")]

institution_app = typer.Typer(help="Institutions (tenants), their API keys and embedding.", no_args_is_help=True)
key_app = typer.Typer(help="API keys of an institution.", no_args_is_help=True)
room_app = typer.Typer(help="Rooms.", no_args_is_help=True)
institution_app.add_typer(key_app, name="key")


def add_to(app: typer.Typer) -> None:
    """Hangs these commands into the program's."""
    app.add_typer(institution_app, name="institution")
    app.add_typer(room_app, name="room")
    app.command("ticket")(mint_ticket)
    app.command("invitation")(mint_invitation)


@institution_app.command("create")
def institution_create(name: str, as_json: AsJson = False) -> None:
    """Create an institution."""

    async def work(office: Office) -> dict[str, object]:
        title = clean_name(name, TITLE_MAX)
        made = await office.database.write(lambda c: create_institution(c, title, (), wall_clock_ms()))
        return {"id": made.id, "name": made.name}

    show_one(_run(work), as_json=as_json)


@institution_app.command("list")
def institution_list(as_json: AsJson = False) -> None:
    """List all institutions."""

    async def work(office: Office) -> list[dict[str, object]]:
        found = await office.database.read(list_institutions)
        return [{"id": one.id, "name": one.name, "origins": list(one.embed_origins)} for one in found]

    show_rows(_run(work), as_json=as_json, nothing="There is no institution yet: muster institution create NAME")


@institution_app.command("origins")
def institution_origins(
    institution: str,
    origins: Annotated[list[str] | None, typer.Argument(help="https://lms.example.org; none = no embedding.")] = None,
    as_json: AsJson = False,
) -> None:
    """Set which sites may show this institution's rooms in a frame."""
    wanted = tuple(_origin(text) for text in origins or ())

    async def work(office: Office) -> dict[str, object]:
        found = await office.database.read(lambda c: find_institution(c, institution))
        await office.database.write(lambda c: set_embed_origins(c, found.id, wanted))
        return {"id": found.id, "name": found.name, "origins": list(wanted)}

    show_one(_run(work), as_json=as_json)


@key_app.command("create")
def key_create(institution: str, as_json: AsJson = False) -> None:
    """Create an API key; its secret is shown this once. Two keys may live at a time."""

    async def work(office: Office) -> dict[str, object]:
        found = await office.database.read(lambda c: find_institution(c, institution))
        key_id, secret = await office.access.create_key(found.id)
        return {"key": key_id, "secret": secret}

    show_one(_run(work), as_json=as_json)


@key_app.command("list")
def key_list(institution: str, as_json: AsJson = False) -> None:
    """List the API keys of an institution."""

    async def work(office: Office) -> list[dict[str, object]]:
        found = await office.database.read(lambda c: find_institution(c, institution))
        keys = await office.access.keys(found.id)
        return [{"key": k.id, "created": _time(k.created_at), "revoked": _time(k.revoked_at)} for k in keys]

    show_rows(_run(work), as_json=as_json, nothing="This institution has no API key.")


@key_app.command("revoke")
def key_revoke(key: str) -> None:
    """Make an API key useless at once."""

    async def work(office: Office) -> None:
        await office.access.revoke_key(key)

    _run(work)
    say(f"The API key {key} is revoked.")


@room_app.command("create")
def room_create(
    name: str,
    institution: OwnerOption = "Local",
    slug: Annotated[str | None, typer.Option(help="Short name for addresses; made from the name if absent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a room."""

    async def work(office: Office) -> dict[str, object]:
        title = clean_name(name, TITLE_MAX)
        short = clean_slug(slug) if slug is not None else None
        owner = await office.database.read(lambda c: find_institution(c, institution))
        made = await office.database.write(lambda c: create_room(c, owner.id, title, short, wall_clock_ms()))
        return {"id": made.id, "slug": made.slug, "name": made.name}

    show_one(_run(work), as_json=as_json)


@room_app.command("list")
def room_list(
    institution: Annotated[str | None, typer.Option(help="Name or id; all if absent.")] = None, as_json: AsJson = False
) -> None:
    """List rooms."""

    async def work(office: Office) -> list[dict[str, object]]:
        owner = None
        if institution is not None:
            owner = (await office.database.read(lambda c: find_institution(c, institution))).id
        found = await office.database.read(lambda c: list_rooms(c, owner))
        return [{"id": r.id, "slug": r.slug, "name": r.name, "created": _time(r.created_at)} for r in found]

    show_rows(_run(work), as_json=as_json, nothing="There is no room yet: muster room create NAME")


def mint_ticket(
    room: str,
    role: RoleOption = "officer",
    name: Annotated[str, typer.Option(help="The person's name.")] = "Guest",
    muted: Annotated[bool, typer.Option(help="Enter with the microphone off.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a link for one person, good once and for a minute."""
    chosen = _role(role)

    async def work(office: Office) -> Minted:
        place = await office.database.read(lambda c: find_room(c, room))
        return await office.access.mint_ticket(place, role=chosen, name=name, muted=muted)

    _show_minted(_run(work), "ticket", as_json)


def mint_invitation(
    room: str,
    role: RoleOption = "officer",
    hours: Annotated[int, typer.Option(help="How long the link works.", min=1, max=87_600)] = 720,
    as_json: AsJson = False,
) -> None:
    """Make a link that many people can use."""
    chosen = _role(role)

    async def work(office: Office) -> Minted:
        place = await office.database.read(lambda c: find_room(c, room))
        return await office.access.mint_invitation(place, role=chosen, expires_in_s=hours * 3600)

    _show_minted(_run(work), "invitation", as_json)


def _run(work: Callable[[Office], Awaitable[T]]) -> T:
    async def inside() -> T:
        async with open_office(load()) as office:
            return await work(office)

    with plain_failures():
        return asyncio.run(inside())


def _show_minted(minted: Minted, kind: str, as_json: bool) -> None:
    if as_json:
        show_one({kind: minted.secret, "url": minted.url, "expires_at": minted.expires_at}, as_json=True)
    else:
        say(minted.url)
        say(f"Works until {_time(minted.expires_at)}{', once' if kind == 'ticket' else ''}.")


def _role(text: str) -> Role:
    if text not in PARTICIPANT_ROLES:
        fail(f"The role {text!r} is unknown; allowed are {', '.join(sorted(PARTICIPANT_ROLES))}.", 2)
    return Role(text)


def _origin(text: str) -> str:
    parts = urlsplit(text)
    bare = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query
    # The origin goes into a header: anything that ends a CSP source would add directives to it.
    if not bare or any(character in text for character in " ;,'\"*\r\n@#"):
        fail(f"{text!r} is not an origin; write it like https://lms.example.org", 2)
    return f"{parts.scheme}://{parts.netloc}"


def _time(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
