"""Real media through the whole server: a WHIP publisher's voice reaches a WHEP player (aiortc on both ends)."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from av import VideoFrame

from media import MediaConfig, MediaPlane
from server.access import Role
from server.settings import StorageConfig
from tests.server.running import Stage, page, running_stage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("media._native") is None, reason="the native module is not built"),
]


@pytest.fixture
async def live(sqlite_config: StorageConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A server with the real packet path on loopback."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])
    async with (
        MediaPlane(MediaConfig(host="127.0.0.1", port=0, workers=1)) as plane,
        running_stage(sqlite_config, tmp_path / "static", plane=plane) as stage,
    ):
        yield stage


@asynccontextmanager
async def _client(stage: Stage, path: str, token: str, *tracks: MediaStreamTrack) -> AsyncIterator[RTCPeerConnection]:
    """A standard client: without tracks a player, else a publisher."""
    configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    connection = RTCPeerConnection(configuration)
    try:
        for track in tracks:
            connection.addTransceiver(track, direction="sendonly")
        for kind in () if tracks else ("audio", "video"):
            connection.addTransceiver(kind, direction="recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        url = f"{stage.url}/{path}/{stage.room.id}"
        async with stage.http.post(url, data=connection.localDescription.sdp, headers=headers) as response:
            answer = await response.text()
            assert response.status == 201, answer
            where = response.headers["Location"]
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        yield connection
        async with stage.http.delete(stage.url + where, headers=headers) as response:
            assert response.status == 200
    finally:
        await connection.close()


async def test_a_player_decodes_what_an_encoder_sends(live: Stage) -> None:
    encoder = await live.token(Role.TUTOR, "Encoder")
    player = await live.token(Role.OBSERVER, "Hall")
    async with page(live, await live.token(name="Officer"), "tab-00000002") as tab:
        await tab.join(camera=False)
        async with (
            _client(live, "whip", encoder, AudioStreamTrack(), VideoStreamTrack()),
            _client(live, "whep", player) as playing,
        ):
            names = {p["name"] for p in (await tab.ask("sync"))["state"]["participants"]}
            assert names == {"Officer", "Encoder", "Hall"}
            video = next(t.receiver.track for t in playing.getTransceivers() if t.kind == "video")
            async with asyncio.timeout(30):
                frame = await video.recv()
            assert isinstance(frame, VideoFrame)
            assert (frame.width, frame.height) == (640, 480)
        assert live.running.rooms.participants == 1
