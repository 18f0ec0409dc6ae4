"""A program for the kill test: joins people as fast as it can and writes each acknowledged connection's id."""

import asyncio
import sys

from server.access import wall_clock_ms
from server.attendance import Attendance
from server.settings import StorageConfig
from server.storage import Database, PersonId, RoomId, open_database
from server.storage.people import find_or_create_person


async def main(url: str, room_id: str) -> None:
    """Runs until it is killed."""
    async with open_database(StorageConfig(url=url)) as database, asyncio.TaskGroup() as tasks:
        attendance = Attendance(database, wall_clock_ms)
        for lane in range(8):
            tasks.create_task(_join_for_ever(database, attendance, RoomId(room_id), lane))


async def _join_for_ever(database: Database, attendance: Attendance, room_id: RoomId, lane: int) -> None:
    number = 0
    while True:
        subject = f"{lane}-{number}"
        person: PersonId = await database.write(
            lambda c, s=subject: find_or_create_person(c, "test", s, s, wall_clock_ms())  # type: ignore[misc]  # mypy: lambda default
        )
        joined = await attendance.join(room_id, person, name=subject, role="officer", tab="t")
        # One write: a kill may cut the list, never a line.
        sys.stdout.buffer.write(f"{joined.conn_id}\n".encode())
        sys.stdout.buffer.flush()
        number += 1


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
