"""Storage: one database with a group-committing writer, its tables, and the queries of institutions and rooms."""

from server.storage.board_history import BoardHistory
from server.storage.board_log import BoardLogConfig
from server.storage.board_meta import BoardMetaStore
from server.storage.boards import BoardStore
from server.storage.database import Database, describe, open_database, sqlite_path
from server.storage.errors import (
    Conflict,
    DatabaseFailed,
    NotFound,
    ReadFailed,
    StorageError,
    StorageFault,
    StorageUnavailable,
    WriteFailed,
)
from server.storage.ids import (
    ApiKeyId,
    ConnId,
    FileId,
    InstitutionId,
    InvitationId,
    ParticipantId,
    PersonId,
    RoomId,
    SessionId,
    TokenId,
    new_id,
)
from server.storage.migrate import NEWEST_REVISION, current_revision, known_revisions, migrate
from server.storage.rooms import (
    Institution,
    LiveSession,
    Room,
    create_institution,
    create_room,
    embed_origins,
    find_institution,
    find_room,
    list_institutions,
    list_rooms,
    live_session,
    set_embed_origins,
)
from server.storage.writer import WriterStats

__all__ = [
    "NEWEST_REVISION",
    "ApiKeyId",
    "BoardHistory",
    "BoardLogConfig",
    "BoardMetaStore",
    "BoardStore",
    "Conflict",
    "ConnId",
    "Database",
    "DatabaseFailed",
    "FileId",
    "Institution",
    "InstitutionId",
    "InvitationId",
    "LiveSession",
    "NotFound",
    "ParticipantId",
    "PersonId",
    "ReadFailed",
    "Room",
    "RoomId",
    "SessionId",
    "StorageError",
    "StorageFault",
    "StorageUnavailable",
    "TokenId",
    "WriteFailed",
    "WriterStats",
    "create_institution",
    "create_room",
    "current_revision",
    "describe",
    "embed_origins",
    "find_institution",
    "find_room",
    "known_revisions",
    "list_institutions",
    "list_rooms",
    "live_session",
    "migrate",
    "new_id",
    "open_database",
    "set_embed_origins",
    "sqlite_path",
]
