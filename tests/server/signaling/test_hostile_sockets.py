"""What a hostile client may try on the socket, and that it gains nothing by it."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from server.access import LimitName, Role
from server.signaling.transport import Outbox
from tests.server.running import PageRefused, Stage, page
from tests.server.signaling.raw_socket import answer, closing_code, raw_socket

_JOIN = {"client": {"name": "t", "version": "1"}, "media": {"mic": True, "camera": True}}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("451-" + json.dumps(["view", {"_placeholder": True, "num": 0}]), 1003),
        ("459999999999-" + json.dumps(["view"]), 1003),
        ("461-1[]", 1003),
        ('42["view",' + "[" * 40 + "]" * 40 + "]", 1009),
        ('42["view",{"tiles":[' + "1" * 5000 + "]}]", 1002),
        ('42["hand",{"raised":NaN}]', 1002),
        ('42["disconnect","x"]', 1002),
        ('42["connect",{},{}]', 1002),
        ("42[1]", 1002),
        ("42{}", 1002),
        ("42", 1002),
        ("4[[[[", 1002),
        ("2probe", 1002),
        ("5", 1002),
        ("", 1002),
        ("99", 1002),
        ("40/admin,{}", 1002),
        ("42/admin,[]", 1002),
        ("42" + "9" * 100 + '["sync",{}]', 1002),
        ("43" + "1[]", 1002),
    ],
)
async def test_a_malformed_frame_closes_the_socket(stage: Stage, frame: str, code: int) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        await socket.send_str(frame)
        assert await closing_code(socket) == code


async def test_a_binary_frame_closes_the_socket(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        await socket.send_bytes(b"\x04" * 100)
        assert await closing_code(socket) == 1003


async def test_a_message_over_64_kb_closes_the_socket(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        await socket.send_str('42["offer",{"sdp":"' + "a" * 70_000 + '","sections":[]}]')
        assert await closing_code(socket) == 1009


async def test_a_compressed_bomb_closes_the_socket(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token(), compress=15) as socket:
        await socket.send_str("42" + " " * 3_000_000)
        assert await closing_code(socket) == 1009


async def test_lone_surrogates_reach_nobody(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        await socket.send_str(
            '421["join",{"client":{"name":"\\ud800","version":"1"},"media":{"mic":true,"camera":true}}]'
        )
        async with asyncio.timeout(5):
            said = await socket.receive_str()
        assert json.loads(said[3:])[0]["error"]["code"] == "invalid"


async def test_a_silent_socket_is_closed(hasty_stage: Stage) -> None:
    async with raw_socket(hasty_stage) as socket:
        assert await closing_code(socket) is not None
        assert hasty_stage.limits.hits[LimitName.AUTHENTICATE] == 1


async def test_a_socket_with_a_wrong_token_is_refused_and_closed(hasty_stage: Stage) -> None:
    stage = hasty_stage
    with pytest.raises(PageRefused, match="token_invalid"):
        async with page(stage, "x" * 43):
            pass
    async with raw_socket(stage) as socket:
        await socket.send_str("40" + json.dumps({"token": "x", "tab": "tab-00000009"}))
        assert (await socket.receive_str()).startswith("44")
        await closing_code(socket)


async def test_nothing_is_done_before_joining(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        for event, payload in (
            ("sync", {}),
            ("leave", {}),
            ("hand", {"raised": True}),
            ("media", {"mic": True}),
            ("view", {"tiles": []}),
            ("offer", {"sdp": "v=0", "sections": []}),
            ("moderate", {"action": "end"}),
        ):
            said = await answer(socket, event, payload)
            assert said["error"]["code"] == "not_joined", event


async def test_events_before_the_token_close_the_socket(stage: Stage) -> None:
    async with raw_socket(stage) as socket:
        await socket.send_str('421["join",' + json.dumps(_JOIN) + "]")
        await closing_code(socket)
    assert stage.running.rooms.participants == 0


async def test_unknown_events_and_payloads_are_answered_and_change_nothing(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        assert (await answer(socket, "become_tutor", {}))["error"]["code"] == "invalid"
        assert (await answer(socket, "join", {**_JOIN, "role": "tutor"}))["error"]["code"] == "invalid"
        assert stage.running.rooms.participants == 0


async def test_a_flood_of_events_is_limited(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        assert (await answer(socket, "join", _JOIN))["ok"]
        for number in range(2, 302):
            await socket.send_str(f'42{number}["sync",{{}}]')
        said: list[dict[str, Any]] = []
        async with asyncio.timeout(8):
            while len(said) < 300:
                text = await socket.receive_str()
                if text.startswith("43"):
                    said.append(json.loads(text[text.index("[") :])[0])
        refused = [s for s in said if not s["ok"]]
        assert {s["error"]["code"] for s in refused} == {"rate_limited"}
        assert refused[0]["error"]["retry_after_s"] > 0
        assert len(refused) >= 50
        assert stage.limits.hits[LimitName.EVENTS] == len(refused)


async def test_a_flood_of_frames_closes_the_socket(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        for _ in range(1200):
            await socket.send_str("3")
        assert await closing_code(socket) == 1008


async def test_hands_are_limited_more_tightly(stage: Stage) -> None:
    async with raw_socket(stage, await stage.token()) as socket:
        await answer(socket, "join", _JOIN)
        said = [await answer(socket, "hand", {"raised": n % 2 == 0}) for n in range(14)]
        assert [s["ok"] for s in said[:10]] == [True] * 10
        assert said[-1]["error"]["code"] == "rate_limited"


async def test_a_reader_that_stops_is_cut_and_holds_little(stage: Stage) -> None:
    token = await stage.token()
    async with raw_socket(stage, token) as socket, page(stage, await stage.token(Role.TUTOR, "T")) as tutor:
        await answer(socket, "join", _JOIN)
        await tutor.join()
        slow = stage.running.signaling._sessions[next(iter(stage.running.signaling._sessions))]
        connection = socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()
        room = stage.running.rooms.live[0]
        outbox = slow._outbox
        assert isinstance(outbox, Outbox)
        most = 0
        async with asyncio.timeout(20):
            while stage.limits.hits[LimitName.OUTBOUND_BYTES] == 0:
                for _ in range(200):
                    slow.deliver(room.state(room.participants[0].id))
                most = max(most, outbox.waiting_bytes)
                await asyncio.sleep(0)
        assert 0 < most <= 4_000_000
        connection.transport.resume_reading()
        await closing_code(socket)
        assert (await tutor.ask("sync"))["ok"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("https://class.example.org", True),
        ("https://learn.example.org", True),
        ("https://evil.example.org", False),
        ("https://class.example.org.evil.example", False),
        ("null", False),
    ],
)
async def test_only_our_pages_and_embedders_open_sockets(stage: Stage, origin: str | None, allowed: bool) -> None:
    if allowed:
        async with raw_socket(stage, await stage.token(), origin) as socket:
            assert (await answer(socket, "join", _JOIN))["ok"]
        return
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        async with raw_socket(stage, None, origin):
            pass
    assert refusal.value.status == 403


async def test_a_room_is_not_reached_with_another_rooms_token(stage: Stage) -> None:
    """The token names the room: there is no room in any message that could be changed."""
    async with raw_socket(stage, await stage.token()) as socket:
        assert (await answer(socket, "join", {**_JOIN, "room": "other"}))["error"]["code"] == "invalid"
