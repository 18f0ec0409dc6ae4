"""Secrets: how they are made, what is stored of them, and the master key from which API key secrets are derived."""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from server.access.errors import MasterKeyLost
from server.settings import Secret


def new_ticket() -> str:
    """128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a random secret. It has at least 128 bits of entropy, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def api_secret(master: Secret, key_id: str) -> str:
    """The secret of an API key. HMAC needs it in clear, so it is derived at each use and never stored."""
    key = master.get_secret_value().encode()
    derived = hmac.new(key, b"api-key:" + key_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def load_master_key(configured: Secret, data_dir: Path) -> Secret:
    """
    The configured master key, or the one in `data_dir`, made on first use with mode 0600.
    Blocks on the disk: call it at start. Raises MasterKeyLost.
    """
    if configured.get_secret_value():
        return configured
    path = data_dir / "secret.key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            _create(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyLost(f"The secret key file {path} cannot be used: {error}.") from None
    if len(key) < 32:
        raise MasterKeyLost(f"The secret key file {path} is damaged; restore it from a backup.")
    return Secret(key)


def _create(path: Path) -> None:
    if path.exists():
        return
    # Linked into place when complete: another program never reads half a key, nor does a crash leave one.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_hex(32).encode())
        os.fsync(descriptor)
        os.link(part, path)
    finally:
        os.close(descriptor)
        part.unlink()
