"""The command line: the operator's half of the server."""

from server.cli.commands import app

__all__ = ["app"]
