"""Bodies of the HTTP calls (docs/protocol.md section 1): what is taken, and what is answered."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.access import Role

_Secret = Annotated[str, Field(min_length=1, max_length=256)]


class Taken(BaseModel):
    """A caller's data: nothing is converted and nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(BaseModel):
    """Our answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exchange(Taken):
    """`POST /api/session`: a ticket, or an invitation with a name and the browser's own key."""

    ticket: _Secret | None = None
    invitation: _Secret | None = None
    name: Annotated[str, Field(max_length=512)] | None = None
    guest_key: Annotated[str, Field(max_length=256)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Exchange":
        if self.ticket is not None:
            if self.invitation is not None or self.name is not None or self.guest_key is not None:
                raise ValueError("a ticket comes alone")
        elif self.invitation is None or self.name is None or self.guest_key is None:
            raise ValueError("either a ticket, or an invitation with name and guest_key")
        return self


class NewRoom(Taken):
    """`POST /api/v1/rooms`"""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")] | None = None


class NewTicket(Taken):
    """`POST /api/v1/rooms/{room}/tickets`"""

    role: Role = Field(strict=False)
    name: Annotated[str, Field(min_length=1, max_length=512)]
    subject: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    muted: bool = False


class NewInvitation(Taken):
    """`POST /api/v1/rooms/{room}/invitations`"""

    role: Role = Field(strict=False)
    expires_in_s: Annotated[int, Field(ge=1)] | None = None


class NewSlides(Taken):
    """`POST /api/board/slides`: pages of a file, on a board or a new one, after a page (0: first)."""

    file: Annotated[str, Field(min_length=1, max_length=64)]
    board: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    after: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class Problem(Given):
    """Every error (RFC 9457). `code` is stable."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    retry_after_s: float | None = None


class RoomRef(Given):
    """The room that a token is for."""

    id: str
    name: str


class PersonRef(Given):
    """Who holds the token."""

    name: str


class SessionAnswer(Given):
    """`GET /api/session`, and of `POST` with `token`. `expires_at` in Unix ms."""

    token: str | None = None
    expires_at: int
    room: RoomRef
    person: PersonRef
    role: Role
    muted: bool
    ice_servers: list[dict[str, object]]


class RoomAnswer(Given):
    """`POST /api/v1/rooms`"""

    id: str
    slug: str
    name: str


class TicketAnswer(Given):
    """`POST /api/v1/rooms/{room}/tickets`; `expires_at` in Unix ms."""

    ticket: str
    url: str
    expires_at: int | None


class InvitationAnswer(Given):
    """`POST /api/v1/rooms/{room}/invitations`; `expires_at` in Unix ms."""

    invitation: str
    url: str
    expires_at: int | None


class FileAnswer(Given):
    """`POST /api/files`; `size` in bytes."""

    id: str
    name: str
    type: str
    size: int


class JobAnswer(Given):
    """`POST /api/board/slides`; what becomes of the job comes as `job` messages on the board's socket."""

    job: str


REQUESTS: dict[str, type[Taken]] = {
    "session": Exchange,
    "rooms": NewRoom,
    "tickets": NewTicket,
    "invitations": NewInvitation,
    "slides": NewSlides,
}

ANSWERS: dict[str, type[Given]] = {
    "session": SessionAnswer,
    "rooms": RoomAnswer,
    "tickets": TicketAnswer,
    "invitations": InvitationAnswer,
    "file": FileAnswer,
    "job": JobAnswer,
    "problem": Problem,
}
