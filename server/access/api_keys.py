"""API keys: signatures of server-to-server calls (docs/protocol.md section 1)."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.access.errors import AccessRefused, RefusalCode
from server.access.secrets_at_rest import api_secret, digest
from server.settings import AccessConfig
from server.storage import ApiKeyId, InstitutionId, NotFound, new_id
from server.storage.tables import api_key, nonce

LIVE_KEYS_MAX = 2
_KEY_ID = re.compile(r"[0-9a-z]{26}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_TIMESTAMP = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """What was signed and the four headers, as they arrived. `path_query` is the raw request target."""

    method: str
    path_query: str
    body: bytes
    key_id: str
    timestamp: str
    """Unix seconds."""
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """An integrator's server, proven by its signature."""

    key_id: ApiKeyId
    institution_id: InstitutionId


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as the operator sees it. Times in Unix ms."""

    id: ApiKeyId
    institution_id: InstitutionId
    created_at: int
    revoked_at: int | None


def sign(secret: str, method: str, path_query: str, timestamp: str, nonce_text: str, body: bytes) -> str:
    """The `Muster-Signature` of a request, in hex."""
    body_hash = hashlib.sha256(body).hexdigest()
    message = "\n".join((method, path_query, timestamp, nonce_text, body_hash))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def verify(connection: Connection, config: AccessConfig, request: SignedRequest, now: int) -> ApiCaller:
    """A unit of work: checks the signature and spends the nonce. Raises AccessRefused(KEY_INVALID)."""
    if not _KEY_ID.fullmatch(request.key_id) or not _NONCE.fullmatch(request.nonce):
        raise _refused()
    if not _TIMESTAMP.fullmatch(request.timestamp):
        raise _refused()
    found = connection.execute(
        select(api_key.c.institution_id, api_key.c.secret_hash, api_key.c.revoked_at).where(
            api_key.c.id == request.key_id
        )
    ).first()
    secret = api_secret(config.master_key, request.key_id)
    expected = sign(secret, request.method, request.path_query, request.timestamp, request.nonce, request.body)
    # Compared as bytes: compare_digest raises on text outside ASCII, and the header is the caller's.
    genuine = hmac.compare_digest(expected.encode(), request.signature.encode("utf-8", "surrogateescape"))
    if found is None or not genuine or found.revoked_at is not None or found.secret_hash != digest(secret):
        raise _refused()
    if abs(now - int(request.timestamp) * 1000) > config.clock_skew_s * 1000:
        raise AccessRefused(
            RefusalCode.KEY_INVALID, f"The timestamp is more than {config.clock_skew_s} s off our clock."
        )
    connection.execute(delete(nonce).where(nonce.c.expires_at < now))
    # A nonce lives until its timestamp is too old in any case.
    expires_at = int(request.timestamp) * 1000 + config.clock_skew_s * 1000
    try:
        connection.execute(insert(nonce).values(key_id=request.key_id, nonce=request.nonce, expires_at=expires_at))
    except IntegrityError:
        raise AccessRefused(RefusalCode.KEY_INVALID, "This nonce was used before.") from None
    return ApiCaller(ApiKeyId(request.key_id), InstitutionId(found.institution_id))


def create_key(
    connection: Connection, config: AccessConfig, institution_id: InstitutionId, now: int
) -> tuple[ApiKeyId, str]:
    """A new key and its secret, which is shown once. Two keys live at a time, for rotation: a third is refused."""
    live = connection.scalar(
        select(func.count()).where(api_key.c.institution_id == institution_id, api_key.c.revoked_at.is_(None))
    )
    if (live or 0) >= LIVE_KEYS_MAX:
        raise AccessRefused(RefusalCode.INVALID, f"{LIVE_KEYS_MAX} keys are live already; revoke one first.")
    key_id = ApiKeyId(new_id(now))
    secret = api_secret(config.master_key, key_id)
    connection.execute(
        insert(api_key).values(id=key_id, institution_id=institution_id, secret_hash=digest(secret), created_at=now)
    )
    return key_id, secret


def revoke_key(connection: Connection, key_id: str, now: int) -> None:
    """Makes a key useless at once; again is no error. Raises NotFound."""
    done = connection.execute(
        update(api_key).where(api_key.c.id == key_id).values(revoked_at=func.coalesce(api_key.c.revoked_at, now))
    )
    if done.rowcount == 0:
        raise NotFound(f"There is no API key {key_id!r}.")


def list_keys(connection: Connection, institution_id: InstitutionId) -> list[ApiKey]:
    """All keys of an institution, oldest first."""
    rows = connection.execute(
        select(api_key.c.id, api_key.c.institution_id, api_key.c.created_at, api_key.c.revoked_at)
        .where(api_key.c.institution_id == institution_id)
        .order_by(api_key.c.id)
    )
    return [ApiKey(*row) for row in rows]


def _refused() -> AccessRefused:
    return AccessRefused(RefusalCode.KEY_INVALID, "The request is not signed by a valid API key.")
