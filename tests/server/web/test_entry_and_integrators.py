"""The HTTP calls of the contract, over real connections."""

import io
import json
import secrets
import time
from typing import Any

import pytest

from server.access import Role, sign
from tests.server.running import Stage


async def _signed(stage: Stage, key: tuple[str, str], method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = b"" if body is None else json.dumps(body).encode()
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    headers = {
        "Muster-Key": key[0],
        "Muster-Timestamp": stamp,
        "Muster-Nonce": nonce,
        "Muster-Signature": sign(key[1], method, path, stamp, nonce, data),
    }
    async with stage.http.request(method, stage.url + path, data=data, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_an_institution_makes_a_room_and_a_person_comes_in(stage: Stage) -> None:
    key = await stage.access.create_key(stage.institution.id)
    status, room = await _signed(stage, key, "POST", "/api/v1/rooms", {"name": "Origin rules", "slug": "origin"})
    assert (status, room["slug"]) == (201, "origin")
    status, minted = await _signed(
        stage, key, "POST", "/api/v1/rooms/origin/tickets", {"role": "officer", "name": "Ana", "subject": "42"}
    )
    assert status == 201
    async with stage.http.post(stage.url + "/api/session", json={"ticket": minted["ticket"]}) as response:
        session = await response.json()
        assert (response.status, session["room"]["id"], session["role"]) == (200, room["id"], "officer")
        assert response.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {session['token']}"}
    async with stage.http.get(stage.url + "/api/session", headers=headers) as response:
        again = await response.json()
        assert response.status == 200
        assert {**session, "token": None} == {**again, "token": None}
        assert "token" not in again
    async with stage.http.delete(stage.url + "/api/session", headers=headers) as response:
        assert response.status == 204
    async with stage.http.get(stage.url + "/api/session", headers=headers) as response:
        assert response.status == 401
        assert response.headers["Content-Type"].startswith("application/problem+json")
        assert (await response.json(content_type=None))["code"] == "token_invalid"
    status, seen = await _signed(stage, key, "GET", f"/api/v1/rooms/{room['id']}")
    assert (status, seen["session"]) == (200, None)


async def test_an_invitation_lets_many_in(stage: Stage) -> None:
    minted = await stage.access.mint_invitation(stage.room, role=Role.OFFICER)
    for name in ("Ana", "Ben"):
        body = {"invitation": minted.secret, "name": name, "guest_key": secrets.token_urlsafe(24)}
        async with stage.http.post(stage.url + "/api/session", json=body) as response:
            assert (response.status, (await response.json())["person"]["name"]) == (200, name)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"ticket": "nobody-knows-this"}, 404, "ticket_unknown"),
        ({"invitation": "nobody", "name": "Ana", "guest_key": "g" * 22}, 404, "invitation_unknown"),
        ({"ticket": "t", "role": "tutor"}, 422, "invalid"),
        ({}, 422, "invalid"),
        ([], 422, "invalid"),
    ],
)
async def test_a_wrong_way_in_is_a_clear_problem(stage: Stage, body: Any, status: int, code: str) -> None:
    async with stage.http.post(stage.url + "/api/session", json=body) as response:
        problem = await response.json(content_type=None)
        assert (response.status, problem["status"], problem["code"]) == (status, status, code)
        assert problem["detail"]


async def test_a_used_ticket_says_so(stage: Stage) -> None:
    minted = await stage.access.mint_ticket(stage.room, role=Role.OFFICER, name="Ana")
    codes = []
    for _ in range(2):
        async with stage.http.post(stage.url + "/api/session", json={"ticket": minted.secret}) as response:
            codes.append((response.status, (await response.json(content_type=None)).get("code")))
    assert codes == [(200, None), (410, "ticket_used")]


async def test_a_bidi_override_in_a_name_is_refused(stage: Stage) -> None:
    minted = await stage.access.mint_invitation(stage.room, role=Role.OFFICER)
    body = {"invitation": minted.secret, "name": "Ana\u202etutor", "guest_key": "g" * 22}
    async with stage.http.post(stage.url + "/api/session", json=body) as response:
        assert (await response.json(content_type=None))["code"] == "name_invalid"


async def test_guessing_links_is_slowed_down(stage: Stage) -> None:
    statuses = []
    for _ in range(25):
        async with stage.http.post(stage.url + "/api/session", json={"ticket": "guess"}) as response:
            statuses.append(response.status)
            last = response.headers
    assert statuses[:20] == [404] * 20
    assert statuses[-1] == 429
    assert int(last["Retry-After"]) >= 1


async def test_an_academy_behind_one_address_comes_in_at_nine(stage: Stage) -> None:
    minted = await stage.access.mint_invitation(stage.room, role=Role.OFFICER)
    statuses = set()
    for number in range(60):
        body = {"invitation": minted.secret, "name": f"Officer {number}", "guest_key": secrets.token_urlsafe(24)}
        async with stage.http.post(stage.url + "/api/session", json=body) as response:
            statuses.add(response.status)
    assert statuses == {200}


async def test_another_institutions_room_is_unknown(stage: Stage) -> None:
    key = await stage.access.create_key(stage.institution.id)
    status, problem = await _signed(stage, key, "GET", "/api/v1/rooms/of-somebody-else")
    assert (status, problem["code"]) == (404, "not_found")


async def test_an_unsigned_or_wrongly_signed_call_is_refused(stage: Stage) -> None:
    async with stage.http.post(stage.url + "/api/v1/rooms", json={"name": "x"}) as response:
        assert (response.status, (await response.json(content_type=None))["code"]) == (401, "key_invalid")
    key_id, _ = await stage.access.create_key(stage.institution.id)
    status, problem = await _signed(stage, (key_id, "wrong"), "POST", "/api/v1/rooms", {"name": "x"})
    assert (status, problem["code"]) == (401, "key_invalid")


async def test_a_body_over_its_limit_is_refused(stage: Stage) -> None:
    async with stage.http.post(stage.url + "/api/session", data=io.BytesIO(b"x" * 1_100_000)) as response:
        assert response.status == 413
        assert (await response.json(content_type=None))["code"] == "request_entity_too_large"
