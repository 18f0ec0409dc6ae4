"""Persons: identities by (issuer, subject), found again whenever they come."""

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from server.storage.ids import PersonId, new_id
from server.storage.tables import person


def find_or_create_person(connection: Connection, issuer: str, subject: str, name: str, now: int) -> PersonId:
    """The person of this identity, made on first sight and named as they call themselves now. A unit of work."""
    values = {"id": new_id(now), "issuer": issuer, "subject": subject, "name": name, "created_at": now}
    found = connection.execute(_SEEN[connection.dialect.name], values).scalar_one()
    return PersonId(found)


_SQLITE, _POSTGRESQL = sqlite.insert(person), postgresql.insert(person)
_IDENTITY = ["issuer", "subject"]
# One statement, since two servers may see a new person at the same moment; made once, since each join runs it.
_SEEN = {
    "sqlite": _SQLITE.on_conflict_do_update(index_elements=_IDENTITY, set_={"name": _SQLITE.excluded.name}).returning(
        person.c.id
    ),
    "postgresql": _POSTGRESQL.on_conflict_do_update(
        index_elements=_IDENTITY, set_={"name": _POSTGRESQL.excluded.name}
    ).returning(person.c.id),
}
