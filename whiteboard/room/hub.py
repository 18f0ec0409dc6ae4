"""The asynchronous face of all rooms' boards: loads, stores, and keeps time for them."""

import asyncio
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import structlog

from whiteboard.config import BoardConfig
from whiteboard.counters import Counters
from whiteboard.document.page import PageDocument
from whiteboard.document.start import OwnedShape
from whiteboard.errors import BoardError, CommandRefused
from whiteboard.ids import PageNumber, RoomKey
from whiteboard.ports import MetaStore, PageStore, Wire
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
from whiteboard.room.room import BoardRoom

_log = structlog.get_logger("whiteboard")

_REST_MS = 5_000
"""How often a room that wants nothing is asked whether it can be unloaded."""


class PageUnreadable(BoardError):
    """The store does not give a page out now."""


class BoardHub:
    """`run` must be running while rooms are used. `clock`: Unix ms, must never go back."""

    def __init__(
        self,
        pages: PageStore,
        meta: MetaStore,
        wire: Wire,
        clock: Callable[[], int],
        config: BoardConfig | None = None,
    ) -> None:
        self._page_store = pages
        self._meta_store = meta
        self._wire = wire
        self._clock = clock
        self._config = config or BoardConfig()
        self._counters = Counters()
        self._rooms: dict[RoomKey, BoardRoom] = {}
        self._due: dict[RoomKey, int] = {}
        self._loading: dict[RoomKey, asyncio.Lock] = {}
        self._wake = asyncio.Event()
        self._closing = False
        self._busy = 0

    async def run(self) -> None:
        """Until `close`: then everything that can be stored is stored."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                for room, jobs in self._due_rooms():
                    for job in jobs:
                        self._busy += 1
                        group.create_task(self._carry_out(room, job))
                if self._closing and not self._busy:
                    break
                await self._sleep()
        left = sum(room.unstored for room in self._rooms.values())
        if left:
            _log.error("updates_lost", count=left)

    def close(self) -> None:
        """Ends `run`. Connections are the caller's to close, before."""
        self._closing = True
        self._wake.set()

    async def room(self, key: RoomKey) -> BoardRoom:
        """
        A room, loaded when it is not yet. It is unloaded when nobody is there and all is stored, so never keep it over
        an await without a connection that has joined. Raises the store's errors.
        """
        room = self._rooms.get(key)
        if room is not None:
            return room
        async with self._loading.setdefault(key, asyncio.Lock()):
            room = self._rooms.get(key)
            if room is None:
                async with asyncio.timeout(self._config.store_s):
                    stored = await self._meta_store.load(key)
                wake = partial(self._urge, key)
                room = BoardRoom(key, stored, self._wire, self._config, wake, self._clock(), self._counters)
                self._rooms[key] = room
                self._due[key] = self._clock() + _REST_MS
        self._loading.pop(key, None)
        return room

    async def shapes(self, key: RoomKey, page: PageNumber) -> Sequence[OwnedShape]:
        """
        A page's living shapes, for export. Raises KeyError for an unknown page, PageUnreadable, and the store's errors.
        """
        room = await self.room(key)
        answer: asyncio.Future[Sequence[OwnedShape]] = asyncio.get_running_loop().create_future()

        def with_document(doc: PageDocument | None) -> None:
            if answer.done():
                return
            if doc is None:
                answer.set_exception(PageUnreadable("the page cannot be read now"))
            else:
                answer.set_result(doc.shapes())

        try:
            room.borrow(page, with_document, self._clock())
        except CommandRefused:
            raise KeyError(page) from None
        async with asyncio.timeout(self._config.store_s):
            return await answer

    def snapshot(self) -> Mapping[str, int]:
        """Counters since the start and gauges (`rooms`, `connected`, `open_pages`, `unstored`) by name."""
        rooms = self._rooms.values()
        return {
            **self._counters.of,
            "rooms": len(rooms),
            "connected": sum(room.connections for room in rooms),
            "open_pages": sum(room.open_pages for room in rooms),
            "unstored": sum(room.unstored for room in rooms),
        }

    def abandon(self, room: BoardRoom) -> None:
        """
        A room that has failed by a fault of ours: its connections are closed and come back to what is stored. The
        other rooms go on.
        """
        if self._rooms.get(room.key) is room:
            del self._rooms[room.key]
            self._counters.add("rooms_abandoned")
            room.abandon(self._clock())

    def _due_rooms(self) -> Iterator[tuple[BoardRoom, list[Job]]]:
        """What rooms want that have something to do; the others are not even asked."""
        now_ms = self._clock()
        for key, due_ms in list(self._due.items()):
            room = self._rooms.get(key)
            if room is None:
                del self._due[key]
            elif due_ms <= now_ms or self._closing:
                yield room, self._advance(room, now_ms)

    def _advance(self, room: BoardRoom, now_ms: int) -> list[Job]:
        # Set before, so that a room may ask for more while it is asked.
        self._due[room.key] = now_ms + _REST_MS
        try:
            jobs, due_ms = room.advance(now_ms, closing=self._closing)
        except Exception:
            # The boundary of one room: a fault in it is ours, and must not end the others.
            _log.exception("room_failed", room=room.key)
            self.abandon(room)
            return []
        if due_ms is not None:
            self._due[room.key] = min(due_ms, self._due[room.key])
        elif room.at_rest and room.key not in self._loading:
            del self._rooms[room.key]
        return jobs

    def _urge(self, key: RoomKey) -> None:
        self._due[key] = 0
        self._wake.set()

    async def _sleep(self) -> None:
        pause_ms = min([_REST_MS, *(due_ms - self._clock() for due_ms in self._due.values())])
        if pause_ms <= 0:
            # A room that always has something due must not keep sockets from being read.
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(pause_ms / 1000):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _carry_out(self, room: BoardRoom, job: Job) -> None:
        """One job's task. A store that fails does not end the hub: the room hears of it and tries again."""
        result: object = None
        failure: Exception | None = None
        try:
            async with asyncio.timeout(self._config.store_s):
                result = await self._perform(room.key, job)
        except Exception as error:
            # The task's boundary: the store's errors are its own, whatever they are.
            failure = error
            _log.warning("job_failed", room=room.key, job=type(job).__name__, error=repr(error)[:200])
        try:
            if failure is None:
                room.done(job, result, self._clock())
            else:
                room.failed(job, self._clock())
        except Exception:
            # The boundary of one room, as in `_advance`.
            _log.exception("room_failed", room=room.key)
            self.abandon(room)
        finally:
            self._busy -= 1
            self._urge(room.key)

    async def _perform(self, key: RoomKey, job: Job) -> object:
        store = self._page_store
        match job:
            case LoadPage() | Compare():
                return await store.load(key, job.page)
            case PackState():
                return await asyncio.to_thread(zlib.compress, job.state, 1)
            case Append():
                await store.append(key, job.page, job.epoch, job.updates)
            case GiveClients():
                await store.give_clients(key, job.page, job.epoch, job.clients)
            case KeepSnapshot():
                await store.keep_snapshot(key, job.page, job.epoch, job.snapshot)
            case BeginEpoch(page=page, start=start):
                await store.begin_epoch(key, page, start.epoch, start.clients, start.snapshot)
            case SaveMeta():
                await self._meta_store.save(key, job.changes)
        return None
