"""Which Yjs client ids of a page are in use, by whom, which are still to be stored, and which have written."""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from whiteboard.document.page import PageDocument
from whiteboard.document.vector import decode_vector
from whiteboard.ids import ClientId, PersonKey, Seq
from whiteboard.limits import PageLimits
from whiteboard.room.seats import Seat, Subscription

_ANY = PageLimits(vector_clients=2**31)


class _Stopped(NamedTuple):
    seq: Seq
    vector: bytes
    writers: int


class ClientIds:
    """
    For one document in memory. An id is given at once and stored before its person's first update, so that who only
    looks on costs the store nothing; whoever was given one that a crash has lost gets it again by asking for it.
    """

    def __init__(self) -> None:
        self.wrote: dict[ClientId, PersonKey] = {}
        self.trusted: set[ClientId] = set()
        """Ids that were used since the document was loaded: the numbers that their connections know are ours."""
        self._silent: dict[PersonKey, list[ClientId]] = {}
        self._used: dict[ClientId, Subscription] = {}
        self._given: set[ClientId] = set()
        self._unstored: dict[ClientId, PersonKey] = {}
        self._behind: dict[Seat, _Stopped] = {}

    def begin(self, doc: PageDocument) -> None:
        """Another document."""
        self.wrote = {}
        self._silent = {}
        self.trusted = set()
        self._used = {}
        self._given = set()
        self._unstored = {}
        self._behind = {}
        written = self.clocks(doc)
        for client, person in doc.clients.items():
            if written.get(client):
                self.wrote[client] = person
            else:
                self._silent.setdefault(person, []).append(client)

    def clocks(self, doc: PageDocument) -> Mapping[int, int]:
        """The next clock of each client id that has written."""
        return decode_vector(doc.vector(), _ANY)

    def client_for(self, seat: Seat, wanted: int | None, doc: PageDocument) -> ClientId | None:
        """
        The id that a connection writes with: the one it had, if it is the same person's, else a new one. None for
        those whom no rule lets write.
        """
        person = seat.member.person
        if seat.member.role.only_watches:
            return None
        if wanted is not None:
            client = ClientId(wanted)
            owner = doc.clients.get(client)
            if owner == person:
                return client
            if owner is None:
                return self._give(client, person, doc)
        return self._give(_draw(doc), person, doc)

    def use(self, subscription: Subscription) -> None:
        """A connection writes with its id; another one that still did, does no longer."""
        client = subscription.client
        if client is None:
            return
        before = self._used.get(client)
        if before is not None and before is not subscription:
            before.drop_client()
        self._used[client] = subscription
        self.trusted.add(client)

    def free(self, subscription: Subscription) -> None:
        """The connection has gone."""
        client = subscription.client
        if client is not None and self._used.get(client) is subscription:
            del self._used[client]
        self._behind.pop(subscription.seat, None)

    def wrote_first(self, person: PersonKey) -> list[ClientId]:
        """A person's ids of which nobody was told yet; he has just written with one of them."""
        if not self._silent:
            return []
        found = self._silent.pop(person, [])
        for client in found:
            self.wrote[client] = person
            if client in self._given:
                self._given.discard(client)
                self._unstored[client] = person
        return found

    @property
    def unstored(self) -> Mapping[ClientId, PersonKey]:
        """Ids of persons who have written that the store does not know yet."""
        return self._unstored

    def stored(self, clients: Mapping[ClientId, PersonKey]) -> None:
        """Now it does."""
        for client in clients:
            self._unstored.pop(client, None)

    def note_behind(self, seat: Seat, doc: PageDocument) -> None:
        """What a connection has whose updates stop until its queue has drained."""
        self._behind[seat] = _Stopped(doc.seq, doc.vector(), len(self.wrote))

    def behind_of(self, seat: Seat) -> tuple[Seq, bytes, list[ClientId]]:
        """Where it stopped, by number and state vector, and which ids have written for the first time since."""
        stopped = self._behind.pop(seat, _Stopped(Seq(0), b"\0", 0))
        return stopped.seq, stopped.vector, list(self.wrote)[stopped.writers :]

    def _give(self, client: ClientId, person: PersonKey, doc: PageDocument) -> ClientId:
        doc.bind(client, person)
        self._given.add(client)
        self._silent.setdefault(person, []).append(client)
        return client


def phantom(theirs: bytes, person: PersonKey, doc: PageDocument, ids: ClientIds, limits: PageLimits) -> bool:
    """
    Whether a state vector knows of writing by others that we do not: a crash took it, after it was sent to others. It
    comes back from its authors, or never; so the document that has it is forgotten. Raises VectorRefused.
    """
    ours = ids.clocks(doc)
    return any(
        clock > ours.get(client, 0) and doc.clients.get(ClientId(client), person) != person
        for client, clock in decode_vector(theirs, limits).items()
    )


def draw_client() -> ClientId:
    """A random client id."""
    return ClientId(secrets.randbits(32) or 1)


def _draw(doc: PageDocument) -> ClientId:
    client = draw_client()
    while client in doc.clients:
        client = draw_client()
    return client
