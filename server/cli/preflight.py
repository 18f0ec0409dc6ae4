"""What must hold before the server can start: folder, lock, TLS files, ports. Shared by `serve` and `doctor`."""

import errno
import fcntl
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.settings import Settings

DATA_FOLDER = "data folder"
MEDIA_UDP = "media port (UDP)"
"""Names of findings on which others hang."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome in plain words."""

    name: str
    fine: bool
    words: str


class AlreadyRunning(Exception):
    """Another server works on the same data folder. `str()` is one sentence for the operator."""


def start_findings(settings: Settings) -> list[Finding]:
    """The checks that `serve` makes before it starts, in the order in which they matter."""
    return [
        check_data_dir(settings.data_dir),
        check_tls(settings),
        check_port("HTTP port", settings.http_host, settings.http_port, socket.SOCK_STREAM, "http_port"),
        check_port(MEDIA_UDP, settings.media_host, settings.media_port, socket.SOCK_DGRAM, "media_port"),
        check_port("media port (TCP)", settings.media_host, settings.media_port, socket.SOCK_STREAM, "media_port"),
    ]


def check_data_dir(data_dir: Path) -> Finding:
    """The data folder can be made and written."""
    probe = data_dir / f".probe-{os.getpid()}"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(b"x" * 4096)
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        # Making a folder fails with "file exists" where a file has its name.
        reason = "it is a file" if data_dir.is_file() else error.strerror or str(error)
        words = f"The data folder {data_dir} cannot be written ({reason}); set data_dir to a folder that can."
        if error.errno == errno.ENOSPC:
            words = f"The disk of the data folder {data_dir} is full; free some space, then start again."
        return Finding(DATA_FOLDER, False, words)
    return Finding(DATA_FOLDER, True, f"{data_dir.absolute()} can be written")


def check_tls(settings: Settings) -> Finding:
    """The certificate and its key can be read and belong together."""
    if settings.tls_cert is None or settings.tls_key is None:
        return Finding("TLS", True, "off: plain HTTP (use it on this machine only, or behind a proxy)")
    for name, path in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        try:
            path.read_bytes()
        except OSError as error:
            return Finding("TLS", False, f"The file {path} of the setting {name} cannot be read: {error.strerror}.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError):
        words = f"{settings.tls_cert} and {settings.tls_key} are not a PEM certificate and its key without a password."
        return Finding("TLS", False, words)
    return Finding("TLS", True, f"{settings.tls_cert} and its key belong together")


def check_port(name: str, host: str, port: int, kind: socket.SocketKind, setting: str) -> Finding:
    """The address can be bound now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, kind)) as probe:
        if kind is socket.SOCK_STREAM:
            # Connections of an earlier run that are in TIME_WAIT do not hinder a listener.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            if kind is socket.SOCK_STREAM:
                probe.listen(1)
        except OSError as error:
            return Finding(name, False, port_sentence(host, port, setting, error))
    return Finding(name, True, f"{host}:{port} is free")


def port_sentence(host: str, port: int, setting: str, error: OSError) -> str:
    """Why an address cannot be bound and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program; stop it, or set {setting} to another port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has; set {setting} to a port above 1023."
    host_setting = setting.replace("_port", "_host")
    return f"Port {port} on {host} cannot be used ({error.strerror}); set {host_setting} to an address of this machine."


@contextmanager
def server_lock(data_dir: Path) -> Iterator[None]:
    """
    Holds the data folder's lock: start-up recovery closes all open connections, so a second server on the same
    folder would throw everybody out. Raises AlreadyRunning.
    """
    path = data_dir / "serve.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"Another server is running on the data folder {data_dir}; stop it first.") from None
        yield
    finally:
        os.close(descriptor)
