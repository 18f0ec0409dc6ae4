"""Rooms of a live server, made over its API as an institution's platform does."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.interop.live_server import LiveServer


@dataclass(frozen=True, slots=True)
class ClassRoom:
    """One room and its two links."""

    platform: "Platform"
    id: str
    tutor: str
    officer: str

    async def ticket(self, name: str, role: str = "officer", **more: Any) -> str:
        """A link for one person, once."""
        made = await self.platform.post(f"/api/v1/rooms/{self.id}/tickets", {"role": role, "name": name, **more})
        return str(made["url"])


class Platform:
    """An institution with an API key."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._url = url
        self._key = key
        self._secret = secret

    @classmethod
    async def of(cls, server: LiveServer) -> "Platform":
        institution = json.loads(await server.command("institution", "list", "--json"))[0]["name"]
        made = json.loads(await server.command("institution", "key", "create", institution, "--json"))
        return cls(server.url, made["key"], made["secret"])

    async def room(self, name: str = "Customs 101") -> ClassRoom:
        made = await self.post("/api/v1/rooms", {"name": name, "slug": f"room-{secrets.token_hex(4)}"})
        links = [
            await self.post(f"/api/v1/rooms/{made['id']}/invitations", {"role": role}) for role in ("tutor", "officer")
        ]
        return ClassRoom(self, made["id"], links[0]["url"], links[1]["url"])

    async def post(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(message).encode()
        at, nonce = str(int(time.time())), secrets.token_hex(16)
        text = "\n".join(["POST", path, at, nonce, hashlib.sha256(body).hexdigest()])
        headers = {
            "Content-Type": "application/json",
            "Muster-Key": self._key,
            "Muster-Timestamp": at,
            "Muster-Nonce": nonce,
            "Muster-Signature": hmac.new(self._secret.encode(), text.encode(), "sha256").hexdigest(),
        }
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._url + path, data=body, headers=headers) as answer,
        ):
            told: dict[str, Any] = await answer.json()
            assert answer.status < 300, told
            return told
