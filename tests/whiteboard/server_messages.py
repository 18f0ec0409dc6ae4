"""The server's text messages on the board's socket as models, written from docs/protocol.md and not from the code."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Number = Annotated[int, Field(ge=0, le=2**53 - 1)]
Mode = Literal["locked", "tutors", "own", "shared"]
Role = Literal["tutor", "assistant", "officer", "interpreter", "observer"]


class Told(BaseModel):
    """Nothing that the page does not name."""

    model_config = ConfigDict(extra="forbid", strict=True)


class BoardBody(Told):
    """Board"""

    id: str
    title: str
    position: Annotated[str, Field(pattern=r"^[0-9A-Za-z]*[1-9A-Za-z]$")]


class SlideBody(Told):
    """`slide`"""

    file: str
    page: Number


class RuleBody(Told):
    """One of `rules`"""

    subject: Annotated[str, Field(pattern=r"^(role|person|group):.+$")]
    mode: Mode


class PageBody(Told):
    """Page; `right` is there only for whom it changed."""

    number: Annotated[int, Field(ge=1)]
    board: str
    epoch: Annotated[int, Field(ge=1)]
    title: str
    position: Annotated[str, Field(pattern=r"^[0-9A-Za-z]*[1-9A-Za-z]$")]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    paper: Literal["blank", "grid", "ruled", "dots"]
    slide: SlideBody | None
    mode: Mode
    rules: list[RuleBody]
    right: Literal["none", "own", "all"] = "none"
    copy_of: Number | None
    owner: str | None
    shown: bool
    handed_out: bool
    removed: bool
    shapes: Number


class GroupBody(Told):
    """Group"""

    id: str
    name: str
    persons: list[str]


class ActorBody(Told):
    """Actor"""

    actor: Number
    person: str
    participant: str | None
    name: str
    role: Role


class You(Told):
    """`you` of `welcome`"""

    actor: Number
    person: str
    role: Role
    may: list[Literal["board_write", "board_manage", "board_point"]]


class SettingsBody(Told):
    """`settings` of `welcome`"""

    save_at_end: bool


class LimitsBody(Told):
    """`limits` of `welcome`"""

    shapes: Number
    shape_bytes: Number
    page_bytes: Number
    updates_per_s: Number


class Welcome(Told):
    """`welcome`"""

    type: Literal["welcome"]
    version: Number
    you: You
    boards: list[BoardBody]
    pages: list[PageBody]
    groups: list[GroupBody]
    people: list[ActorBody]
    turn: Number | None
    settings: SettingsBody
    limits: LimitsBody
    now: Number


class Pages(Told):
    """`pages`"""

    type: Literal["pages"]
    version: Number
    pages: list[PageBody]
    gone: list[Number]


class Boards(Told):
    """`boards`"""

    type: Literal["boards"]
    version: Number
    boards: list[BoardBody]
    gone: list[str]


class Groups(Told):
    """`groups`"""

    type: Literal["groups"]
    version: Number
    groups: list[GroupBody]


class Turn(Told):
    """`turn`"""

    type: Literal["turn"]
    page: Number | None
    by: str


class People(Told):
    """`people`"""

    type: Literal["people"]
    people: list[ActorBody]
    gone: list[Number]


class Settings(Told):
    """`settings`"""

    type: Literal["settings"]
    save_at_end: bool


class WriterBody(Told):
    """One of `writers`"""

    client: Annotated[int, Field(ge=0, lt=2**32)]
    person: str
    name: str


class Opened(Told):
    """`opened`"""

    type: Literal["opened"]
    page: Number
    epoch: Number
    seq: Number
    client: Annotated[int, Field(ge=0, lt=2**32)] | None
    reset: bool
    writers: list[WriterBody]


class Writer(WriterBody):
    """`writer`"""

    type: Literal["writer"]
    page: Number
    epoch: Number


class Nack(Told):
    """`nack`"""

    type: Literal["nack"]
    page: Number
    n: Number
    code: Literal[
        "locked",
        "not_owner",
        "read_only",
        "too_fast",
        "too_big",
        "page_full",
        "invalid",
        "gap",
        "epoch",
        "storage",
    ]
    detail: str


class Rolled(Told):
    """`rolled`"""

    type: Literal["rolled"]
    page: Number
    epoch: Number


class Behind(Told):
    """`behind`"""

    type: Literal["behind"]
    page: Number


class Done(Told):
    """`done`: all that any command answers."""

    type: Literal["done"]
    id: Number
    board: str | None = None
    page: Number | None = None
    group: str | None = None
    copies: Number | None = None


class Refused(Told):
    """`refused`"""

    type: Literal["refused"]
    id: Number
    code: Literal[
        "invalid", "forbidden", "rate_limited", "unknown_page", "unknown_board", "full", "storage", "internal"
    ]
    detail: str
    retry_after_s: Annotated[float, Field(ge=0)] | None = None


class Job(Told):
    """`job`"""

    type: Literal["job"]
    job: str
    state: Literal["waiting", "running", "done", "failed"]
    done: Number
    total: Number
    code: str | None = None
    detail: str | None = None
    board: str | None = None


SERVER_MESSAGES: dict[str, type[Told]] = {
    "welcome": Welcome,
    "pages": Pages,
    "boards": Boards,
    "groups": Groups,
    "turn": Turn,
    "people": People,
    "settings": Settings,
    "opened": Opened,
    "writer": Writer,
    "nack": Nack,
    "rolled": Rolled,
    "behind": Behind,
    "done": Done,
    "refused": Refused,
    "job": Job,
}
_ANY: TypeAdapter[Any] = TypeAdapter(
    Annotated[
        Welcome
        | Pages
        | Boards
        | Groups
        | Turn
        | People
        | Settings
        | Opened
        | Writer
        | Nack
        | Rolled
        | Behind
        | Done
        | Refused
        | Job,
        Field(discriminator="type"),
    ]
)


def check(message: bytes) -> None:
    """Raises ValidationError for a message that the page does not name."""
    _ANY.validate_json(message)
