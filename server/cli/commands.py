"""The commands that run and examine the server; those on institutions and rooms are in tenancy.py."""

import asyncio
import json
from typing import Annotated

import typer
from pydantic import SecretStr

from server.access import wall_clock_ms
from server.cli import tenancy
from server.cli.doctor import examine
from server.cli.logs import set_up_logs
from server.cli.output import EXIT_TROUBLE, fail, plain_failures, say, show_one, show_rows
from server.cli.preflight import AlreadyRunning, server_lock, start_findings
from server.cli.ready_room import ready_room_links
from server.settings import Settings, load
from server.storage import describe, migrate

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]

app = typer.Typer(
    name="muster",
    help="A real-time virtual classroom server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="The settings.", no_args_is_help=True)
app.add_typer(config_app, name="config")
tenancy.add_to(app)


@app.command()
def serve() -> None:
    """Run the server until Ctrl-C; the database is migrated first."""
    with plain_failures():
        settings = load()
        for finding in start_findings(settings):
            if not finding.fine:
                fail(finding.words)
        try:
            with server_lock(settings.data_dir):
                _serve(settings)
        except AlreadyRunning as error:
            fail(str(error))


@app.command("migrate")
def migrate_command(as_json: AsJson = False) -> None:
    """Bring the database to the newest schema."""
    with plain_failures():
        settings = load()
        before, after = asyncio.run(migrate(settings.storage()))
    if as_json:
        show_one({"before": before, "after": after}, as_json=True)
    elif before == after:
        say(f"The database is up to date (revision {after}).")
    else:
        say(f"The database was brought from {before or 'nothing'} to revision {after}.")


@config_app.command("show")
def config_show(as_json: AsJson = False) -> None:
    """Show each setting with its value; secrets are not shown."""
    with plain_failures():
        settings = load()
    fields = {name: _plain(getattr(settings, name)) for name in Settings.model_fields}
    if as_json:
        say(json.dumps(fields, indent=2, ensure_ascii=False))
        return
    show_rows(
        [
            {"setting": name, "value": fields[name], "meaning": field.description}
            for name, field in Settings.model_fields.items()
        ],
        as_json=False,
        nothing="",
    )


@config_app.command("check")
def config_check() -> None:
    """Check the settings without starting anything."""
    with plain_failures():
        settings = load()
    say(
        f"The settings are fine. People reach the server at {settings.origin}; the database is "
        f"{describe(settings.storage())}."
    )


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Examine ports, TLS, clock, database, disk and UDP; exit 1 when something keeps classes from working."""
    with plain_failures():
        settings = load()
        findings = asyncio.run(examine(settings))
    rows = [{"check": f.name, "state": "ok" if f.fine else "FAILED", "finding": f.words} for f in findings]
    show_rows(rows, as_json=as_json, nothing="")
    if not all(finding.fine for finding in findings):
        raise typer.Exit(EXIT_TROUBLE)


def _serve(settings: Settings) -> None:
    set_up_logs(settings.log())
    # Imported here: the other commands need none of the media plane and start faster without it.
    from media import PortUnavailable
    from server.app import run

    welcome: list[str] = []
    if settings.prints_links:
        links = asyncio.run(ready_room_links(settings, wall_clock_ms()))
        welcome = [f"Muster is ready on {settings.origin}", *(f"  {role:8}{link}" for role, link in links.items())]
    else:
        asyncio.run(migrate(settings.storage()))
    try:
        run(settings, welcome)
    except PortUnavailable as error:
        fail(str(error))


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return "***" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, (int, float, bool, str, type(None))) else str(value)
