"""Every combination of mode, rules, role and private copy gives the right that the protocol promises."""

from itertools import product

import pytest

from whiteboard import GroupId, Mode, PageRights, PersonKey, Right, Role, Rule, SubjectKind, Who, may_see, right_of

ANNA, BO = PersonKey("anna"), PersonKey("bo")
RED, BLUE = GroupId("red"), GroupId("blue")
OF_MODE = {Mode.LOCKED: Right.NONE, Mode.TUTORS: Right.NONE, Mode.OWN: Right.OWN, Mode.SHARED: Right.ALL}
MAYBE_MODE = (None, *Mode)


def rules(person: Mode | None, red: Mode | None, blue: Mode | None, role: Mode | None) -> tuple[Rule, ...]:
    subjects = ("person:anna", "group:red", "group:blue", "role:officer")
    given = zip(subjects, (person, red, blue, role), strict=True)
    return tuple(Rule.parse(subject, mode.value) for subject, mode in given if mode is not None)


def test_an_officers_most_specific_rule_holds_and_the_widest_of_his_groups() -> None:
    for mode, person, red, blue, role in product(Mode, *[MAYBE_MODE] * 4):
        page = PageRights(mode, rules(person, red, blue, role))
        groups = [OF_MODE[rule] for rule in (red, blue) if rule is not None]
        if person is not None:
            expected = OF_MODE[person]
        elif groups:
            expected = max(groups)
        else:
            expected = OF_MODE[mode if role is None else role]
        assert right_of(page, Who(ANNA, Role.OFFICER, frozenset({RED, BLUE}))) is expected, page


def test_rules_for_other_persons_groups_and_roles_do_not_count() -> None:
    for mode, other in product(Mode, Mode):
        page = PageRights(mode, (*rules(other, other, other, None), Rule.parse("role:observer", other.value)))
        assert right_of(page, Who(BO, Role.OFFICER, frozenset({GroupId("green")}))) is OF_MODE[mode]


@pytest.mark.parametrize("role", [Role.TUTOR, Role.ASSISTANT])
def test_tutors_and_assistants_may_do_all_unless_the_page_is_locked(role: Role) -> None:
    for mode, rule, owner in product(Mode, MAYBE_MODE, (None, BO)):
        given = () if rule is None else (Rule(SubjectKind.PERSON, ANNA, rule), Rule(SubjectKind.ROLE, role, rule))
        page = PageRights(mode, given, copy_owner=owner)
        assert right_of(page, Who(ANNA, role)) is (Right.NONE if mode is Mode.LOCKED else Right.ALL)


@pytest.mark.parametrize("role", [Role.INTERPRETER, Role.OBSERVER])
def test_who_only_watches_may_never_write(role: Role) -> None:
    for mode, rule, owner, shown in product(Mode, Mode, (None, ANNA), (False, True)):
        given = (
            Rule(SubjectKind.PERSON, ANNA, rule),
            Rule(SubjectKind.ROLE, role, rule),
            Rule.parse("group:red", rule.value),
        )
        page = PageRights(mode, given, owner, shown)
        assert right_of(page, Who(ANNA, role, frozenset({RED}))) is Right.NONE


def test_a_private_copy_is_written_by_its_owner_and_tutors_alone() -> None:
    for mode, shown in product(Mode, (False, True)):
        page = PageRights(mode, rules(None, None, None, Mode.SHARED), copy_owner=ANNA, shown=shown)
        assert right_of(page, Who(BO, Role.OFFICER)) is Right.NONE
        assert right_of(page, Who(ANNA, Role.OFFICER)) is Right.ALL


def test_a_private_copy_is_seen_by_its_owner_and_tutors_and_by_all_while_shown() -> None:
    for role, shown in product(Role, (False, True)):
        page = PageRights(Mode.OWN, copy_owner=ANNA, shown=shown)
        assert may_see(page, Who(ANNA, role))
        assert may_see(page, Who(BO, role)) is (shown or role in (Role.TUTOR, Role.ASSISTANT))
        assert may_see(PageRights(Mode.LOCKED), Who(BO, role))


def test_two_rules_for_one_subject_are_not_taken() -> None:
    with pytest.raises(ValueError, match="same subject"):
        PageRights(Mode.OWN, (Rule.parse("group:red", "own"), Rule.parse("group:red", "shared")))


@pytest.mark.parametrize("subject", ["person:anna", "group:red", "role:officer", "person:a:b"])
def test_a_rule_is_read_and_written_as_the_protocol_has_it(subject: str) -> None:
    assert Rule.parse(subject, "tutors").subject == subject


@pytest.mark.parametrize(
    ("subject", "mode"),
    [("anna", "own"), ("person:", "own"), ("role:king", "own"), ("room:1", "own"), ("person:anna", "all"), ("", "own")],
)
def test_a_rule_that_makes_no_sense_is_not_taken(subject: str, mode: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Rule.parse(subject, mode)


def test_rights_are_written_as_the_protocol_has_them() -> None:
    assert [right.word for right in sorted(Right)] == ["none", "own", "all"]
