"""The event queue is bounded and loses what can be lost first."""

import asyncio

from media.event_queue import EventQueue
from media.events import MediaEvent, PathChanged, PeerId, Speaking, TrackId


def queue_of(capacity: int) -> tuple[EventQueue, list[int]]:
    dropped: list[int] = []
    return EventQueue(capacity, lambda: dropped.append(1)), dropped


async def read(queue: EventQueue) -> list[MediaEvent]:
    queue.close()
    return [event async for event in queue]


async def test_events_come_in_order_and_end_after_closing() -> None:
    queue, dropped = queue_of(8)
    events = [PathChanged(PeerId(number), "udp") for number in range(5)]
    for event in events:
        queue.put(event)
    assert await read(queue) == events
    assert dropped == []


async def test_a_full_queue_drops_new_levels_and_old_facts() -> None:
    queue, dropped = queue_of(2)
    for number in range(3):
        queue.put(PathChanged(PeerId(number), "udp"))
    queue.put(Speaking(TrackId(1), True))
    assert await read(queue) == [PathChanged(PeerId(1), "udp"), PathChanged(PeerId(2), "udp")]
    assert len(dropped) == 2


async def test_a_waiting_reader_wakes_up() -> None:
    queue, _ = queue_of(2)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        reader = group.create_task(read_one(queue))
        await asyncio.sleep(0)
        queue.put(PathChanged(PeerId(1), "udp"))
    assert reader.result() == PathChanged(PeerId(1), "udp")


async def read_one(queue: EventQueue) -> MediaEvent:
    return await anext(aiter(queue))
