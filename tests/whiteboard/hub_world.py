"""A room's boards with fake connections, a fake store and pushed time: what everybody was sent, decoded."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.whiteboard.server_messages import check
from tests.whiteboard.updates import INK, block, made, update
from whiteboard import (
    BoardConfig,
    BoardRoom,
    Channel,
    ClientId,
    Epoch,
    LoggedUpdate,
    Member,
    MetaChanges,
    PageNumber,
    PersonKey,
    Role,
    RoomKey,
    Snapshot,
    StoredMeta,
    StoredPage,
)
from whiteboard.document.update import ROOT
from whiteboard.room.jobs import (
    Append,
    BeginEpoch,
    Compare,
    GiveClients,
    Job,
    KeepSnapshot,
    LoadPage,
    PackState,
    SaveMeta,
)
from whiteboard.rows import BoardRow, GroupRow, PageRow, RoomRow, TurnRow
from whiteboard.wire.frames import Coding, LivesFrame, StateFrame, UpdateFrame, UpdatesFrame, read_server, write

NOW = 1_800_000_000_000
_FIRST = Epoch(1)


class DiskFull(Exception):
    """The store's own error."""


@dataclass
class StoredDocument:
    """A page's log as it is on the disk."""

    epoch: Epoch = _FIRST
    clients: dict[ClientId, PersonKey] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    log: list[LoggedUpdate] = field(default_factory=list)


class Disk:
    """
    What is stored. `broken`: nothing can be; `lost_answers`: it is, but the caller hears that it failed; `shared`:
    another process writes too.
    """

    def __init__(self) -> None:
        self.room: RoomRow | None = None
        self.boards: dict[str, BoardRow] = {}
        self.pages: dict[int, PageRow] = {}
        self.groups: dict[str, GroupRow] = {}
        self.turns: list[TurnRow] = []
        self.documents: dict[int, StoredDocument] = {}
        self.over: list[tuple[int, StoredDocument]] = []
        self.broken = False
        self.lost_answers = False
        self.shared = False

    def carry_out(self, job: Job) -> object:
        """As the hub does it."""
        if isinstance(job, PackState):
            return zlib.compress(job.state, 1)
        if self.broken:
            raise DiskFull
        result = self._do(job)
        if self.lost_answers:
            raise DiskFull
        return result

    def meta(self) -> StoredMeta:
        """All rows."""
        return StoredMeta(
            room=self.room,
            boards=list(self.boards.values()),
            pages=list(self.pages.values()),
            groups=list(self.groups.values()),
        )

    def load(self, page: PageNumber) -> StoredPage:
        """A page's newest epoch."""
        document = self.documents[page]
        snapshot = document.snapshots[-1] if document.snapshots else None
        after = snapshot.seq if snapshot else 0
        return StoredPage(
            document.epoch, dict(document.clients), snapshot, [one for one in document.log if one.seq > after]
        )

    def _do(self, job: Job) -> object:
        if isinstance(job, SaveMeta):
            self._save(job.changes)
            return None
        document = self.documents[job.page]
        if isinstance(job, LoadPage | Compare):
            return self.load(job.page)
        if isinstance(job, GiveClients):
            for client, person in job.clients.items():
                assert document.clients.setdefault(client, person) == person
        elif isinstance(job, Append):
            newest = document.log[-1].seq if document.log else document.snapshots[-1].seq if document.snapshots else 0
            assert job.epoch == document.epoch
            if self.shared and job.updates[0].seq <= newest:
                raise DiskFull
            assert [one.seq for one in job.updates] == list(range(newest + 1, newest + 1 + len(job.updates)))
            document.log.extend(job.updates)
        elif isinstance(job, KeepSnapshot):
            assert job.snapshot.seq <= document.log[-1].seq
            document.snapshots.append(job.snapshot)
        elif isinstance(job, BeginEpoch):
            start = job.start
            self.over.append((job.page, document))
            self.documents[job.page] = StoredDocument(start.epoch, dict(start.clients), [start.snapshot])
        return None

    def _save(self, changes: MetaChanges) -> None:
        self.room = changes.room or self.room
        self.boards.update((row.id, row) for row in changes.boards)
        self.groups.update((row.id, row) for row in changes.groups)
        for group in changes.groups_gone:
            self.groups.pop(group, None)
        for row in changes.pages:
            self.pages[row.number] = row
            if row.number not in self.documents:
                begun = changes.begun.get(row.number)
                document = self.documents[row.number] = StoredDocument()
                if begun is not None:
                    assert begun.snapshot is not None
                    document.clients = dict(begun.clients)
                    document.snapshots = [begun.snapshot]
        self.turns.extend(changes.turns)


class FakeChannel:
    """A connection: what it was sent, in order; `buffered` is the test's to set."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.buffered = 0
        self.closed: int | None = None
        self.texts: list[dict[str, Any]] = []
        self.frames: list[Any] = []
        self.all: list[Any] = []

    def close(self, code: int, reason: str) -> None:
        """Ends it."""
        assert reason
        self.closed = code

    def last(self, kind: str) -> dict[str, Any]:
        """The newest text message of a type."""
        return next(text for text in reversed(self.texts) if text["type"] == kind)

    def count(self, kind: str) -> int:
        """How many text messages of a type came."""
        return sum(text["type"] == kind for text in self.texts)

    def of(self, frame: type) -> list[Any]:
        """All binary messages of a kind."""
        return [one for one in self.frames if isinstance(one, frame)]

    def updates(self) -> list[bytes]:
        """All updates that came, without own ones."""
        return [data for frame in self.of(UpdatesFrame) for data in frame.updates if data]

    def clear(self) -> None:
        """Forgets what came."""
        self.texts.clear()
        self.frames.clear()
        self.all.clear()


class FakeWire:
    """Decodes for each channel what it is sent."""

    def __init__(self) -> None:
        self.writes = 0

    def binary(self, message: bytes, channels: Iterable[Channel]) -> None:
        """Sends."""
        frame = read_server(message)
        for channel in channels:
            assert isinstance(channel, FakeChannel)
            self.writes += 1
            channel.frames.append(frame)
            channel.all.append(frame)

    def text(self, message: bytes, channels: Iterable[Channel]) -> None:
        """Sends what the contract names."""
        check(message)
        for channel in channels:
            assert isinstance(channel, FakeChannel)
            body = json.loads(message)
            channel.texts.append(body)
            channel.all.append(body)


class World:
    """One room; `settle` lets time pass and the store work."""

    def __init__(self, config: BoardConfig | None = None, disk: Disk | None = None) -> None:
        self.config = config or BoardConfig()
        self.disk = disk or Disk()
        self.wire = FakeWire()
        self.now = NOW
        self.jobs: list[Job] = []
        self.woken = False
        self.ids = 0
        self.clocks: dict[int, int] = {}
        self.room = self._room()

    def crash(self) -> None:
        """The process dies and comes again; what was not committed is gone."""
        self.room = self._room()

    def join(self, name: str, role: Role = Role.OFFICER, person: str | None = None) -> FakeChannel:
        """Somebody comes."""
        channel = FakeChannel(name)
        self.room.join(channel, Member(PersonKey(person or name), role, name.title()), self.now)
        return channel

    def say(self, channel: FakeChannel, kind: str, **fields: Any) -> int:
        """A text message with an id."""
        self.ids += 1
        self.room.text(channel, json.dumps({"type": kind, "id": self.ids, **fields}), self.now)
        return self.ids

    def ask(self, channel: FakeChannel, kind: str, **fields: Any) -> dict[str, Any]:
        """The same, and its answer."""
        number = self.say(channel, kind, **fields)
        self.settle()
        return next(text for text in channel.texts if text.get("id") == number)

    def page(self, tutor: FakeChannel, mode: str = "own") -> int:
        """A new page on a new board."""
        board = self.ask(tutor, "board_add", title="Board")["board"]
        number = int(self.ask(tutor, "page_add", board=board)["page"])
        if mode != "own":
            self.ask(tutor, "rights", page=number, mode=mode)
        return number

    def open(self, page: int, *channels: FakeChannel) -> None:
        """All of them open it."""
        for channel in channels:
            self.say(channel, "open", page=page)
        self.settle()

    def draw(self, channel: FakeChannel, page: int, key: str, n: int = 1, data: bytes = INK) -> bytes:
        """A new shape, sent as update `n`."""
        opened = next(text for text in reversed(channel.texts) if text["type"] == "opened" and text["page"] == page)
        client = opened["client"]
        clock = self.clocks.get(client, 0)
        body = update(block(client, clock, made(key, data)))
        before = channel.count("nack")
        self.send(channel, page, opened["epoch"], n, body)
        if channel.count("nack") == before:
            self.clocks[client] = clock + 1
        return body

    def send(self, channel: FakeChannel, page: int, epoch: int, n: int, body: bytes) -> None:
        """An update as it is."""
        frame = UpdateFrame(PageNumber(page), Epoch(epoch), n, body)
        self.room.binary(channel, write(frame), self.now)

    def settle(self, ms: int = 200) -> None:
        """Time passes, in steps of ten ms, and the store answers at once."""
        until = self.now + ms
        while True:
            for _ in range(20):
                jobs, _due = self.room.advance(self.now)
                if not jobs:
                    break
                for job in jobs:
                    self.carry_out(job)
            else:
                raise AssertionError("the room wants something for ever")
            if self.now >= until:
                return
            self.now += 10

    def carry_out(self, job: Job) -> None:
        """One job."""
        try:
            result = self.disk.carry_out(job)
        except (DiskFull, KeyError):
            self.room.failed(job, self.now)
        else:
            self.room.done(job, result, self.now)

    def _room(self) -> BoardRoom:
        return BoardRoom(RoomKey("room"), self.disk.meta(), self.wire, self.config, self._woken, self.now)

    def _woken(self) -> None:
        self.woken = True


def document(channel: FakeChannel, page: int, own: Iterable[bytes] = ()) -> dict[str, bytes]:
    """What a client makes of all that it was sent of a page (and of what it wrote itself)."""
    from pycrdt import Doc, Map

    doc: Doc[Map[bytes]] = Doc()
    for message in channel.all:
        if isinstance(message, dict):
            if message.get("type") == "opened" and message["page"] == page and message["reset"]:
                doc = Doc()
        elif isinstance(message, StateFrame) and message.page == page:
            doc.apply_update(zlib.decompress(message.data) if message.coding is Coding.ZLIB else message.data)
        elif isinstance(message, UpdatesFrame) and message.page == page:
            for data in message.updates:
                if data:
                    doc.apply_update(data)
    for data in own:
        doc.apply_update(data)
    found: Map[bytes] = doc.get(ROOT.decode(), type=Map)
    return dict(found.to_py() or {})


__all__ = ["NOW", "Disk", "FakeChannel", "LivesFrame", "StoredDocument", "World", "document"]
