"""A person without a browser: the raw WebRTC client, brought into a room of a live server by the wire contract."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket

from media import Answer
from tests.interop.live_server import LiveServer
from tests.media.offers import sdp_of
from tests.media.raw_client import RawClient

WAIT_S = 15
OFFER = "chromium_narrow"
SSRC = int(sdp_of(OFFER).split("a=ssrc:")[1].split(" ")[0])
EXTENSIONS = HeaderExtensionsMap()
EXTENSIONS.configure(
    RTCRtpParameters(
        headerExtensions=[RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:ssrc-audio-level")]
    )
)


class RawPerson:
    """Signalling and media of one person, each datagram chosen by the test."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, server: LiveServer) -> None:
        self.socket = socket
        self.media = RawClient()
        self._server = server
        self._sequence = 1000

    async def ask(self, event: str, payload: object) -> dict[str, Any]:
        """Sends an event; its acknowledgement. Pings are answered, other events passed over."""
        number = secrets.randbelow(10**6)
        await self.socket.send_str(f"42{number}" + json.dumps([event, payload]))
        async with asyncio.timeout(WAIT_S):
            while True:
                text = await self.socket.receive_str()
                if text == "2":
                    await self.socket.send_str("3")
                if text.startswith(f"43{number}["):
                    answer: dict[str, Any] = json.loads(text[2 + len(str(number)) :])[0]
                    return answer

    async def join(self) -> Self:
        media = {"mic": True, "camera": False}
        answer = await self.ask("join", {"client": {"name": "raw", "version": "1"}, "media": media})
        assert answer["ok"], answer
        return self

    async def offer(self) -> Self:
        """The whole classroom's offer; the checks and the handshake are the test's."""
        offer = self.media.offer(OFFER)
        sections = [{"mid": section.mid, "use": section.use.value} for section in offer.sections]
        answer = await self.ask("offer", {"sdp": offer.sdp, "sections": sections})
        assert answer["ok"], answer
        self.media.use(Answer(answer["sdp"], (), ()))
        return self

    async def connect(self) -> Self:
        await self.join()
        await self.offer()
        await self.media.open_udp(self._server.media_port)
        await self.media.connect()
        return self

    def speak(self) -> None:
        """One packet of loud sound."""
        self._sequence += 1
        packet = RtpPacket(payload_type=111, sequence_number=self._sequence, timestamp=960 * self._sequence, ssrc=SSRC)
        packet.payload = b"\xf8" + self._sequence.to_bytes(2)
        packet.extensions = HeaderExtensions(audio_level=(True, 10))
        self.media.send_rtp(packet, EXTENSIONS)

    async def is_heard_by(self, other: "RawPerson", packets: int = 20) -> None:
        """Speaks until the other has received so many more packets."""
        while not other.media.rtp.empty():
            other.media.rtp.get_nowait()
        heard = 0
        async with asyncio.timeout(WAIT_S):
            while heard < packets:
                self.speak()
                # One packet in 20 ms, as Opus has them: more would break the limit on a sound's rate.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        while True:
                            await other.media.rtp.get()
                            heard += 1


@asynccontextmanager
async def raw_person(server: LiveServer, link: str, name: str = "Raw") -> AsyncIterator[RawPerson]:
    """Exchanges the invitation and opens the signalling; `join`, `offer` and `connect` are the test's."""
    async with aiohttp.ClientSession() as http:
        key = secrets.token_urlsafe(16)
        body = {"invitation": link.split("invitation=")[1], "name": name, "guest_key": key}
        async with http.post(f"{server.url}/api/session", json=body) as answer:
            token = (await answer.json())["token"]
        address = f"{server.url}/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address, max_msg_size=0) as socket:
            assert (await socket.receive_str()).startswith("0{")
            await socket.send_str("40" + json.dumps({"token": token, "tab": secrets.token_hex(8)}))
            assert (await socket.receive_str()).startswith("40")
            person = RawPerson(socket, server)
            try:
                yield person
            finally:
                await person.media.close()


async def dropped(server: LiveServer) -> dict[str, float]:
    """Dropped packets by reason, as `/metrics` tells them."""
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics") as answer:
        lines = [line for line in (await answer.text()).splitlines() if line.startswith("muster_native_dropped_total")]
    return {line.split('reason="')[1].split('"')[0]: float(line.split()[-1]) for line in lines}
