"""Who is at a room's boards."""

from dataclasses import dataclass

from whiteboard.ids import PersonKey
from whiteboard.rights import Role


@dataclass(frozen=True, slots=True)
class Member:
    """The person behind a connection, as the session knows him. `participant`: his id in the live class, if any."""

    person: PersonKey
    role: Role
    name: str
    participant: str | None = None
