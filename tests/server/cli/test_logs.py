"""The log keeps no secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from server.cli.logs import set_up_logs
from server.settings import LogConfig


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error as JSON lines; the process's loggers are put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    caught = io.StringIO()
    monkeypatch.setattr("sys.stderr", caught)
    set_up_logs(LogConfig(level="debug", style="json"))
    yield caught
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    """What was logged."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_secrets_are_hidden_in_both_loggers(stream: io.StringIO) -> None:
    structlog.get_logger("a").info("entered", token="hush", url="/join#ticket=hush&x=1", room="r1")
    logging.getLogger("b").warning("refused %s", "Authorization: Bearer hush")
    first, second = lines(stream)
    assert "hush" not in stream.getvalue()
    assert (first["room"], first["url"], first["level"]) == ("r1", "/join#ticket=***&x=1", "info")
    assert second["event"] == "refused Authorization: Bearer ***"


def test_names_of_people_are_hidden_above_debug(stream: io.StringIO) -> None:
    structlog.get_logger("a").info("joined", name="Ana", remote="192.0.2.1")
    structlog.get_logger("a").debug("joined", name="Ana")
    first, second = lines(stream)
    assert (first["name"], first["remote"], second["name"]) == ("***", "***", "Ana")


def test_an_exception_is_logged_with_its_traceback(stream: io.StringIO) -> None:
    try:
        raise ValueError("token=hush")
    except ValueError:
        structlog.get_logger("a").exception("failed")
    [line] = lines(stream)
    assert "ValueError: token=***" in line["exception"]
