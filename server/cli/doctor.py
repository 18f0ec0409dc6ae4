"""The examination behind `muster doctor`: what keeps this machine from running classes, in plain words."""

import contextlib
import datetime
import errno
import os
import secrets
import shutil
import socket
import time
from contextlib import closing
from pathlib import Path

from cryptography import x509
from sqlalchemy import Connection, func, select

from server.cli.preflight import DATA_FOLDER, MEDIA_UDP, AlreadyRunning, Finding, server_lock, start_findings
from server.settings import Settings
from server.storage import (
    NEWEST_REVISION,
    StorageError,
    current_revision,
    describe,
    known_revisions,
    open_database,
    sqlite_path,
)
from server.storage.tables import event

_LEAST_FREE_BYTES = 1_000_000_000
_CERTIFICATE_DAYS = 14
DATABASE = "database"


async def examine(settings: Settings) -> list[Finding]:
    """
    All findings. While the server runs its own ports are taken by itself, which is fine. What cannot be tried
    because of an earlier finding is left out: one cause is told once.
    """
    findings = start_findings(settings)
    failed = {finding.name for finding in findings if not finding.fine}
    if _is_running(settings.data_dir):
        findings = [_taken_by_ourselves(finding) for finding in findings]
    elif MEDIA_UDP not in failed:
        findings.append(check_udp_loopback(settings))
    findings.append(check_certificate_date(settings.tls_cert))
    asks_database = DATA_FOLDER not in failed or not sqlite_path(settings.storage())
    if DATA_FOLDER not in failed:
        findings.append(check_disk(settings.data_dir))
    if asks_database:
        database = await check_database(settings)
        findings.append(database)
        asks_database = database.fine
    findings.append(await check_clock(settings, ask_database=asks_database))
    return findings


def check_udp_loopback(settings: Settings) -> Finding:
    """A datagram to the media port of this machine arrives: no local firewall eats it."""
    name = "UDP through loopback"
    v6 = ":" in settings.media_host
    target = "::1" if v6 else "127.0.0.1"
    wildcard = settings.media_host in ("0.0.0.0", "::")  # noqa: S104 - only compared
    family = socket.AF_INET6 if v6 else socket.AF_INET
    with (
        closing(socket.socket(family, socket.SOCK_DGRAM)) as server,
        closing(socket.socket(family, socket.SOCK_DGRAM)) as client,
    ):
        server.settimeout(1.0)
        word = secrets.token_bytes(16)
        try:
            server.bind((settings.media_host, settings.media_port))
            client.sendto(word, (target if wildcard else settings.media_host, settings.media_port))
            arrived = server.recv(64) == word
        except TimeoutError:
            arrived = False
        except OSError as error:
            return Finding(name, False, f"UDP port {settings.media_port} cannot be tried: {error.strerror}.")
    if arrived:
        return Finding(name, True, f"a datagram to port {settings.media_port} arrived")
    words = f"A datagram to UDP port {settings.media_port} did not arrive; let the firewall of this machine pass it."
    return Finding(name, False, words)


def check_certificate_date(path: Path | None) -> Finding:
    """The certificate is valid now and for some days to come."""
    name = "certificate"
    if path is None:
        return Finding(name, True, "none is set")
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return Finding(name, False, f"The file {path} holds no PEM certificate.")
    now = datetime.datetime.now(datetime.UTC)
    until = certificate.not_valid_after_utc
    if now < certificate.not_valid_before_utc:
        return Finding(name, False, f"The certificate {path} is not valid before {certificate.not_valid_before_utc}.")
    if until - now < datetime.timedelta(days=_CERTIFICATE_DAYS):
        verb = "expired" if until < now else "expires"
        return Finding(name, False, f"The certificate {path} {verb} on {until:%d %B %Y}; renew it.")
    return Finding(name, True, f"valid until {until:%d %B %Y}")


def check_disk(data_dir: Path) -> Finding:
    """There is room for a day's classes."""
    existing = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / 1e9:.1f} GB free for {data_dir}"
    if free < _LEAST_FREE_BYTES:
        return Finding("disk", False, f"Only {words}; at least {_LEAST_FREE_BYTES / 1e9:.0f} GB should be.")
    return Finding("disk", True, words)


async def check_database(settings: Settings) -> Finding:
    """The database can be reached and written, and the next start can work with its schema. Changes nothing."""
    config = settings.storage()
    shown = describe(config)
    if not _has_database(settings):
        return Finding(DATABASE, True, f"{shown} is not there yet; the first start makes it")
    try:
        async with open_database(config) as database:
            await database.write(lambda c: None)
            revision = await database.read(current_revision)
    except StorageError as error:
        return Finding(DATABASE, False, str(error))
    if revision == NEWEST_REVISION:
        return Finding(DATABASE, True, f"{shown} can be written, revision {revision}")
    if revision is None or revision in known_revisions():
        was = "is empty" if revision is None else f"has revision {revision}"
        return Finding(
            DATABASE, True, f"{shown} can be written and {was}; the next start brings it to {NEWEST_REVISION}"
        )
    words = f"{shown} has revision {revision}, which only a newer version of the program knows; install that one."
    return Finding(DATABASE, False, words)


def _has_database(settings: Settings) -> bool:
    path = sqlite_path(settings.storage())
    return path is None or path.exists()


async def check_clock(settings: Settings, *, ask_database: bool) -> Finding:
    """The clock does not run behind what is known to be past: the program's own files and the last event."""
    latest = os.stat(__file__).st_mtime
    if ask_database and _has_database(settings):
        with contextlib.suppress(StorageError):
            async with open_database(settings.storage()) as database:
                latest = max(latest, (await database.read(_last_event_ms)) / 1000)
    now = time.time()
    shown = datetime.datetime.fromtimestamp(now, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if now + 60 < latest:
        past = datetime.datetime.fromtimestamp(latest, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return Finding("clock", False, f"The clock says {shown}, but {past} is past already; set it, best by NTP.")
    return Finding("clock", True, shown)


def _last_event_ms(connection: Connection) -> int:
    if current_revision(connection) is None:
        return 0
    return connection.scalar(select(func.max(event.c.at_ms))) or 0


def _is_running(data_dir: Path) -> bool:
    if not data_dir.is_dir():
        return False
    try:
        with server_lock(data_dir):
            return False
    except AlreadyRunning:
        return True
    except OSError as error:
        # A folder that cannot be written has its own finding.
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOSPC):
            return False
        raise


def _taken_by_ourselves(finding: Finding) -> Finding:
    if finding.fine or "is taken by another program" not in finding.words:
        return finding
    return Finding(finding.name, True, "in use by the running server")
