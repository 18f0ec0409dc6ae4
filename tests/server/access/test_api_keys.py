"""Signed requests of integrators, and TURN credentials."""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest

from server.access import (
    Access,
    AccessRefused,
    ApiCaller,
    MasterKeyLost,
    RefusalCode,
    SignedRequest,
    load_master_key,
    sign,
)
from server.access.turn import ice_servers
from server.settings import AccessConfig, Secret
from server.storage import Database, Institution, NotFound
from tests.server.conftest import NOW, HandClock


def signed(key_id: str, secret: str, nonce: str = "nonce-0001", at: int = NOW // 1000) -> SignedRequest:
    """A well-signed request."""
    body = b'{"name":"Law"}'
    return SignedRequest(
        method="POST",
        path_query="/api/v1/rooms?x=1",
        body=body,
        key_id=key_id,
        timestamp=str(at),
        nonce=nonce,
        signature=sign(secret, "POST", "/api/v1/rooms?x=1", str(at), nonce, body),
    )


async def refused(access: Access, request: SignedRequest) -> bool:
    """Whether a request is refused as unsigned."""
    with pytest.raises(AccessRefused) as refusal:
        await access.verify(request)
    return refusal.value.code is RefusalCode.KEY_INVALID


def test_the_signature_is_the_one_of_the_wire_contract() -> None:
    body = b'{"name":"Law"}'
    message = f"POST\n/api/v1/rooms?x=1\n1800000000\nabcdefgh\n{hashlib.sha256(body).hexdigest()}".encode()
    expected = hmac.new(b"secret", message, hashlib.sha256).hexdigest()
    assert sign("secret", "POST", "/api/v1/rooms?x=1", "1800000000", "abcdefgh", body) == expected


async def test_a_signed_request_is_known_by_its_institution_once(access: Access, academy: Institution) -> None:
    key_id, secret = await access.create_key(academy.id)
    request = signed(key_id, secret)
    assert await access.verify(request) == ApiCaller(key_id, academy.id)
    assert await refused(access, request)
    assert await access.verify(signed(key_id, secret, nonce="nonce-0002")) == ApiCaller(key_id, academy.id)


async def test_of_twenty_replays_at_once_one_passes(access: Access, academy: Institution) -> None:
    request = signed(*(await access.create_key(academy.id)))
    outcomes = await asyncio.gather(*(access.verify(request) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, ApiCaller) for outcome in outcomes) == 1


async def test_any_change_of_what_was_signed_is_refused(access: Access, academy: Institution) -> None:
    key_id, secret = await access.create_key(academy.id)
    other_key, _ = await access.create_key(academy.id)
    good = signed(key_id, secret)
    for changed in (
        replace(good, method="PUT"),
        replace(good, path_query="/api/v1/rooms?x=2"),
        replace(good, body=b"{}"),
        replace(good, key_id=other_key),
        replace(good, key_id="unknown"),
        replace(good, key_id="\x00" * 26),
        replace(good, timestamp=str(NOW // 1000 + 1)),
        replace(good, timestamp="now"),
        replace(good, timestamp="１８００００００００"),
        replace(good, nonce="nonce-0009"),
        replace(good, nonce=""),
        replace(good, nonce="x" * 65),
        replace(good, signature=""),
        replace(good, signature="é"),
        replace(good, signature=good.signature.upper()),
    ):
        assert await refused(access, changed), changed
    assert await access.verify(good)


@pytest.mark.parametrize(("offset_s", "fine"), [(-61, False), (-60, True), (60, True), (61, False)])
async def test_the_timestamp_may_be_a_minute_off(
    access: Access, academy: Institution, offset_s: int, fine: bool
) -> None:
    request = signed(*(await access.create_key(academy.id)), at=NOW // 1000 + offset_s)
    if fine:
        assert await access.verify(request)
    else:
        assert await refused(access, request)


async def test_a_nonce_is_remembered_as_long_as_its_timestamp_is_good(
    access: Access, academy: Institution, clock: HandClock
) -> None:
    key_id, secret = await access.create_key(academy.id)
    request = signed(key_id, secret, at=NOW // 1000 + 60)
    await access.verify(request)
    clock.push(120)
    await access.verify(signed(key_id, secret, nonce="another-one", at=NOW // 1000 + 120))
    assert await refused(access, request)


async def test_two_keys_live_for_rotation_and_a_revoked_one_is_dead_at_once(
    access: Access, academy: Institution
) -> None:
    old = await access.create_key(academy.id)
    new = await access.create_key(academy.id)
    with pytest.raises(AccessRefused, match="2 keys are live"):
        await access.create_key(academy.id)
    await access.verify(signed(*old))
    await access.revoke_key(old[0])
    assert await refused(access, signed(*old, nonce="nonce-0002"))
    await access.verify(signed(*new))
    assert (await access.create_key(academy.id))[0] not in (old[0], new[0])
    keys = await access.keys(academy.id)
    assert {key.id for key in keys if key.revoked_at == NOW} == {old[0]}
    assert len(keys) == 3
    with pytest.raises(NotFound):
        await access.revoke_key("unknown")


async def test_with_another_master_key_no_api_key_works(
    access: Access, academy: Institution, database: Database, access_config: AccessConfig, clock: HandClock
) -> None:
    key = await access.create_key(academy.id)
    stranger = Access(database, replace(access_config, master_key=Secret("n" * 64)), clock)
    assert await refused(stranger, signed(*key))


def test_the_master_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = load_master_key(Secret(""), tmp_path / "new")
    assert len(first.get_secret_value()) == 64
    assert load_master_key(Secret(""), tmp_path / "new").get_secret_value() == first.get_secret_value()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert load_master_key(Secret("mine"), tmp_path).get_secret_value() == "mine"


def test_a_damaged_master_key_stops_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(MasterKeyLost, match="is damaged"):
        load_master_key(Secret(""), tmp_path)


def test_turn_credentials_are_what_coturn_computes(access_config: AccessConfig) -> None:
    config = replace(access_config, turn_urls=("turns:turn.example:443?transport=tcp",), turn_secret=Secret("north"))
    [server] = ice_servers(config, "person-1", NOW)
    assert server["urls"] == ["turns:turn.example:443?transport=tcp"]
    assert server["username"] == f"{NOW // 1000 + 12 * 3600}:person-1"
    digest = hmac.new(b"north", str(server["username"]).encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()
    assert ice_servers(access_config, "person-1", NOW) == []
