"""Persons: identities by (issuer, subject), found again whenever they come."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from server.storage.ids import PersonId, new_id
from server.storage.tables import person


def find_or_create_person(connection: Connection, issuer: str, subject: str, name: str, now: int) -> PersonId:
    """The person of this identity, made on first sight and named as they call themselves now. A unit of work."""
    values = {"id": new_id(now), "issuer": issuer, "subject": subject, "name": name, "created_at": now}
    # One statement, since two servers may see a new person at the same moment.
    if connection.dialect.name == "sqlite":
        into = sqlite.insert(person).values(values)
        connection.execute(into.on_conflict_do_update(index_elements=["issuer", "subject"], set_={"name": name}))
    else:
        into_pg = postgresql.insert(person).values(values)
        connection.execute(into_pg.on_conflict_do_update(index_elements=["issuer", "subject"], set_={"name": name}))
    found = connection.execute(
        select(person.c.id).where(person.c.issuer == issuer, person.c.subject == subject)
    ).scalar_one()
    return PersonId(found)
