"""All live rooms of this process: opened by the first join, closed when empty; media events find their room here."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from itertools import count
from typing import Any

import structlog

from media import (
    GroupId,
    LayersWanted,
    MediaEvent,
    PeerConnected,
    PeerGone,
    SlotFilled,
    SlotLayer,
    Speaking,
    WorkerStats,
)
from server.access import Access
from server.attendance import SEEN_INTERVAL_S, Attendance
from server.rooms.live import LiveRoom, RoomsConfig
from server.rooms.model import Moderation, Person, Publishing, RoomFault, RoomRefusal
from server.rooms.ports import Clock, Connection, Draining, Plane, RoomInfo, RoomState, RoomWatch
from server.rooms.rights import may_moderate
from server.rooms.stage import PeerIndex, Stage
from server.storage import DatabaseFailed, RoomId

_log = structlog.get_logger("server.rooms")

RECONNECT_IN_MS = 3_000
"""What clients are told to wait when the server drains; they add their own jitter."""


class Rooms:
    """The registry. `run` must be running while connections join."""

    def __init__(
        self, *, config: RoomsConfig, plane: Plane, attendance: Attendance, access: Access, clock: Clock
    ) -> None:
        self._config = config
        self._plane = plane
        self._attendance = attendance
        self._access = access
        self._clock = clock
        self._index = PeerIndex()
        self._live: dict[RoomId, LiveRoom] = {}
        self._ended: set[RoomId] = set()
        self._groups = count(1)
        self._tasks: asyncio.TaskGroup | None = None
        self._watches: list[RoomWatch] = []
        self.draining = False

    @property
    def live(self) -> tuple[LiveRoom, ...]:
        """The rooms in which someone is."""
        return tuple(self._live.values())

    @property
    def participants(self) -> int:
        """Participants of all rooms."""
        return sum(len(room.participants) for room in self._live.values())

    def get(self, room: RoomId) -> LiveRoom | None:
        """A live room."""
        return self._live.get(room)

    def watch(self, watch: RoomWatch) -> None:
        """Tells `watch` from now on."""
        self._watches.append(watch)

    async def join(
        self, info: RoomInfo, connection: Connection, person: Person, wanted: Publishing
    ) -> tuple[LiveRoom, RoomState]:
        """
        Brings a connection into a room, opening it for the first one. After a tutor has ended the session, the
        room opens again when someone who may end it comes. Raises RoomRefusal, or WriteFailed.
        """
        room = self._live.get(info.id)
        closed = info.id in self._ended or (room is not None and room.ended)
        if self.draining or (closed and not may_moderate(person.role, Moderation.END)):
            raise RoomRefusal(RoomFault.ROOM_CLOSED, "This session has ended.")
        self._ended.discard(info.id)
        if room is None or room.ended:
            room = self._open(info)
        return room, await room.join(connection, person, wanted)

    async def run(self) -> None:
        """Reads the media plane's events and looks after the rooms, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(_guarded("media_events", self._read_events), name="rooms-media-events")
            tasks.create_task(_guarded("seen", self._note_seen), name="rooms-seen")

    async def drain(self) -> None:
        """Tells everyone to come back in a moment and stores that they left; nobody can join any more."""
        self.draining = True
        await asyncio.gather(*(room.evacuate(Draining(RECONNECT_IN_MS)) for room in self._live.values()))

    def _open(self, info: RoomInfo) -> LiveRoom:
        assert self._tasks is not None, "rooms are joined only while run() is running"
        room = LiveRoom(
            info,
            GroupId(next(self._groups)),
            config=self._config,
            plane=self._plane,
            index=self._index,
            attendance=self._attendance,
            access=self._access,
            clock=self._clock,
            watches=self._watches,
        )
        self._live[info.id] = room
        self._tasks.create_task(self._keep(room), name=f"room-{info.id}")
        _log.info("room_opened", room=info.id)
        return room

    async def _keep(self, room: LiveRoom) -> None:
        while not (room.idle or (room.ended and not room.participants)):
            await asyncio.sleep(self._config.tick_s)
            await _guarded_once("room_tick", room.tick)
        if self._live.get(room.info.id) is room:
            del self._live[room.info.id]
            if room.ended:
                self._ended.add(room.info.id)
            for watch in self._watches:
                watch.closed(room.info.id)
        _log.info("room_closed", room=room.info.id)

    async def _note_seen(self) -> None:
        while True:
            await asyncio.sleep(SEEN_INTERVAL_S)
            heard = {conn: at for room in self._live.values() for conn, at in room.last_heard().items()}
            try:
                await self._attendance.see(heard)
            except DatabaseFailed as error:
                _log.warning("seen_not_stored", reason=error.reason.value)

    async def _read_events(self) -> None:
        async for event in self._plane.events():
            self._dispatch(event)

    def _dispatch(self, event: MediaEvent) -> None:
        match event:
            case WorkerStats():
                for room in self._live.values():
                    room.link_stats(event)
            case Speaking(track=track) | LayersWanted(track=track):
                stage = self._index.tracks.get(track)
                if stage is not None:
                    stage.handle(event)
            case SlotFilled(peer=peer) | SlotLayer(peer=peer) | PeerConnected(peer=peer) | PeerGone(peer=peer):
                stage = self._index.peers.get(peer)
                if stage is not None:
                    if isinstance(event, PeerConnected | PeerGone):
                        self._record_media(stage, event)
                    stage.handle(event)
            case _:
                pass

    def _record_media(self, stage: Stage, event: PeerConnected | PeerGone) -> None:
        """Stores that someone's media came up or broke, in a task of its own: media events must not wait for a disk."""
        owner = stage.owner(event.peer)
        room = next((room for room in self._live.values() if room.stage is stage), None)
        if self._tasks is not None and room is not None and owner is not None:
            record = partial(room.media_changed, owner, event)
            self._tasks.create_task(_guarded_once("media_recorded", record), name="rooms-media-record")


async def _guarded(name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A failure of one of the registry's tasks is a bug: logged here, and it ends the process by the group."""
    try:
        await run()
    except Exception:
        _log.exception("task_failed", task=name)
        raise


async def _guarded_once(name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await run()
    except Exception:
        # One room's trouble (a full disk, say) must not end the others; the next tick tries again.
        _log.exception("task_failed", task=name)
