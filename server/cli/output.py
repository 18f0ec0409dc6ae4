"""How commands speak: tables for people, JSON for programs, one sentence and an exit code for trouble."""

import errno
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer

from server.access import AccessRefused, MasterKeyLost
from server.settings import SettingsRefused
from server.storage import StorageError

EXIT_TROUBLE = 1
EXIT_SETTINGS = 2


def say(text: str) -> None:
    """One line for the operator."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, nothing: str) -> None:
    """A table, or a JSON array; `nothing` is said instead of an empty table."""
    if as_json:
        say(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    if not rows:
        say(nothing)
        return
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show_one(fields: Mapping[str, object], *, as_json: bool) -> None:
    """One record: a field a line, or a JSON object."""
    if as_json:
        say(json.dumps(dict(fields), indent=2, ensure_ascii=False))
        return
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        say(f"{name.ljust(width)}  {_cell(value)}")


def fail(sentence: str, code: int = EXIT_TROUBLE) -> NoReturn:
    """Says one sentence on standard error and ends the command."""
    sys.stderr.write(f"muster: {sentence}\n")
    raise typer.Exit(code)


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turns the failures that an operator can meet into one sentence and a non-zero exit; others are bugs."""
    try:
        yield
    except SettingsRefused as error:
        fail(str(error), EXIT_SETTINGS)
    except (StorageError, AccessRefused, MasterKeyLost) as error:
        fail(str(error))
    except OSError as error:
        # The address was free a moment ago, or the disk filled since: the checks before the start cannot see it.
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.ENOSPC, errno.EROFS):
            raise
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "-"
    return str(value)
