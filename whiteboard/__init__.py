"""The whiteboard: pages that many people draw on, and who may. It knows no web framework and no media."""

from whiteboard.config import BoardConfig
from whiteboard.document.gate import Author
from whiteboard.document.page import PageDocument
from whiteboard.document.start import OwnedShape, PageStart, start_page
from whiteboard.document.vector import encode_vector
from whiteboard.errors import BoardError, Code, CommandRefused, PageDamaged, Reason, UpdateRefused, VectorRefused
from whiteboard.ids import BoardId, ClientId, Epoch, GroupId, PageNumber, PersonKey, RoomKey, Seq, ShapeId
from whiteboard.limits import PageLimits
from whiteboard.people import Member
from whiteboard.ports import (
    BoardTap,
    Channel,
    History,
    LoggedUpdate,
    MetaChanges,
    MetaStore,
    PageStore,
    Snapshot,
    StoredMeta,
    StoredPage,
    Wire,
)
from whiteboard.rights import Mode, PageRights, Right, Role, Rule, SubjectKind, Who, may_see, right_of
from whiteboard.room.hub import BoardHub
from whiteboard.room.room import BoardRoom
from whiteboard.rows import BoardRow, GroupRow, PageRow, Paper, RoomRow, Slide, TurnRow
from whiteboard.wire.messages import MessageBroken, parse_hello

__all__ = [
    "Author",
    "BoardConfig",
    "BoardError",
    "BoardHub",
    "BoardId",
    "BoardRoom",
    "BoardRow",
    "BoardTap",
    "Channel",
    "ClientId",
    "Code",
    "CommandRefused",
    "Epoch",
    "GroupId",
    "GroupRow",
    "History",
    "LoggedUpdate",
    "Member",
    "MessageBroken",
    "MetaChanges",
    "MetaStore",
    "Mode",
    "OwnedShape",
    "PageDamaged",
    "PageDocument",
    "PageLimits",
    "PageNumber",
    "PageRights",
    "PageRow",
    "PageStart",
    "PageStore",
    "Paper",
    "PersonKey",
    "Reason",
    "Right",
    "Role",
    "RoomKey",
    "RoomRow",
    "Rule",
    "Seq",
    "ShapeId",
    "Slide",
    "Snapshot",
    "StoredMeta",
    "StoredPage",
    "SubjectKind",
    "TurnRow",
    "UpdateRefused",
    "VectorRefused",
    "Who",
    "Wire",
    "encode_vector",
    "may_see",
    "parse_hello",
    "right_of",
    "start_page",
]
