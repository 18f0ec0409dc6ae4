"""What was acknowledged survives `kill -9`."""

import asyncio
import sys

import pytest

from server.access import wall_clock_ms
from server.attendance import Attendance, EventKind, Recovered
from server.settings import StorageConfig
from server.storage import ConnId, create_institution, create_room, live_session, open_database


@pytest.mark.slow
async def test_every_acknowledged_join_is_there_after_a_kill_and_is_closed_once(
    storage_config: StorageConfig,
) -> None:
    async with open_database(storage_config) as database:
        owner = await database.write(lambda c: create_institution(c, "A", (), 1))
        room = await database.write(lambda c: create_room(c, owner.id, "R", "r", 1))
    arguments = ("-m", "tests.server.attendance.joining_program", storage_config.url, room.id)
    program = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert program.stdout is not None
    async with asyncio.timeout(30):
        lines = [await program.stdout.readline() for _ in range(40)]
        program.kill()
        lines += (await program.stdout.read()).splitlines()
        await program.wait()
    acked = {ConnId(line.decode().strip()) for line in lines if len(line.strip()) == 26}
    assert len(acked) >= 40

    async with open_database(storage_config) as database:
        attendance = Attendance(database, wall_clock_ms)
        live = await database.read(lambda c: live_session(c, room.id))
        assert live is not None
        joins = [event.conn_id for event in await attendance.events(live.id) if event.kind is EventKind.JOIN]
        assert acked <= set(joins)
        assert len(joins) == len(set(joins))
        recovered = await attendance.recover()
        assert recovered.conns == len(joins)
        assert await attendance.recover() == Recovered(0, 0, 0)
        leaves = [event.conn_id for event in await attendance.events(live.id) if event.kind is EventKind.LEAVE]
        assert sorted(map(str, leaves)) == sorted(map(str, joins))
