"""Attacks on a whole server over real sockets: what is dropped is counted, and two honest people go on."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from aioice import stun

from tests.interop.class_rooms import ClassRoom
from tests.interop.live_server import LiveServer
from tests.interop.raw_person import RawPerson, dropped, raw_person
from tests.media.offers import sdp_of
from tests.media.raw_client import RawClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True, slots=True)
class Pair:
    """A speaker and a listener with established media."""

    server: LiveServer
    speaker: RawPerson
    listener: RawPerson

    async def goes_on(self) -> None:
        await self.speaker.is_heard_by(self.listener)

    async def counted(self, reason: str, more_than: float) -> None:
        """The counter rises above `more_than`, while the speaker speaks on."""
        async with asyncio.timeout(15):
            while (await dropped(self.server)).get(reason, 0) <= more_than:
                self.speaker.speak()


@pytest_asyncio.fixture(loop_scope="module")
async def pair(shared_server: LiveServer, room: ClassRoom) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        speaker = await stack.enter_async_context(raw_person(shared_server, room.tutor, "Speaker"))
        listener = await stack.enter_async_context(raw_person(shared_server, room.officer, "Listener"))
        await speaker.connect()
        await listener.connect()
        pair = Pair(shared_server, speaker, listener)
        await pair.goes_on()
        yield pair


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(shared_server: LiveServer) -> AsyncIterator[RawClient]:
    """Another address that nobody has checked."""
    client = RawClient()
    await client.open_udp(shared_server.media_port)
    yield client
    await client.close()


async def test_empty_datagrams_at_an_established_peer_change_nothing(pair: Pair) -> None:
    before = (await dropped(pair.server))["empty"]
    for person in (pair.speaker, pair.listener):
        # asyncio sends no empty datagram, the system does.
        transport = person.media.link._transport  # type: ignore[attr-defined] # the UDP link has it
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as bare:
            for _ in range(25):
                bare.send(b"")
    await pair.counted("empty", before + 49)
    await pair.goes_on()


async def test_a_strangers_hello_does_not_disturb_an_established_peer(pair: Pair, stranger: RawClient) -> None:
    before = (await dropped(pair.server))["unknown_tuple"]
    async with asyncio.TaskGroup() as group:
        hello = group.create_task(stranger.dtls.connect("sha-256 " + ":".join(["00"] * 32)))
        await pair.counted("unknown_tuple", before)
        await pair.goes_on()
        hello.cancel()
    assert not stranger.dtls.connected


async def test_a_check_with_a_wrong_integrity_gets_no_answer(pair: Pair, stranger: RawClient) -> None:
    stranger._server = pair.speaker.media._server
    stranger.ufrag = pair.speaker.media.ufrag
    before = (await dropped(pair.server))["stun_integrity"]
    stranger.send_check(pwd="x" * 32)
    await pair.counted("stun_integrity", before)
    assert stranger.stun.empty()
    await pair.goes_on()


async def test_a_hello_before_the_first_check_gets_no_answer(shared_server: LiveServer, room: ClassRoom) -> None:
    async with raw_person(shared_server, room.officer) as person:
        await (await person.join()).offer()
        await person.media.open_udp(shared_server.media_port)
        before = await dropped(shared_server)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            early = group.create_task(person.media.dtls.connect(person.media.server_fingerprint))
            while await dropped(shared_server) == before:
                await person.media.dtls.link.sending.wait()
            assert not person.media.dtls.connected
            assert (await person.media.check()).message_class is stun.Class.RESPONSE
            # The same handshake is let through once the address is proven.
            await early
        assert person.media.dtls.connected


async def test_replayed_sound_is_dropped_and_counted(pair: Pair) -> None:
    before = (await dropped(pair.server))["srtp_replay"]
    sent: list[bytes] = []
    link = pair.speaker.media.link
    send = link.send

    def tapped(data: bytes) -> None:
        sent.append(data)
        send(data)

    link.send = tapped  # type: ignore[method-assign] # a tap on the wire
    await pair.goes_on()
    link.send = send  # type: ignore[method-assign] # the tap comes off
    for datagram in sent[-10:]:
        send(datagram)
    await pair.counted("srtp_replay", before + 9)
    await pair.goes_on()


async def test_true_sound_from_another_address_is_dropped(pair: Pair, stranger: RawClient) -> None:
    before = (await dropped(pair.server))["unknown_tuple"]
    link = pair.speaker.media.link
    pair.speaker.media.link = stranger.link
    for _ in range(10):
        pair.speaker.speak()
    pair.speaker.media.link = link
    await pair.counted("unknown_tuple", before + 9)
    await pair.goes_on()


BOMBS = {
    "five hundred sections": "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + "m=audio 9 X 0\r\n" * 500,
    "no lines": "a" * 60_000,
    "nothing but line ends": "\r\n" * 10_000,
    "a thousand candidates": sdp_of("firefox_whip")
    + "".join(f"a=candidate:{number} 1 udp 1 192.0.2.1 9 typ host\r\n" for number in range(1_000)),
    "every character": "".join(map(chr, range(1, 5_000))),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_an_offer_that_is_a_bomb_is_refused_in_words(pair: Pair, bomb: str) -> None:
    answer = await pair.listener.ask("offer", {"sdp": BOMBS[bomb], "sections": [{"mid": "0", "use": "mic"}]})
    assert answer["ok"] is False
    assert answer["error"]["code"] in ("offer_refused", "invalid")
    assert "Traceback" not in json.dumps(answer)
    await pair.goes_on()


async def test_an_unfinished_attachment_closes_its_socket_alone(
    pair: Pair, shared_server: LiveServer, room: ClassRoom
) -> None:
    async with raw_person(shared_server, room.officer, "Hostile") as hostile:
        await hostile.join()
        await hostile.socket.send_str('451-["hand",{"raised":{"_placeholder":true,"num":0}}]')
        await closed(hostile.socket)
    await pair.goes_on()


async def test_a_reader_that_stops_does_not_slow_the_room(
    pair: Pair, shared_server: LiveServer, room: ClassRoom
) -> None:
    async with raw_person(shared_server, room.officer, "Slow") as slow:
        await slow.join()
        connection = slow.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()
        for _ in range(100):
            assert (await pair.speaker.ask("sync", {}))["ok"]
        await pair.goes_on()
        connection.transport.abort()


async def test_a_request_that_never_ends_is_cut_and_others_are_served(shared_server: LiveServer) -> None:
    """Slowloris: the header comes a byte at a time (aiohttp has no time limit of its own)."""
    slow = [await asyncio.open_connection("127.0.0.1", shared_server.http_port) for _ in range(50)]
    for _, writer in slow:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    async with aiohttp.ClientSession() as http, http.get(f"{shared_server.url}/healthz") as answer:
        assert answer.status == 200
    async with asyncio.timeout(40):
        for reader, writer in slow:
            await reader.read()
            writer.close()


async def closed(socket: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(15):
        async for _ in socket:
            pass
    assert socket.closed
