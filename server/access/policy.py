"""
The policy: one table of who may do what, deny by default. Every HTTP route and every Socket.IO event names its
row with `@requires(Action...)`; a test walks all handlers and fails for one that does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from server.storage import InstitutionId, RoomId

H = TypeVar("H", bound=Callable[..., Any])


class Role(StrEnum):
    """Who acts. The first five are roles in a room; the others act from outside of rooms."""

    TUTOR = "tutor"
    ASSISTANT = "assistant"
    OFFICER = "officer"
    INTERPRETER = "interpreter"
    OBSERVER = "observer"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    EMBEDDER = "embedder"
    ANONYMOUS = "anonymous"


class Action(StrEnum):
    """What is done. The names of those in a room are also sent to clients (`may`, docs/protocol.md section 2.2)."""

    PAGE_READ = "page_read"
    HEALTH_READ = "health_read"
    METRICS_READ = "metrics_read"
    SESSION_CREATE = "session_create"
    SESSION_READ = "session_read"
    SESSION_FORGET = "session_forget"
    ROOM_CREATE = "room_create"
    ROOM_READ = "room_read"
    TICKET_MINT = "ticket_mint"
    INVITATION_MINT = "invitation_mint"
    CONNECT = "connect"
    JOIN = "join"
    LEAVE = "leave"
    SYNC = "sync"
    VIEW = "view"
    OFFER = "offer"
    ANNOUNCE_MEDIA = "announce_media"
    WHIP = "whip"
    WHEP = "whep"
    MODERATE = "moderate"
    PUBLISH_MIC = "publish_mic"
    PUBLISH_CAMERA = "publish_camera"
    PUBLISH_SCREEN = "publish_screen"
    RAISE_HAND = "raise_hand"
    MUTE_OTHERS = "mute_others"
    REMOVE_OTHERS = "remove_others"
    END_SESSION = "end_session"
    BOARD_READ = "board_read"
    BOARD_WRITE = "board_write"
    BOARD_POINT = "board_point"
    BOARD_MANAGE = "board_manage"
    BOARD_SETTINGS = "board_settings"
    BOARD_EXPORT = "board_export"
    FILE_READ = "file_read"
    FILE_UPLOAD = "file_upload"
    FILE_UPLOAD_ANY = "file_upload_any"


class Reach(Enum):
    """How far a row goes."""

    ANYWHERE = "anywhere"
    OWN_INSTITUTION = "own institution"
    OWN_ROOM = "own room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: the role, and the room or institution that his credential is for."""

    role: Role
    room_id: RoomId | None = None
    institution_id: InstitutionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is acted on, and the state that counts. `ended`: the session is over. `banned`: the actor was removed."""

    room_id: RoomId | None = None
    institution_id: InstitutionId | None = None
    ended: bool = False
    banned: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `after_end`: also allowed once the session is over."""

    roles: frozenset[Role]
    reach: Reach
    after_end: bool = False


NOWHERE = Place()
ANYONE = Actor(role=Role.ANONYMOUS)

PARTICIPANT_ROLES = frozenset({Role.TUTOR, Role.ASSISTANT, Role.OFFICER, Role.INTERPRETER, Role.OBSERVER})

_ALL = frozenset(Role)
_LEADING = frozenset({Role.TUTOR, Role.ASSISTANT})
_SPEAKING = frozenset({Role.TUTOR, Role.ASSISTANT, Role.OFFICER, Role.INTERPRETER})
_SHOWING = frozenset({Role.TUTOR, Role.ASSISTANT, Role.OFFICER})
_EMBEDDER = frozenset({Role.EMBEDDER})

ROWS: Mapping[Action, Row] = MappingProxyType(
    {
        Action.PAGE_READ: Row(_ALL, Reach.ANYWHERE),
        Action.HEALTH_READ: Row(_ALL, Reach.ANYWHERE),
        Action.METRICS_READ: Row(frozenset({Role.OPERATOR}), Reach.ANYWHERE),
        Action.SESSION_CREATE: Row(_ALL, Reach.ANYWHERE),
        Action.SESSION_READ: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM, after_end=True),
        Action.SESSION_FORGET: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM, after_end=True),
        Action.ROOM_CREATE: Row(_EMBEDDER, Reach.OWN_INSTITUTION, after_end=True),
        Action.ROOM_READ: Row(_EMBEDDER, Reach.OWN_INSTITUTION, after_end=True),
        Action.TICKET_MINT: Row(_EMBEDDER, Reach.OWN_INSTITUTION, after_end=True),
        Action.INVITATION_MINT: Row(_EMBEDDER, Reach.OWN_INSTITUTION, after_end=True),
        Action.CONNECT: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM, after_end=True),
        Action.JOIN: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.LEAVE: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM, after_end=True),
        Action.SYNC: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.VIEW: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.OFFER: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.ANNOUNCE_MEDIA: Row(_SPEAKING, Reach.OWN_ROOM),
        Action.WHIP: Row(_SHOWING, Reach.OWN_ROOM),
        Action.WHEP: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.MODERATE: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.PUBLISH_MIC: Row(_SPEAKING, Reach.OWN_ROOM),
        Action.PUBLISH_CAMERA: Row(_SHOWING, Reach.OWN_ROOM),
        Action.PUBLISH_SCREEN: Row(_SHOWING, Reach.OWN_ROOM),
        Action.RAISE_HAND: Row(_SHOWING, Reach.OWN_ROOM),
        Action.MUTE_OTHERS: Row(_LEADING, Reach.OWN_ROOM),
        Action.REMOVE_OTHERS: Row(_LEADING, Reach.OWN_ROOM),
        Action.END_SESSION: Row(frozenset({Role.TUTOR}), Reach.OWN_ROOM),
        # What one may do on a page is the page's to say (whiteboard/rights.py); these rows are its outermost bounds.
        Action.BOARD_READ: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.BOARD_WRITE: Row(_SHOWING, Reach.OWN_ROOM),
        Action.BOARD_POINT: Row(_LEADING, Reach.OWN_ROOM),
        Action.BOARD_MANAGE: Row(_LEADING, Reach.OWN_ROOM),
        Action.BOARD_SETTINGS: Row(frozenset({Role.TUTOR}), Reach.OWN_ROOM),
        Action.BOARD_EXPORT: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.FILE_READ: Row(PARTICIPANT_ROLES, Reach.OWN_ROOM),
        Action.FILE_UPLOAD: Row(_SHOWING, Reach.OWN_ROOM),
        Action.FILE_UPLOAD_ANY: Row(_LEADING, Reach.OWN_ROOM),
    }
)

_TOLD_TO_CLIENTS = (
    Action.PUBLISH_MIC,
    Action.PUBLISH_CAMERA,
    Action.PUBLISH_SCREEN,
    Action.RAISE_HAND,
    Action.MUTE_OTHERS,
    Action.REMOVE_OTHERS,
    Action.END_SESSION,
)


def allow(actor: Actor, action: Action, place: Place = NOWHERE) -> bool:
    """Whether `actor` may do `action` at `place`: only if a row says so."""
    row = ROWS.get(action)
    if row is None or actor.role not in row.roles:
        return False
    if row.reach is Reach.ANYWHERE:
        return True
    if place.banned or (place.ended and not row.after_end):
        return False
    if row.reach is Reach.OWN_INSTITUTION:
        return actor.institution_id is not None and actor.institution_id == place.institution_id
    return actor.room_id is not None and actor.room_id == place.room_id


def may(role: Role) -> tuple[str, ...]:
    """What a participant of this role may do in his own live room, in the names of the wire contract."""
    return tuple(action.value for action in _TOLD_TO_CLIENTS if role in ROWS[action].roles)


def requires(action: Action) -> Callable[[H], H]:
    """Marks a handler (of a route or an event) with its row of the policy; the dispatcher asks `allow` with it."""

    def mark(handler: H) -> H:
        handler.__policy_action__ = action  # type: ignore[attr-defined]  # functions take attributes
        return handler

    return mark


def action_of(handler: Callable[..., Any]) -> Action | None:
    """The row that a handler names, also for a bound method; None when it names none."""
    action = getattr(handler, "__policy_action__", None)
    return action if isinstance(action, Action) else None
