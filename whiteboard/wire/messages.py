"""Every text message of a client (docs/protocol.md section 3.1) as a strict model, and the door they come through."""

from typing import Annotated, Any, Literal, TypeVar, get_args

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from whiteboard.rights import Mode
from whiteboard.rows import Paper

TEXT_BYTES = 65_536
"""No text message is longer."""

_Number = Annotated[int, Field(ge=0, le=2**53 - 1)]
_PageNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Id = Annotated[str, Field(min_length=1, max_length=64)]
# Neither control characters nor those that turn the direction of what follows them.
_PLAIN = r"^[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$"
_Title = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PLAIN)]
_Side = Annotated[int, Field(ge=100, le=20_000)]
# The first fault ends the reading: thousands of them took 160 ms to be refused.
_Persons = Annotated[list[_Id], Field(max_length=600, fail_fast=True)]
_Pages = Annotated[list[_PageNumber], Field(min_length=1, max_length=1000, fail_fast=True)]


class Strict(BaseModel):
    """Nothing is converted and nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FromClient(Strict):
    """A message; with `id` it is answered."""

    id: _Number | None = None


class Hello(FromClient):
    """`hello`: the first message; the token is the caller's to check."""

    type: Literal["hello"]
    token: Annotated[str, Field(min_length=1, max_length=256)]
    tab: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Open(FromClient):
    """`open`: `vector` is a Yjs state vector in base64."""

    type: Literal["open"]
    page: _PageNumber
    epoch: _Number | None = None
    seq: _Number | None = None
    vector: Annotated[str, Field(max_length=60_000)] | None = None
    client: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None


class Close(FromClient):
    """`close`"""

    type: Literal["close"]
    page: _PageNumber


class BoardAdd(FromClient):
    """`board_add`: `after` a board's id, "" for first."""

    type: Literal["board_add"]
    title: _Title
    after: Annotated[str, Field(max_length=64)] | None = None


class BoardChange(FromClient):
    """`board_change`"""

    type: Literal["board_change"]
    board: _Id
    title: _Title | None = None
    after: Annotated[str, Field(max_length=64)] | None = None


class BoardRemove(FromClient):
    """`board_remove`"""

    type: Literal["board_remove"]
    board: _Id


class PageAdd(FromClient):
    """`page_add`: `after` a page's number, 0 for first."""

    type: Literal["page_add"]
    board: _Id
    after: _Number | None = None
    title: _Title = ""
    paper: Paper = Field(Paper.BLANK, strict=False)
    width: _Side = 1600
    height: _Side = 900


class PageCopy(FromClient):
    """`page_copy`"""

    type: Literal["page_copy"]
    page: _PageNumber


class PageChange(FromClient):
    """`page_change`"""

    type: Literal["page_change"]
    page: _PageNumber
    title: _Title | None = None
    paper: Paper | None = Field(None, strict=False)


class PageMove(FromClient):
    """`page_move`"""

    type: Literal["page_move"]
    page: _PageNumber
    board: _Id | None = None
    after: _Number | None = None


class PageRemove(FromClient):
    """`page_remove`"""

    type: Literal["page_remove"]
    pages: _Pages


class PageRestore(FromClient):
    """`page_restore`"""

    type: Literal["page_restore"]
    pages: _Pages


class RuleBody(Strict):
    """One rule of `rights`."""

    subject: Annotated[str, Field(min_length=3, max_length=80)]
    mode: Mode = Field(strict=False)


class Rights(FromClient):
    """`rights` of a page or of a board, one of them."""

    type: Literal["rights"]
    page: _PageNumber | None = None
    board: _Id | None = None
    mode: Mode | None = Field(None, strict=False)
    rules: Annotated[list[RuleBody], Field(max_length=100, fail_fast=True)] | None = None


class GroupSet(FromClient):
    """`group_set`: a new group, or (with `group`) one that is there."""

    type: Literal["group_set"]
    group: _Id | None = None
    name: _Name
    persons: _Persons


class GroupRemove(FromClient):
    """`group_remove`"""

    type: Literal["group_remove"]
    group: _Id


class Turn(FromClient):
    """`turn`: null when the class looks elsewhere."""

    type: Literal["turn"]
    page: _PageNumber | None


class HandOut(FromClient):
    """`hand_out`"""

    type: Literal["hand_out"]
    page: _PageNumber


class Collect(FromClient):
    """`collect`"""

    type: Literal["collect"]
    page: _PageNumber


class Show(FromClient):
    """`show` of a private copy"""

    type: Literal["show"]
    page: _PageNumber
    shown: bool


class Settings(FromClient):
    """`settings`"""

    type: Literal["settings"]
    save_at_end: bool


MetaCommand = (
    BoardAdd
    | BoardChange
    | BoardRemove
    | PageAdd
    | PageCopy
    | PageChange
    | PageMove
    | PageRemove
    | PageRestore
    | Rights
    | GroupSet
    | GroupRemove
    | Turn
    | HandOut
    | Collect
    | Show
    | Settings
)
Command = Open | Close | MetaCommand

CLIENT_MESSAGES: dict[str, type[FromClient]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in (Hello, *get_args(Command))
}
"""All messages by their type."""


class MessageBroken(ValueError):
    """The text is no message of this protocol; `id` when it has one that can be answered."""

    def __init__(self, detail: str, answer_to: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.answer_to = answer_to


def parse(message: str) -> Command:
    """A message after `hello`. Raises MessageBroken, and nothing else."""
    return _parse(_COMMANDS, message)


def parse_hello(message: str) -> Hello:
    """The first message. Raises MessageBroken, and nothing else."""
    return _parse(_HELLO, message)


_COMMANDS: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
_HELLO: TypeAdapter[Hello] = TypeAdapter(Hello)

_M = TypeVar("_M")


def _parse(adapter: TypeAdapter[_M], message: str) -> _M:
    # A character has a byte at least; what is in between is let through, the socket's own limit counts bytes.
    if len(message) > TEXT_BYTES:
        raise MessageBroken("the message is too big")
    try:
        return adapter.validate_json(message)
    except ValidationError as error:
        raise MessageBroken(_detail(error), _id_of(message)) from None


def _detail(error: ValidationError) -> str:
    # Describing thousands of faults takes longer than everything else that one message can cause.
    if error.error_count() > _DESCRIBED:
        return f"{error.error_count()} faults"
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"[:200]


_DESCRIBED = 20


def _id_of(message: str) -> int | None:
    """The `id` of a message that is broken otherwise, so that its sender is not left waiting."""
    try:
        body: Any = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53 else None
