"""The bounded queue between the plane and the one task that reads its events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from media.events import LayerActive, LayersWanted, MediaEvent, Speaking, WorkerStats

_REPLACEABLE = (WorkerStats, Speaking, LayerActive, LayersWanted)
"""Told again or overtaken soon: what a late reader loses first."""


class EventQueue:
    """Full policy: a new replaceable event is dropped; any other takes the place of the oldest event."""

    def __init__(self, capacity: int, on_drop: Callable[[], None]) -> None:
        self._events: deque[MediaEvent] = deque()
        self._capacity = capacity
        self._on_drop = on_drop
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, event: MediaEvent) -> None:
        if self._closed:
            return
        if len(self._events) >= self._capacity:
            self._on_drop()
            if isinstance(event, _REPLACEABLE):
                return
            self._events.popleft()
        self._events.append(event)
        self._ready.set()

    def close(self) -> None:
        """What is queued can still be read, then the iteration ends."""
        self._closed = True
        self._ready.set()

    async def __aiter__(self) -> AsyncIterator[MediaEvent]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._ready.clear()
            await self._ready.wait()
