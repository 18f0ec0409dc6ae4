"""Who may write on a page: modes, rules and what follows from them for one person (docs/protocol.md section 3.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self

from whiteboard.ids import GroupId, PersonKey


class Role(StrEnum):
    """A person's role in the session."""

    TUTOR = "tutor"
    ASSISTANT = "assistant"
    OFFICER = "officer"
    INTERPRETER = "interpreter"
    OBSERVER = "observer"

    @property
    def manages(self) -> bool:
        """Tutors and assistants: they set rights and see every page."""
        return self in (Role.TUTOR, Role.ASSISTANT)

    @property
    def only_watches(self) -> bool:
        """Interpreters and observers: no rule lets them write."""
        return self in (Role.INTERPRETER, Role.OBSERVER)


class Mode(StrEnum):
    """Who may write: nobody, tutors and assistants, everyone on own shapes, everyone on all shapes."""

    LOCKED = "locked"
    TUTORS = "tutors"
    OWN = "own"
    SHARED = "shared"


class Right(IntEnum):
    """What one person may do on one page; more is greater."""

    NONE = 0
    OWN = 1
    ALL = 2

    @property
    def word(self) -> str:
        """As the protocol writes it."""
        return self.name.lower()


class SubjectKind(StrEnum):
    """What a rule speaks of, the most specific first."""

    PERSON = "person"
    GROUP = "group"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Rule:
    """An exception to a page's mode for one person, group or role."""

    kind: SubjectKind
    name: str
    mode: Mode

    @classmethod
    def parse(cls, subject: str, mode: str) -> Self:
        """From the protocol's words, `"role:officer"` and `"own"`. Raises ValueError."""
        kind, colon, name = subject.partition(":")
        if not colon or not name:
            raise ValueError(f"not a subject: {subject[:80]!r}")
        parsed = SubjectKind(kind)
        if parsed is SubjectKind.ROLE:
            Role(name)
        return cls(parsed, name, Mode(mode))

    @property
    def subject(self) -> str:
        """As the protocol writes it."""
        return f"{self.kind.value}:{self.name}"


@dataclass(frozen=True, slots=True)
class PageRights:
    """
    A page's mode and rules, and whose private copy it is. Raises ValueError when two rules have the same subject:
    which of them holds would be a matter of luck.
    """

    mode: Mode
    rules: tuple[Rule, ...] = ()
    copy_owner: PersonKey | None = None
    shown: bool = False

    def __post_init__(self) -> None:
        subjects = [(rule.kind, rule.name) for rule in self.rules]
        if len(set(subjects)) != len(subjects):
            raise ValueError("two rules have the same subject")


@dataclass(frozen=True, slots=True)
class Who:
    """One person as rules see him."""

    person: PersonKey
    role: Role
    groups: frozenset[GroupId] = frozenset()


def may_see(page: PageRights, who: Who) -> bool:
    """A private copy is seen by its owner, by tutors and assistants, and by all while it is shown."""
    return page.copy_owner is None or page.shown or who.role.manages or who.person == page.copy_owner


def right_of(page: PageRights, who: Who) -> Right:
    """
    What a person may do on a page now. Tutors and assistants may do all unless the page itself is locked: rules are
    for the class. Interpreters and observers may do nothing. For officers the most specific rule holds, and of several
    groups the widest; a private copy is written by its owner alone.
    """
    if who.role.only_watches:
        return Right.NONE
    if who.role.manages:
        return Right.NONE if page.mode is Mode.LOCKED else Right.ALL
    if page.copy_owner is not None and who.person != page.copy_owner:
        return Right.NONE
    return _OFFICERS[_mode_for(page, who)]


_OFFICERS = {Mode.LOCKED: Right.NONE, Mode.TUTORS: Right.NONE, Mode.OWN: Right.OWN, Mode.SHARED: Right.ALL}


def _mode_for(page: PageRights, who: Who) -> Mode:
    for kind, names in (
        (SubjectKind.PERSON, {str(who.person)}),
        (SubjectKind.GROUP, {str(group) for group in who.groups}),
        (SubjectKind.ROLE, {who.role.value}),
    ):
        modes = [rule.mode for rule in page.rules if rule.kind is kind and rule.name in names]
        if modes:
            return _widest(modes)
    return page.mode


def _widest(modes: Iterable[Mode]) -> Mode:
    # Enum order is from the narrowest to the widest; for an officer `locked` and `tutors` are the same.
    order = list(Mode)
    return max(modes, key=order.index)
