"""The command line, run as an operator runs it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.cli.preflight import AlreadyRunning, server_lock

Run = Callable[..., Result]


def free_port() -> int:
    """A port that nobody uses now, for TCP and UDP."""
    with closing(socket.socket()) as tcp, closing(socket.socket(type=socket.SOCK_DGRAM)) as udp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        return port


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_HTTP_PORT", str(free_port()))
    monkeypatch.setenv("MUSTER_MEDIA_PORT", str(free_port()))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def test_an_operator_gets_from_nothing_to_a_link(run: Run) -> None:
    assert "muster institution create NAME" in run("institution", "list").stdout
    assert run("institution", "create", "Academy").exit_code == 0
    made = json.loads(run("room", "create", "Customs law", "--institution", "Academy", "--json").stdout)
    assert made["name"] == "Customs law"
    assert made["slug"].startswith("customs-law-")
    assert made["slug"] in run("room", "list").stdout
    ticket = run("ticket", made["slug"], "--role", "tutor", "--name", "Ana")
    assert "/join#ticket=" in ticket.stdout
    invitation = json.loads(run("invitation", made["id"], "--role", "officer", "--json").stdout)
    assert invitation["url"].endswith("/join#invitation=" + invitation["invitation"])


def test_api_keys_are_made_listed_and_revoked(run: Run) -> None:
    run("institution", "create", "Academy")
    key = json.loads(run("institution", "key", "create", "Academy", "--json").stdout)
    assert len(key["secret"]) == 43
    listed = json.loads(run("institution", "key", "list", "Academy", "--json").stdout)
    assert [(row["key"], row["revoked"]) for row in listed] == [(key["key"], None)]
    assert run("institution", "key", "revoke", key["key"]).exit_code == 0
    listed = json.loads(run("institution", "key", "list", "Academy", "--json").stdout)
    assert listed[0]["revoked"] is not None
    assert key["secret"] not in json.dumps(listed)


def test_origins_are_checked_since_they_go_into_a_header(run: Run) -> None:
    run("institution", "create", "Academy")
    good = run("institution", "origins", "Academy", "https://lms.example", "http://localhost:8000/", "--json")
    assert json.loads(good.stdout)["origins"] == ["https://lms.example", "http://localhost:8000"]
    for bad in ("lms.example", "https://a.example; script-src *", "https://*.example", "javascript:alert(1)", "'self'"):
        refused = run("institution", "origins", "Academy", bad)
        assert refused.exit_code == 2
        assert "is not an origin" in refused.stderr
    listed = json.loads(run("institution", "list", "--json").stdout)
    assert listed[0]["origins"] == ["https://lms.example", "http://localhost:8000"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("room", "create", "X", "--institution", "Nobody"), 1, "There is no institution 'Nobody'."),
        (("ticket", "nowhere"), 1, "There is no room 'nowhere'."),
        (("ticket", "nowhere", "--role", "king"), 2, "The role 'king' is unknown; allowed are assistant"),
        (("institution", "create", "Academy\x07"), 1, "A name must not hold control"),
        (("institution", "key", "revoke", "k"), 1, "There is no API key 'k'."),
    ],
)
def test_a_mistake_gets_one_sentence_and_an_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_taken_name_gets_one_sentence(run: Run) -> None:
    run("institution", "create", "Academy")
    again = run("institution", "create", "Academy")
    assert (again.exit_code, again.stderr) == (1, "muster: An institution named 'Academy' exists already.\n")
    run("room", "create", "Law", "--institution", "Academy", "--slug", "law")
    assert "slug 'law' exists already" in run("room", "create", "L", "--institution", "Academy", "--slug", "law").stderr
    assert run("room", "create", "L", "--institution", "Academy", "--slug", "../etc").exit_code == 1


def test_migrate_says_what_it_did(run: Run) -> None:
    assert "from nothing to revision" in run("migrate").stdout
    assert "is up to date" in run("migrate").stdout
    assert json.loads(run("migrate", "--json").stdout)["before"] is not None


def test_config_shows_values_and_hides_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_TURN_SECRET", "hush")
    shown = run("config", "show")
    assert "turn_secret" in shown.stdout
    assert "hush" not in shown.stdout
    assert json.loads(run("config", "show", "--json").stdout)["turn_secret"] == "***"
    assert "The settings are fine." in run("config", "check").stdout
    monkeypatch.setenv("MUSTER_HTTP_PORT", "0")
    wrong = run("config", "check")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("command", ["migrate", "doctor", "serve", "config"])
def test_every_command_stops_with_code_2_for_a_wrong_setting(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("MUSTER_LOG_FORMAT", "xml")
    result = run(*(("config", "check") if command == "config" else (command,)))
    assert result.exit_code == 2
    assert "MUSTER_LOG_FORMAT is 'xml'" in result.stderr


def test_serve_names_the_taken_port_and_its_setting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("MUSTER_HTTP_PORT", str(port))
        result = run("serve")
    assert result.exit_code == 1
    assert result.stderr == (
        f"muster: Port {port} on 127.0.0.1 is taken by another program; stop it, or set http_port to another port.\n"
    )


def test_serve_names_a_taken_media_port(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as taken:
        taken.bind(("0.0.0.0", 0))
        monkeypatch.setenv("MUSTER_MEDIA_PORT", str(taken.getsockname()[1]))
        result = run("serve")
    assert result.exit_code == 1
    assert "set media_port to another port" in result.stderr


def test_serve_names_a_data_folder_that_cannot_be_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "file" / "data"))
    result = run("serve")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_names_tls_files_that_do_not_fit(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_TLS_CERT", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("MUSTER_TLS_KEY", str(tmp_path / "key.pem"))
    assert "cert.pem of the setting tls_cert cannot be read: No such file" in run("serve").stderr
    (tmp_path / "cert.pem").write_text("nonsense")
    (tmp_path / "key.pem").write_text("nonsense")
    assert "are not a PEM certificate and its key" in run("serve").stderr


def test_a_second_server_on_the_same_folder_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with server_lock(tmp_path / "data"):
        result = run("serve")
        with pytest.raises(AlreadyRunning), server_lock(tmp_path / "data"):
            pass
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "Another server is running on the data folder" in result.stderr


@pytest.mark.slow
def test_the_program_starts_as_a_process_of_its_own(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONWARNINGS": "error"}
    result = subprocess.run(
        [sys.executable, "-m", "server", "migrate", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["before"] is None
    assert (tmp_path / "data" / "muster.db").exists()
