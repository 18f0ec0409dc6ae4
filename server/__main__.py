"""The command line's entry (console script `muster`)."""

from server.cli import app


def main() -> None:
    """Runs one command and exits with its code: 0 well, 1 trouble, 2 wrong settings or arguments."""
    app(prog_name="muster")


if __name__ == "__main__":
    main()
