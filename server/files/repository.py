"""The repository of all rooms' files: a row for each file, a blob for each content, and bounds on both."""

import asyncio
import errno
import re
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection, func, insert, select

from server.files import folder
from server.files.errors import FileFault, FileRefused
from server.files.kinds import HEAD_BYTES, kind_of
from server.settings import FilesConfig
from server.storage import Database, FileId, NotFound, PersonId, RoomId, new_id
from server.storage.board_tables import file as file_table
from server.storage.tables import room as room_table

_log = structlog.get_logger("server.files")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a room. `size` in bytes, `hash` SHA-256 in hex, `created_at` Unix ms."""

    id: FileId
    room_id: RoomId
    name: str
    type: str
    size: int
    hash: str
    uploaded_by: PersonId | None
    created_at: int


class FileRepository:
    """Files of all rooms. `counters` say how often what happened."""

    def __init__(self, database: Database, config: FilesConfig, clock: Callable[[], int]) -> None:
        self.config = config
        self.counters: Counter[str] = Counter()
        self._database = database
        self._clock = clock
        self._reserved: Counter[RoomId] = Counter()
        self._uploads: Counter[RoomId] = Counter()

    @property
    def uploads(self) -> int:
        """Files that are on their way in."""
        return self._uploads.total()

    async def sweep(self) -> None:
        """Removes what a crash left half written. For the start of the server."""
        count = await asyncio.to_thread(folder.sweep, self.config.folder)
        if count:
            _log.info("uploads_swept", count=count)

    async def find(self, room: RoomId, file: str) -> StoredFile:
        """A file of this room. Raises NotFound, also for one that was removed."""
        found = await self._database.read(lambda c: _find(c, room, file))
        if found is None:
            raise NotFound("There is no such file in this room.")
        return found

    async def newest_own(self, room: RoomId) -> int:
        """When the server itself last made a file of the room, Unix ms; 0 = never. Raises ReadFailed."""
        query = select(func.max(file_table.c.created_at)).where(
            file_table.c.room_id == room, file_table.c.uploaded_by.is_(None)
        )
        return await self._database.read(lambda c: c.scalar(query)) or 0

    def path_of(self, file: StoredFile) -> Path:
        """Where its content is; nobody writes there any more."""
        return folder.path_of(self.config.folder, file.hash)

    async def save(self, room: RoomId, name: str, made: Path, by: PersonId | None) -> StoredFile:
        """Stores a copy of what the server itself has made. Raises FileRefused, WriteFailed, OSError."""
        with await asyncio.to_thread(made.open, "rb") as source:
            size = await asyncio.to_thread(source.seek, 0, 2)
            await asyncio.to_thread(source.seek, 0)
            async with self.incoming(room, size) as upload:
                while part := await asyncio.to_thread(source.read, _BATCH_BYTES):
                    await upload.write(part)
                return await upload.finish(name, by)

    @asynccontextmanager
    async def incoming(self, room: RoomId, size: int) -> AsyncIterator["Incoming"]:
        """
        A file of `size` bytes on its way in; what is not finished when the context ends leaves nothing behind. Room
        for it is kept free meanwhile. Raises FileRefused (TOO_BIG, QUOTA_FULL, DISK_FULL).
        """
        if size > self.config.file_bytes:
            raise FileRefused(FileFault.TOO_BIG, f"A file may have {self.config.file_bytes // 1_000_000} MB at most.")
        self._reserved[room] += size
        self._uploads[room] += 1
        draft: folder.Draft | None = None
        try:
            used, count = await self._database.read(lambda c: _usage(c, room))
            self._check_quota(used + self._reserved[room], count + self._uploads[room])
            draft = folder.Draft(self.config.folder)
            yield Incoming(self, room, size, draft)
        finally:
            self._reserved[room] -= size
            self._uploads[room] -= 1
            if self._uploads[room] == 0:
                del self._reserved[room], self._uploads[room]
            if draft is not None:
                # Shielded: a cut connection cancels the handler, and its draft must go in any case.
                await asyncio.shield(asyncio.to_thread(draft.drop))

    def _check_quota(self, used: int, count: int) -> None:
        if used > self.config.room_bytes or count > self.config.room_files:
            self.counters["quota_full"] += 1
            raise FileRefused(FileFault.QUOTA_FULL, "The room's files take all the space that they may.")

    async def _store(self, stored: StoredFile) -> None:
        def work(connection: Connection) -> None:
            # Locked, so that of two servers that add the last file that fits only one can.
            connection.execute(select(room_table.c.id).where(room_table.c.id == stored.room_id).with_for_update())
            used, count = _usage(connection, stored.room_id)
            self._check_quota(used + stored.size, count + 1)
            connection.execute(
                insert(file_table).values(
                    id=stored.id,
                    room_id=stored.room_id,
                    name=stored.name,
                    type=stored.type,
                    size=stored.size,
                    hash=stored.hash,
                    uploaded_by=stored.uploaded_by,
                    created_at=stored.created_at,
                )
            )

        await self._database.write(work)
        self.counters["stored"] += 1
        self.counters["stored_bytes"] += stored.size


class Incoming:
    """One upload; made by `FileRepository.incoming`."""

    def __init__(self, repository: FileRepository, room: RoomId, size: int, draft: folder.Draft) -> None:
        self._repository = repository
        self._room = room
        self._size = size
        self._draft = draft
        self._batch = bytearray()
        self._head = b""
        self.received = 0

    @property
    def type(self) -> str | None:
        """What it is; None while too little has come, or for what is not taken."""
        return kind_of(self._head)

    @property
    def decided(self) -> bool:
        """Whether enough has come for `type` to be final."""
        return len(self._head) >= HEAD_BYTES or self.received == self._size

    async def write(self, data: bytes) -> None:
        """Adds to the end. Raises FileRefused (TOO_BIG past the announced size, TYPE_NOT_ALLOWED, DISK_FULL)."""
        self.received += len(data)
        if self.received > self._size:
            raise FileRefused(FileFault.TOO_BIG, "The file is larger than it was said to be.")
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        if self.decided and self.type is None:
            raise FileRefused(
                FileFault.TYPE_NOT_ALLOWED, "Only PDF, PNG, JPEG, WebP, GIF, ZIP and Office files are taken."
            )
        self._batch += data
        if len(self._batch) >= _BATCH_BYTES:
            await self._flush()

    async def finish(self, name: str, by: PersonId | None) -> StoredFile:
        """Stores it durably. Raises FileRefused (CUT_OFF, TYPE_NOT_ALLOWED, QUOTA_FULL, DISK_FULL), WriteFailed."""
        kind = self.type
        if self.received != self._size:
            raise FileRefused(FileFault.CUT_OFF, "The file ended too early; please send it again.")
        if kind is None:
            raise FileRefused(FileFault.TYPE_NOT_ALLOWED, "An empty file is not taken.")
        await self._flush()
        with _disk_faults():
            digest = await asyncio.to_thread(self._draft.keep)
        now = self._repository._clock()
        stored = StoredFile(FileId(new_id(now)), self._room, clean_file_name(name), kind, self._size, digest, by, now)
        await self._repository._store(stored)
        return stored

    async def _flush(self) -> None:
        batch, self._batch = bytes(self._batch), bytearray()
        with _disk_faults():
            await asyncio.to_thread(self._draft.write, batch)


@contextmanager
def _disk_faults() -> Iterator[None]:
    """A full disk is a refusal with a sentence; other faults of the disk go up as they are."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise FileRefused(FileFault.DISK_FULL, "The server's disk is full; please tell its operator.") from error
        raise


_NAME_MAX = 120
_PATH_PARTS = re.compile(r"[\\/]")


def clean_file_name(name: str) -> str:
    """A name for people to read: no path, no control or bidirectional characters, 120 characters; never a place."""
    last = _PATH_PARTS.split(unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip(" .")
    if len(kept) > _NAME_MAX:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: _NAME_MAX - 10]}{dot}{suffix}"[:_NAME_MAX] if dot and len(suffix) < 10 else kept[:_NAME_MAX]
    return kept or "file"


_COLUMNS = (
    file_table.c.id,
    file_table.c.room_id,
    file_table.c.name,
    file_table.c.type,
    file_table.c.size,
    file_table.c.hash,
    file_table.c.uploaded_by,
    file_table.c.created_at,
)


def _find(connection: Connection, room: RoomId, file: str) -> StoredFile | None:
    row = connection.execute(
        select(*_COLUMNS).where(
            file_table.c.id == file, file_table.c.room_id == room, file_table.c.removed_at.is_(None)
        )
    ).first()
    return None if row is None else StoredFile(*row)


def _usage(connection: Connection, room: RoomId) -> tuple[int, int]:
    """Bytes and number of a room's files."""
    row = connection.execute(
        select(func.coalesce(func.sum(file_table.c.size), 0), func.count()).where(
            file_table.c.room_id == room, file_table.c.removed_at.is_(None)
        )
    ).one()
    return int(row[0]), int(row[1])
