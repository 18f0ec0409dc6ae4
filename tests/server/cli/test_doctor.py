"""The doctor: each trouble is found and named."""

import datetime
import json
import os
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.cli import doctor
from server.cli.preflight import server_lock
from server.settings import Settings
from tests.server.cli.test_commands import Run, run

__all__ = ["run"]


def findings(run: Run) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and state and words by check."""
    result = run("doctor", "--json")
    return result.exit_code, {row["check"]: (row["state"], row["finding"]) for row in json.loads(result.stdout)}


def certificate(folder: Path, days: int) -> None:
    """A certificate of our own that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "class.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def test_the_doctor_makes_no_database_and_migrates_none(run: Run, tmp_path: Path) -> None:
    _, found = findings(run)
    database = Settings().data_dir / "muster.db"
    assert found["database"][0] == "ok"
    assert "the first start makes it" in found["database"][1]
    assert not database.exists()
    with closing(sqlite3.connect(database)):
        database.touch()
    code, found = findings(run)
    assert code == 0
    assert "the next start brings it to" in found["database"][1]
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_database_of_a_newer_version_is_named(run: Run) -> None:
    assert run("migrate").exit_code == 0
    with closing(sqlite3.connect(Settings().data_dir / "muster.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, found = findings(run)
    assert code == 1
    assert "newer version" in found["database"][1]


def test_a_healthy_machine_passes(run: Run) -> None:
    code, found = findings(run)
    assert {state for state, _ in found.values()} == {"ok"}
    assert code == 0
    assert {"HTTP port", "media port (UDP)", "UDP through loopback", "TLS", "clock", "database", "disk"} <= set(found)
    assert "FAILED" not in run("doctor").stdout


def test_a_taken_port_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as taken:
        taken.bind(("0.0.0.0", 0))
        monkeypatch.setenv("MUSTER_MEDIA_PORT", str(taken.getsockname()[1]))
        code, found = findings(run)
    assert code == 1
    assert found["media port (UDP)"][0] == "FAILED"
    assert "UDP through loopback" not in found


def test_the_ports_of_the_running_server_are_no_trouble(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    with closing(socket.socket()) as taken, server_lock(tmp_path / "data"):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("MUSTER_HTTP_PORT", str(taken.getsockname()[1]))
        code, found = findings(run)
    assert code == 0
    assert found["HTTP port"] == ("ok", "in use by the running server")


@pytest.mark.parametrize(
    ("days", "state", "words"), [(90, "ok", "valid until"), (5, "FAILED", "expires on"), (-1, "FAILED", "expired on")]
)
def test_the_end_of_the_certificate_is_seen(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: str, words: str
) -> None:
    certificate(tmp_path, days)
    monkeypatch.setenv("MUSTER_TLS_CERT", "cert.pem")
    monkeypatch.setenv("MUSTER_TLS_KEY", "key.pem")
    _, found = findings(run)
    assert found["TLS"][0] == "ok"
    assert found["certificate"][0] == state
    assert words in found["certificate"][1]


def test_a_locked_database_is_found(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    patient = Settings.storage
    monkeypatch.setattr(Settings, "storage", lambda self: replace(patient(self), busy_timeout_s=0.05))
    other = sqlite3.connect(tmp_path / "data" / "muster.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    code, found = findings(run)
    other.close()
    assert code == 1
    assert found["database"][0] == "FAILED"
    assert "is locked by another program" in found["database"][1]


def test_a_clock_that_runs_behind_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = os.stat(doctor.__file__).st_mtime - 86_400
    monkeypatch.setattr(time, "time", lambda: long_ago)
    code, found = findings(run)
    assert code == 1
    assert found["clock"][0] == "FAILED"
    assert "set it, best by NTP" in found["clock"][1]


def test_a_full_disk_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.cli.doctor._LEAST_FREE_BYTES", 10**18)
    code, found = findings(run)
    assert code == 1
    assert found["disk"][0] == "FAILED"


def test_a_folder_that_is_a_file_is_told_once(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "file"))
    code, found = findings(run)
    assert code == 1
    assert "it is a file" in found["data folder"][1]
    assert [name for name, (state, _) in found.items() if state == "FAILED"] == ["data folder"]


def test_a_database_server_that_is_not_there_is_told_in_plain_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("MUSTER_DATABASE_URL", f"postgresql://muster:hush@127.0.0.1:{port}/classes")
        code, found = findings(run)
    assert code == 1
    assert found["database"] == (
        "FAILED",
        f"The database postgresql://muster:***@127.0.0.1:{port}/classes cannot be reached: "
        "nothing listens there (connection refused).",
    )
