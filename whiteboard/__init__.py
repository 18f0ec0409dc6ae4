"""The whiteboard: pages that many people draw on, and who may. It knows no web framework and no media."""

from whiteboard.errors import BoardError, PageDamaged, Reason, UpdateRefused, VectorRefused
from whiteboard.gate import Author
from whiteboard.ids import BoardId, ClientId, Epoch, GroupId, PageNumber, PersonKey, RoomKey, Seq, ShapeId
from whiteboard.limits import PageLimits
from whiteboard.page import PageDocument
from whiteboard.ports import BoardTap, Channel, LoggedUpdate, PageStore, Snapshot, StoredPage, Wire
from whiteboard.rights import Mode, PageRights, Right, Role, Rule, SubjectKind, Who, may_see, right_of
from whiteboard.start import OwnedShape, PageStart, start_page

__all__ = [
    "Author",
    "BoardError",
    "BoardId",
    "BoardTap",
    "Channel",
    "ClientId",
    "Epoch",
    "GroupId",
    "LoggedUpdate",
    "Mode",
    "OwnedShape",
    "PageDamaged",
    "PageDocument",
    "PageLimits",
    "PageNumber",
    "PageRights",
    "PageStart",
    "PageStore",
    "PersonKey",
    "Reason",
    "Right",
    "Role",
    "RoomKey",
    "Rule",
    "Seq",
    "ShapeId",
    "Snapshot",
    "StoredPage",
    "SubjectKind",
    "UpdateRefused",
    "VectorRefused",
    "Who",
    "Wire",
    "may_see",
    "right_of",
    "start_page",
]
