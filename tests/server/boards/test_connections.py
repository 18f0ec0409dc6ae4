"""Who gets a board connection, and when it ends."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Connection, func, select

from server.access import Role
from server.boards import BoardsConfig
from server.settings import StorageConfig
from server.storage import open_database
from server.storage.board_tables import board_update
from tests.server.boards.client import BoardClient, Closed, at_board, connected
from tests.server.boards.conftest import Class, first_page
from tests.server.running import Stage, page, running_stage
from tests.whiteboard.updates import INK
from whiteboard import BoardConfig, BoardRoom, RoomKey
from whiteboard.config import Rate


async def test_a_token_opens_the_board(stage: Stage) -> None:
    async with connected(stage.url, stage.http) as client:
        welcome = await client.hello(await stage.token())
        assert welcome["you"]["role"] == "officer"
        assert welcome["you"]["may"] == ["board_write"]
    async with at_board(stage.url, stage.http, await stage.token(Role.TUTOR)) as tutor:
        assert sorted(tutor.welcome["you"]["may"]) == ["board_manage", "board_point", "board_write"]
    async with at_board(stage.url, stage.http, await stage.token(Role.OBSERVER)) as observer:
        assert observer.welcome["you"]["may"] == []


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type": "hello", "token": "nobody", "tab": "tab-00000001"}', 4001),
        ('{"type": "hello", "token": "nobody", "tab": "x"}', 4010),
        ('{"type": "open", "page": 1}', 4010),
        ("no json", 4010),
        ("[" * 40 + "]" * 40, 4010),
        ('{"type": "' + "x" * 70_000 + '"}', 4010),
        (b"\x01\x01\x01\x01", 4010),
        (b"\x01" * 300_000, 1009),
    ],
)
async def test_who_does_not_say_who_he_is_is_closed(stage: Stage, first: str | bytes, code: int) -> None:
    async with connected(stage.url, stage.http) as client:
        await (client.socket.send_str(first) if isinstance(first, str) else client.socket.send_bytes(first))
        assert await client.closed() == code


async def test_who_says_nothing_is_closed(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    boards = BoardsConfig(hello_s=0.05)
    async with running_stage(sqlite_config, tmp_path / "static", boards=boards) as stage:
        async with connected(stage.url, stage.http) as client:
            assert await client.closed() == 4001
        assert stage.running.boards.counters()["closed_4001"] == 1


async def test_other_sites_cannot_open_the_board(stage: Stage) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with connected(stage.url, stage.http, headers={"Origin": "https://evil.example"}):
            pass
    assert refused.value.status == 403
    async with connected(stage.url, stage.http, headers={"Origin": "https://learn.example.org"}) as client:
        await client.hello(await stage.token())


async def test_a_plain_request_is_told_to_upgrade(stage: Stage) -> None:
    async with stage.http.get(f"{stage.url}/ws/board") as answer:
        assert answer.status == 426


async def test_a_message_that_is_too_big_ends_the_connection(lesson: Class) -> None:
    async with at_board(lesson.stage.url, lesson.stage.http, await lesson.stage.token()) as ana:
        await ana.socket.send_bytes(b"\x01" + bytes(300_000))
        assert await ana.closed() == 1009
    async with at_board(lesson.stage.url, lesson.stage.http, await lesson.stage.token()) as ana:
        await ana.socket.send_str('{"type": "open", "page": ' + "[" * 40 + "]" * 40 + "}")
        assert await ana.closed() == 4010


async def test_a_flood_of_pings_ends_the_connection(stage: Stage) -> None:
    async with at_board(stage.url, stage.http, await stage.token()) as ana:
        for _ in range(2_500):
            await ana.socket.ping()
        assert await ana.closed() == 4029


async def test_pings_are_answered(stage: Stage) -> None:
    async with stage.http.ws_connect(f"{stage.url}/ws/board", autoping=False) as socket:
        await BoardClient(socket).hello(await stage.token())
        await socket.ping(b"there?")
        async with asyncio.timeout(5):
            while (message := await socket.receive()).type is not aiohttp.WSMsgType.PONG:
                pass
        assert message.data == b"there?"


async def test_a_fifth_tab_of_a_person_is_turned_away(stage: Stage) -> None:
    token = await stage.token()
    async with (
        at_board(stage.url, stage.http, token, tab="tab-00000001"),
        at_board(stage.url, stage.http, token, tab="tab-00000002"),
        at_board(stage.url, stage.http, token, tab="tab-00000003"),
        at_board(stage.url, stage.http, token, tab="tab-00000004"),
        connected(stage.url, stage.http) as fifth,
    ):
        with pytest.raises(Closed) as closed:
            await fifth.hello(token, "tab-00000005")
        assert closed.value.code == 4029


async def test_a_tab_that_comes_back_takes_the_place_of_its_own_old_connection(stage: Stage) -> None:
    token = await stage.token()
    async with (
        at_board(stage.url, stage.http, token, tab="tab-00000001") as old,
        at_board(stage.url, stage.http, token, tab="tab-00000001"),
        at_board(stage.url, stage.http, token, tab="tab-00000001"),
        at_board(stage.url, stage.http, token, tab="tab-00000002") as other,
        at_board(stage.url, stage.http, token, tab="tab-00000001"),
    ):
        assert await old.closed() == 1012
        assert (await other.ask("close", page=999))["type"] == "done"


async def test_a_token_that_is_forgotten_while_the_room_is_loaded_does_not_come_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await stage.token()
    hub = stage.running.boards._hub
    load, begun, go_on = hub.room, asyncio.Event(), asyncio.Event()

    async def slow(key: RoomKey) -> BoardRoom:
        begun.set()
        await go_on.wait()
        return await load(key)

    monkeypatch.setattr(hub, "room", slow)
    async with connected(stage.url, stage.http) as ana, asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        entering = tasks.create_task(_code_of(ana, token))
        await begun.wait()
        headers = {"Authorization": f"Bearer {token}"}
        async with stage.http.delete(f"{stage.url}/api/session", headers=headers) as answer:
            assert answer.status == 204
        go_on.set()
        assert await entering == 4001


async def _code_of(client: BoardClient, token: str) -> int | None:
    try:
        await client.hello(token)
    except Closed as closed:
        return closed.code
    return None


async def test_who_is_removed_from_the_class_loses_the_board_at_once(lesson: Class) -> None:
    stage = lesson.stage
    tutor_token, ana_token = await stage.token(Role.TUTOR, "Eva"), await stage.token()
    async with (
        page(stage, tutor_token) as tutor,
        page(stage, ana_token, "tab-00000002") as ana,
        at_board(stage.url, stage.http, ana_token) as board,
    ):
        await tutor.join()
        me = (await ana.join())["you"]["participant"]
        assert (await tutor.ask("moderate", {"action": "remove", "participant": me}))["ok"]
        assert await board.closed() == 4003
        async with connected(stage.url, stage.http) as again:
            with pytest.raises(Closed) as closed:
                await again.hello(ana_token)
            assert closed.value.code == 4003


async def test_a_forgotten_token_ends_its_connections(stage: Stage) -> None:
    token = await stage.token()
    async with at_board(stage.url, stage.http, token) as ana:
        headers = {"Authorization": f"Bearer {token}"}
        async with stage.http.delete(f"{stage.url}/api/session", headers=headers) as answer:
            assert answer.status == 204
        assert await ana.closed() == 4001


async def test_the_end_of_the_session_ends_the_board(lesson: Class) -> None:
    stage = lesson.stage
    token = await stage.token(Role.TUTOR, "Eva")
    async with page(stage, token) as tutor, at_board(stage.url, stage.http, await stage.token()) as ana:
        await tutor.join()
        assert (await tutor.ask("moderate", {"action": "end"}))["ok"]
        assert await ana.closed() == 4003


async def test_a_token_that_expires_ends_its_connection(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    boards = BoardsConfig(look_s=0.02)
    async with (
        running_stage(sqlite_config, tmp_path / "static", boards=boards) as stage,
        at_board(stage.url, stage.http, await stage.token()) as ana,
    ):
        for line in stage.running.boards.lines:
            line.expires_at = 1
        assert await ana.closed() == 4001


async def test_a_silent_connection_is_asked_and_then_cut(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    boards = BoardsConfig(look_s=0.02, silence_s=0.2)
    async with running_stage(sqlite_config, tmp_path / "static", boards=boards) as stage:
        async with stage.http.ws_connect(f"{stage.url}/ws/board", autoping=False) as socket:
            await BoardClient(socket).hello(await stage.token())
            kinds = []
            async with asyncio.timeout(5):
                while (message := await socket.receive()).type not in (
                    aiohttp.WSMsgType.CLOSED,
                    aiohttp.WSMsgType.ERROR,
                ):
                    kinds.append(message.type)
        assert aiohttp.WSMsgType.PING in kinds
        assert stage.running.boards.counters()["silent"] == 1


async def test_a_connection_that_answers_pings_stays(sqlite_config: StorageConfig, tmp_path: Path) -> None:
    boards = BoardsConfig(look_s=0.02, silence_s=0.2)
    async with (
        running_stage(sqlite_config, tmp_path / "static", boards=boards) as stage,
        at_board(stage.url, stage.http, await stage.token()) as ana,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await ana.hears("never")
        assert (await ana.ask("close", page=1))["type"] == "done"


async def test_a_server_that_stops_stores_what_it_took_and_says_come_back(
    sqlite_config: StorageConfig, tmp_path: Path
) -> None:
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        async with running_stage(sqlite_config, tmp_path / "static") as stage:
            ana = BoardClient(await http.ws_connect(f"{stage.url}/ws/board"))
            await ana.hello(await stage.token(Role.TUTOR))
            sheet = await ana.open(await first_page(ana, "own"))
            for count in range(50):
                ana.write(sheet, f"stroke-{count:04}")
            await ana.send(sheet)
            database = stage.database
            end = tasks.create_task(ana.closed())
            await stage.running.boards.drain()
            assert await database.read(count_log) >= len(sheet.acked)
        assert await end == 1012
        assert len(sheet.acked) + len(sheet.unsent) == 50
    async with open_database(sqlite_config) as database:
        assert await database.read(count_log) >= len(sheet.acked)


def count_log(connection: Connection) -> int:
    """How many updates are stored."""
    return connection.scalar(select(func.count()).select_from(board_update)) or 0


@pytest.mark.slow
async def test_a_reader_that_stops_reading_hinders_nobody_and_is_let_go(
    sqlite_config: StorageConfig, tmp_path: Path
) -> None:
    free = Rate(1e9, 1e9)
    board = replace(BoardConfig(), behind_s=0.5, updates=free, update_bytes=free)
    async with (
        running_stage(sqlite_config, tmp_path / "static", boards=BoardsConfig(board=board)) as stage,
        at_board(stage.url, stage.http, await stage.token(Role.TUTOR, "Eva")) as eva,
        at_board(stage.url, stage.http, await stage.token(name="Slow")) as slow,
        at_board(stage.url, stage.http, await stage.token(name="Quick")) as quick,
    ):
        number = await first_page(eva, "shared")
        sheet, seen, _ = await eva.open(number), await quick.open(number), await slow.open(number)
        slow.stop_reading()
        boards, loop = stage.running.boards, asyncio.get_running_loop()
        worst_s, count = 0.0, 0
        while not boards.counters().get("closed_too_slow"):
            began = loop.time()
            for _ in range(10):
                count += 1
                eva.write(sheet, f"large-{count:05}", INK + bytes(15_000))
            await eva.send(sheet)
            await eva.stored(sheet)
            await quick.until(lambda count=count: seen.seq >= count)
            worst_s = max(worst_s, loop.time() - began)
            assert max(line.buffered for line in boards.lines) < 1_000_000
        assert len(seen.shapes) == count
        assert worst_s < 2
