"""The policy, row by row: every role, every action, in every kind of place."""

import itertools

import pytest

from server.access import (
    ANYONE,
    NOWHERE,
    PARTICIPANT_ROLES,
    ROWS,
    Action,
    Actor,
    Place,
    Role,
    action_of,
    allow,
    may,
    requires,
)
from server.storage import InstitutionId, RoomId

OWN_ROOM, OTHER_ROOM = RoomId("room-1"), RoomId("room-2")
OWN, OTHER = InstitutionId("academy-1"), InstitutionId("academy-2")

PLACES = {
    "own live room": Place(room_id=OWN_ROOM, institution_id=OWN),
    "own ended room": Place(room_id=OWN_ROOM, institution_id=OWN, ended=True),
    "own room, banned": Place(room_id=OWN_ROOM, institution_id=OWN, banned=True),
    "own room, ended and banned": Place(room_id=OWN_ROOM, institution_id=OWN, ended=True, banned=True),
    "other room": Place(room_id=OTHER_ROOM, institution_id=OWN),
    "other institution": Place(room_id=OTHER_ROOM, institution_id=OTHER),
    "nowhere": NOWHERE,
}

# Written by hand from the security design, not from the code. L: own live room. E: own room, also after its end.
# I: own institution. *: anywhere.
TABLE = """
                tutor assistant officer interpreter observer coordinator operator embedder anonymous
page_read         *      *        *         *          *         *          *        *        *
health_read       *      *        *         *          *         *          *        *        *
metrics_read      -      -        -         -          -         -          *        -        -
session_create    *      *        *         *          *         *          *        *        *
session_read      E      E        E         E          E         -          -        -        -
session_forget    E      E        E         E          E         -          -        -        -
room_create       -      -        -         -          -         -          -        I        -
room_read         -      -        -         -          -         -          -        I        -
ticket_mint       -      -        -         -          -         -          -        I        -
invitation_mint   -      -        -         -          -         -          -        I        -
connect           E      E        E         E          E         -          -        -        -
join              L      L        L         L          L         -          -        -        -
leave             E      E        E         E          E         -          -        -        -
sync              L      L        L         L          L         -          -        -        -
view              L      L        L         L          L         -          -        -        -
offer             L      L        L         L          L         -          -        -        -
announce_media    L      L        L         L          -         -          -        -        -
whip              L      L        L         -          -         -          -        -        -
whep              L      L        L         L          L         -          -        -        -
moderate          L      L        L         L          L         -          -        -        -
publish_mic       L      L        L         L          -         -          -        -        -
publish_camera    L      L        L         -          -         -          -        -        -
publish_screen    L      L        L         -          -         -          -        -        -
raise_hand        L      L        L         -          -         -          -        -        -
mute_others       L      L        -         -          -         -          -        -        -
remove_others     L      L        -         -          -         -          -        -        -
end_session       L      -        -         -          -         -          -        -        -
board_read        L      L        L         L          L         -          -        -        -
board_write       L      L        L         -          -         -          -        -        -
board_point       L      L        -         -          -         -          -        -        -
board_manage      L      L        -         -          -         -          -        -        -
board_settings    L      -        -         -          -         -          -        -        -
board_export      L      L        L         L          L         -          -        -        -
file_read         L      L        L         L          L         -          -        -        -
file_upload       L      L        L         -          -         -          -        -        -
file_upload_any   L      L        -         -          -         -          -        -        -
"""

ALLOWED_IN = {
    "-": set(),
    "*": set(PLACES),
    "L": {"own live room"},
    "E": {"own live room", "own ended room"},
    "I": {"own live room", "own ended room", "other room"},
}


def expected() -> dict[tuple[Action, Role], str]:
    """The table by action and role."""
    head, *lines = TABLE.strip("\n").splitlines()
    roles = [Role(word) for word in head.split()]
    cells: dict[tuple[Action, Role], str] = {}
    for line in lines:
        name, *marks = line.split()
        cells |= {(Action(name), role): mark for role, mark in zip(roles, marks, strict=True)}
    return cells


def actor_of(role: Role) -> Actor:
    """An actor with the credential that this role has."""
    if role in PARTICIPANT_ROLES:
        return Actor(role=role, room_id=OWN_ROOM)
    return Actor(role=role, institution_id=OWN if role in (Role.EMBEDDER, Role.COORDINATOR) else None)


def test_the_table_speaks_of_every_role_and_action() -> None:
    assert set(expected()) == set(itertools.product(Action, Role))
    assert set(ROWS) == set(Action)


@pytest.mark.parametrize("place", PLACES)
def test_exactly_what_the_table_says_is_allowed(place: str) -> None:
    wrong = [
        (action, role, mark)
        for (action, role), mark in expected().items()
        if allow(actor_of(role), action, PLACES[place]) != (place in ALLOWED_IN[mark])
    ]
    assert wrong == []


def test_a_credential_without_a_room_or_institution_opens_nothing_that_needs_one() -> None:
    for role, action in itertools.product(Role, Action):
        bare = Actor(role=role)
        assert allow(bare, action, NOWHERE) == (expected()[action, role] == "*")


def test_an_action_without_a_row_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {action: row for action, row in ROWS.items() if action is not Action.PAGE_READ}
    monkeypatch.setattr("server.access.policy.ROWS", without)
    assert not allow(ANYONE, Action.PAGE_READ)


def test_clients_are_told_what_their_role_may() -> None:
    assert may(Role.TUTOR) == (
        "publish_mic",
        "publish_camera",
        "publish_screen",
        "raise_hand",
        "mute_others",
        "remove_others",
        "end_session",
    )
    assert may(Role.OFFICER) == ("publish_mic", "publish_camera", "publish_screen", "raise_hand")
    assert may(Role.INTERPRETER) == ("publish_mic",)
    assert may(Role.OBSERVER) == ()


def test_a_handler_names_its_row() -> None:
    class Handlers:
        @requires(Action.JOIN)
        async def on_join(self) -> None:
            """Marked."""

        async def on_forgotten(self) -> None:
            """Not marked."""

    assert action_of(Handlers().on_join) is Action.JOIN
    assert action_of(Handlers().on_forgotten) is None
