"""The shell of access: what web and signalling call. Each call is one unit of work on the database."""

import time
from collections.abc import Callable

from server.access import api_keys, entry
from server.access.api_keys import ApiCaller, ApiKey, SignedRequest
from server.access.entry import Entry, Grant, Minted
from server.access.grants import Grants
from server.access.policy import Role
from server.access.turn import ice_servers
from server.settings import AccessConfig
from server.storage import ApiKeyId, Database, InstitutionId, PersonId, Room, RoomId, TokenId

Clock = Callable[[], int]
"""Unix milliseconds."""


def wall_clock_ms() -> int:
    """The server's clock, Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Access:
    """Credentials of persons and integrators. Every method may raise WriteFailed (storage) beside AccessRefused."""

    def __init__(self, database: Database, config: AccessConfig, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._config = config
        self._clock = clock
        self._grants = Grants(database, clock)

    async def verify(self, request: SignedRequest) -> ApiCaller:
        """Who signed this request; its nonce is spent. Raises AccessRefused(KEY_INVALID)."""
        now = self._clock()
        return await self._database.write(lambda c: api_keys.verify(c, self._config, request, now))

    async def mint_ticket(
        self, room: Room, *, role: Role, name: str, subject: str | None = None, muted: bool = False
    ) -> Minted:
        """A single-use ticket for one person, 60 s. Raises AccessRefused."""
        now = self._clock()
        return await self._database.write(
            lambda c: entry.mint_ticket(
                c, self._config, room, role=role, name=name, subject=subject, muted=muted, now=now
            )
        )

    async def mint_invitation(self, room: Room, *, role: Role, expires_in_s: int | None = None) -> Minted:
        """A link for many guests. Raises AccessRefused."""
        now = self._clock()
        return await self._database.write(
            lambda c: entry.mint_invitation(c, self._config, room, role=role, expires_in_s=expires_in_s, now=now)
        )

    async def redeem_ticket(self, ticket: str) -> Entry:
        """Exchanges a ticket for a session token, once. Raises AccessRefused with a code of POST /api/session."""
        now = self._clock()
        return await self._database.write(lambda c: entry.redeem_ticket(c, self._config, ticket, now))

    async def redeem_invitation(self, invitation: str, name: str, guest_key: str) -> Entry:
        """Exchanges an invitation for a session token. Raises AccessRefused with a code of POST /api/session."""
        now = self._clock()
        return await self._database.write(
            lambda c: entry.redeem_invitation(c, self._config, invitation, name, guest_key, now)
        )

    async def grant(self, token: str) -> Grant:
        """What a session token stands for. Raises AccessRefused (TOKEN_*, REMOVED, ROOM_CLOSED)."""
        return await self._grants.of(token)

    async def forget(self, token_id: TokenId) -> None:
        """Revokes a session token."""
        now = self._clock()
        await self._database.write(lambda c: entry.forget_token(c, token_id, now))

    async def remove(self, room_id: RoomId, person_id: PersonId, by: PersonId | None) -> None:
        """Keeps a person out of the live session and revokes all their tokens of the room."""
        now = self._clock()
        await self._database.write(lambda c: entry.remove_person(c, room_id, person_id, by, now))

    async def purge(self) -> int:
        """Deletes tickets and session tokens that ended long ago, and says how many. For each start of the server."""
        now = self._clock()
        return await self._database.write(lambda c: entry.purge(c, now))

    async def create_key(self, institution_id: InstitutionId) -> tuple[ApiKeyId, str]:
        """A new API key and its secret, which cannot be shown again. Raises AccessRefused for a third live key."""
        now = self._clock()
        return await self._database.write(lambda c: api_keys.create_key(c, self._config, institution_id, now))

    async def revoke_key(self, key_id: str) -> None:
        """Makes an API key useless at once. Raises NotFound."""
        now = self._clock()
        await self._database.write(lambda c: api_keys.revoke_key(c, key_id, now))

    async def keys(self, institution_id: InstitutionId) -> list[ApiKey]:
        """The API keys of an institution."""
        return await self._database.read(lambda c: api_keys.list_keys(c, institution_id))

    def ice_servers(self, grant: Grant) -> list[dict[str, object]]:
        """RTCIceServer dictionaries with credentials for this person; empty without TURN."""
        return ice_servers(self._config, grant.person_id, self._clock())
