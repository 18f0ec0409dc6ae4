"""People who join a class one after another, as a browser does: link, socket, join, offer, DTLS, first sound.

A process of its own: `python -m benchmarks.loadgen.joiners URL TUTOR_LINK OFFICER_LINK COUNT PID`. Prints one JSON line
when the speaker is heard ("ready"), waits for a line on standard input, then one JSON line with the times and with the
CPU time that the server (PID) used meanwhile. Leaving is outside of both clocks.
"""

import asyncio
import contextlib
import json
import secrets
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import aioice.ice
import socketio
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from av import AudioFrame

from benchmarks.report import cpu_ns

SECTIONS = [
    *[("mic", "audio", "sendonly"), ("camera", "video", "sendonly"), ("screen", "video", "sendonly")],
    *[("audio", "audio", "recvonly")] * 3,
    ("interpretation", "audio", "recvonly"),
    *[("video", "video", "recvonly")] * 9,
    ("screen_view", "video", "recvonly"),
]
JOIN_TIMEOUT_S = 20


class Tone(AudioStreamTrack):
    """A square wave: loud enough to be a speaker, cheap to make."""

    async def recv(self) -> AudioFrame:
        frame = await super().recv()
        assert isinstance(frame, AudioFrame), "an audio track gives audio"
        loud = b"\x00\x30\x00\xd0" * (frame.samples // 2)
        frame.planes[0].update(loud)
        return frame


class Joiner:
    """One person with one socket and one peer connection."""

    def __init__(self, url: str, link: str, name: str) -> None:
        self._url = url
        self._link = link
        self._name = name
        self._socket = socketio.AsyncClient(reconnection=False)
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._heard: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()

    async def join(self, http: aiohttp.ClientSession, mic: MediaStreamTrack | None = None) -> None:
        """Until the answer is applied."""
        invitation = parse_qs(urlsplit(self._link).fragment)["invitation"][0]
        exchange = {"invitation": invitation, "name": self._name, "guest_key": secrets.token_urlsafe(16)}
        async with http.post(f"{self._url}/api/session", json=exchange) as response:
            admitted = await response.json()
            assert response.status == 200, admitted
        tab = secrets.token_urlsafe(16)
        auth = {"token": admitted["token"], "tab": tab}
        await self._socket.connect(self._url, transports=["websocket"], auth=auth)
        media = {"mic": mic is not None, "camera": False}
        await self._ask("join", {"client": {"name": "joiners", "version": "1"}, "media": media})
        self._pc.on("track", self._heard.put_nowait)
        for use, kind, direction in SECTIONS:
            track = mic if use == "mic" and mic is not None else kind
            self._pc.addTransceiver(track, direction=direction)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        uses = [use for use, _, _ in SECTIONS]
        sections = [{"mid": t.mid, "use": u} for t, u in zip(self._pc.getTransceivers(), uses, strict=True)]
        answer = await self._ask("offer", {"sdp": self._pc.localDescription.sdp, "sections": sections})
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=answer["sdp"], type="answer"))
        if mic is not None:
            await self._ask("media", {"mic": True})

    async def first_audio(self) -> None:
        """Until one of the sound slots gives a decoded frame."""
        async with asyncio.timeout(JOIN_TIMEOUT_S), asyncio.TaskGroup() as group:
            done = asyncio.Event()
            waiting = [group.create_task(_frame(await self._heard.get(), done)) for _ in range(13)]
            await done.wait()
            for task in waiting:
                task.cancel()

    async def leave(self) -> None:
        await self._ask("leave", {})
        await self._pc.close()
        await self._socket.disconnect()

    async def _ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        reply: dict[str, Any] = await self._socket.call(event, payload, timeout=JOIN_TIMEOUT_S)
        assert reply["ok"], (event, reply)
        return reply


async def _frame(track: MediaStreamTrack, done: asyncio.Event) -> None:
    if track.kind != "audio":
        return
    with contextlib.suppress(asyncio.CancelledError):
        await track.recv()
        done.set()


async def main(url: str, tutor: str, officer: str, count: int, pid: int) -> None:
    async with aiohttp.ClientSession() as http:
        speaker = Joiner(url, tutor, "Speaker")
        await speaker.join(http, Tone())
        listener = Joiner(url, officer, "Listener")
        await listener.join(http)
        await listener.first_audio()
        print(json.dumps({"ready": True}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        times, used = [], []
        for number in range(count):
            joiner = Joiner(url, officer, f"Officer {number}")
            began, cpu = time.monotonic(), cpu_ns(pid)
            await joiner.join(http)
            await joiner.first_audio()
            times.append((time.monotonic() - began) * 1000)
            used.append((cpu_ns(pid) - cpu) / 1e6)
            await joiner.leave()
        print(json.dumps({"join_to_first_audio_ms": times, "server_cpu_ms": used}), flush=True)
        await listener.leave()
        await speaker.leave()


if __name__ == "__main__":
    # aioice leaves loopback out; all traffic of a benchmark stays on it.
    aioice.ice.get_host_addresses = lambda **_: ["127.0.0.1"]
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
