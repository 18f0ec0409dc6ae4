"""The board, which knows nothing of the server's policy, has the same roles as it."""

from server.access import PARTICIPANT_ROLES
from whiteboard import Role


def test_the_boards_roles_are_those_of_participants() -> None:
    assert {role.value for role in Role} == {role.value for role in PARTICIPANT_ROLES}
