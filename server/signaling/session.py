"""One socket of one person: a connection of the room, and the answers to what it asks."""

from collections.abc import Callable
from typing import Any, Protocol

from engineio import packet as frames

from server.access import Grant
from server.rooms import Draining, LiveRoom, RoomEvent
from server.signaling.encoding import event_text
from server.storage import ParticipantId


class Sink(Protocol):
    """Where a socket's frames go: its outbox."""

    def put_nowait(self, item: Any) -> None: ...


class Session:
    """Implements `server.rooms.Connection`."""

    def __init__(self, grant: Grant, tab: str, address: str, key: str, outbox: Sink, clock: Callable[[], int]) -> None:
        self.grant = grant
        self.address = address
        self.key = key
        self.closed = False
        self.room: LiveRoom | None = None
        self._tab = tab
        self._outbox = outbox
        self._clock = clock
        self._last_heard = clock()
        self._comes_back = False

    @property
    def tab(self) -> str:
        """The browser tab's id."""
        return self._tab

    @property
    def last_heard(self) -> int:
        """When the last frame came, Unix milliseconds."""
        return self._last_heard

    @property
    def participant(self) -> ParticipantId | None:
        """Who this is in the room, once joined and as long as it is there."""
        return self.room.participant_of(self) if self.room is not None else None

    def heard(self) -> None:
        """Something came."""
        self._last_heard = self._clock()

    def deliver(self, event: RoomEvent) -> None:
        """Queues an event. The outbox is bounded: past it the socket is cut and the page resyncs."""
        if self.closed:
            return
        if isinstance(event, Draining):
            self._comes_back = True
        self._outbox.put_nowait(_frame_of(event))

    def answer(self, text: str) -> None:
        """Queues an acknowledgement."""
        if not self.closed:
            self._outbox.put_nowait(frames.Packet(frames.MESSAGE, text))

    def close(self) -> None:
        """Ends the socket after what is queued. Pages do not come back by themselves, except when the server drains."""
        if self.closed:
            return
        self.closed = True
        if not self._comes_back:
            self._outbox.put_nowait(frames.Packet(frames.MESSAGE, "1"))
        self._outbox.put_nowait(None)


_last: tuple[RoomEvent, frames.Packet] | None = None


def _frame_of(event: RoomEvent) -> frames.Packet:
    """A room tells one event to many sockets in a row: it is encoded once, and the library caches the bytes."""
    global _last
    if _last is None or _last[0] is not event:
        _last = (event, frames.Packet(frames.MESSAGE, event_text(event)))
    return _last[1]
