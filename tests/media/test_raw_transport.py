"""The real packet path and control side against a client that misbehaves on purpose, over UDP and TCP."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from media import (
    Answer,
    GroupId,
    LayerActive,
    MediaEvent,
    MediaPlane,
    PathChanged,
    PeerConnected,
    PeerGone,
    PeerGoneReason,
    PeerId,
    TappedPacket,
    TappedTrack,
    TrackId,
)
from tests.media.raw_client import RawClient

ROOM = GroupId(1)


@pytest.fixture
async def client() -> AsyncIterator[RawClient]:
    client = RawClient()
    yield client
    await client.close()


@pytest.fixture
async def other() -> AsyncIterator[RawClient]:
    client = RawClient()
    yield client
    await client.close()


async def event_of(plane: MediaPlane, kind: type[MediaEvent]) -> MediaEvent:
    async with asyncio.timeout(5):
        async for event in plane.events():
            if isinstance(event, kind):
                return event
    raise AssertionError("the events ended")


async def offered(plane: MediaPlane, client: RawClient, name: str) -> tuple[PeerId, Answer]:
    peer = await plane.open_peer(ROOM)
    answer = await plane.answer(peer, client.offer(name))
    client.use(answer)
    return peer, answer


def opus(number: int, ssrc: int) -> RtpPacket:
    """A packet of the captured offer's microphone."""
    packet = RtpPacket(payload_type=111, sequence_number=number, timestamp=960 * number, ssrc=ssrc)
    packet.payload = b"opus %d" % number
    return packet


async def speak(publisher: RawClient, viewer: RawClient, first: int = 0) -> RtpPacket:
    """Sends a packet every 20 ms until the viewer got one of them."""
    ssrc = ssrc_of(publisher, "chromium_whip")
    for number in range(first, first + 200):
        publisher.send_rtp(opus(number, ssrc))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                while (got := await viewer.rtp.get()).payload < b"opus %d" % first:
                    continue
                return got
    raise AssertionError("nothing came through in 200 packets")


def ssrc_of(client: RawClient, name: str) -> int:
    return int(client.offer(name).sdp.split("a=ssrc:")[1].split(" ")[0])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_audio_goes_through_between_clients_on_any_transport(
    native_plane: MediaPlane, client: RawClient, other: RawClient, transport: str
) -> None:
    await offered(native_plane, client, "chromium_whip")
    _, watched = await offered(native_plane, other, "chromium_whep")
    for each in (client, other):
        await (each.open_udp if transport == "udp" else each.open_tcp)(native_plane.port)
        await each.connect()
    got = await speak(client, other)
    assert got.payload.startswith(b"opus ")
    assert f"a=ssrc:{got.ssrc} " in watched.sdp
    event = await event_of(native_plane, PeerConnected)
    assert isinstance(event, PeerConnected)
    assert event.transport == transport


async def test_an_ice_restart_keeps_the_keys_and_the_media(
    native_plane: MediaPlane, client: RawClient, other: RawClient
) -> None:
    peer, _ = await offered(native_plane, client, "chromium_whip")
    await offered(native_plane, other, "chromium_whep")
    for each in (client, other):
        await each.open_udp(native_plane.port)
        await each.connect()
    await speak(client, other)
    old_link = client.link
    client.restart()
    client.use(await native_plane.answer(peer, client.offer("chromium_whip")))
    await client.open_udp(native_plane.port)
    assert (await client.check()).attributes["XOR-MAPPED-ADDRESS"][0] == "127.0.0.1"
    old_link.close()
    got = await speak(client, other, first=500)
    assert got.payload.startswith((b"opus 5", b"opus 6"))
    assert native_plane.counters()["setup_ice_restarts"] == 1


async def test_a_hello_from_an_address_without_a_check_is_ignored(
    native_plane: MediaPlane, client: RawClient, other: RawClient
) -> None:
    """The ClientHello race: a stranger's hello must neither win nor spoil the handshake (ASVS 17.2.6)."""
    await offered(native_plane, client, "chromium_whip")
    await client.open_udp(native_plane.port)
    await other.open_udp(native_plane.port)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        stranger = group.create_task(other.dtls.connect("sha-256 " + ":".join(["00"] * 32)))
        await other.dtls.link.sending.wait()
        await client.connect()
        stranger.cancel()
    assert not other.dtls.connected
    event = await event_of(native_plane, PeerConnected)
    assert isinstance(event, PeerConnected)


async def test_another_certificate_than_the_offers_is_refused(native_plane: MediaPlane, client: RawClient) -> None:
    peer = await native_plane.open_peer(ROOM)
    honest = RawClient()
    client.use(await native_plane.answer(peer, honest.offer("chromium_whip")))
    client.ufrag = honest.ufrag  # all of the offer is stolen, but not the key of its certificate
    await client.open_udp(native_plane.port)
    client.send_check()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        handshake = group.create_task(client.dtls.connect(client.server_fingerprint))
        assert await event_of(native_plane, PeerGone) == PeerGone(peer, PeerGoneReason.DTLS_FAILED)
        handshake.cancel()
    assert native_plane.counters()["setup_dtls_failed"] == 1


async def test_empty_and_junk_datagrams_harm_nobody(
    native_plane: MediaPlane, client: RawClient, other: RawClient
) -> None:
    await offered(native_plane, client, "chromium_whip")
    await offered(native_plane, other, "chromium_whep")
    for each in (client, other):
        await each.open_udp(native_plane.port)
    junk = [b"", b"\x00", b"\x16", b"\x16\xfe\xfd" + bytes(10), b"\x15\xfe\xfd" + bytes(12), b"\x80", b"\xff" * 1_499]
    for datagram in junk:
        client.link.send(datagram)
    for each in (client, other):
        await each.connect()
    for datagram in junk * 20:
        client.link.send(datagram)
        other.link.send(datagram)
    assert await speak(client, other)


async def test_a_check_with_a_wrong_password_gets_no_answer_and_no_path(
    native_plane: MediaPlane, client: RawClient
) -> None:
    peer, _ = await offered(native_plane, client, "chromium_whip")
    await client.open_udp(native_plane.port)
    client.send_check(pwd="x" * 32)
    await client.check()
    assert client.stun.empty()
    assert await event_of(native_plane, PathChanged) == PathChanged(peer, "udp")


@pytest.mark.parametrize(("browser", "mid_id", "rid_id", "pt"), [("firefox", 3, 9, 120), ("chromium", 4, 10, 96)])
async def test_simulcast_layers_are_known_by_the_rids_of_the_video_section(
    native_plane: MediaPlane, client: RawClient, browser: str, mid_id: int, rid_id: int, pt: int
) -> None:
    """Audio sections list no rid extension; that once left every layer of a camera unbound."""
    _, answer = await offered(native_plane, client, f"{browser}_classroom")
    await client.open_udp(native_plane.port)
    await client.connect()
    ids = HeaderExtensionsMap()
    uris = {mid_id: "urn:ietf:params:rtp-hdrext:sdes:mid", rid_id: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"}
    ids.configure(
        RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=id_, uri=uris[id_]) for id_ in uris])
    )
    active: dict[int, TrackId] = {}
    for number in range(50):
        for layer, rid in enumerate("qhf"):
            packet = RtpPacket(payload_type=pt, sequence_number=number, timestamp=3_000 * number, ssrc=1_000 + layer)
            packet.extensions.mid, packet.extensions.rtp_stream_id = "1", rid
            packet.marker, packet.payload = 1, VP8_KEY_FRAME
            client.send_rtp(packet, ids)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                async for event in native_plane.events():
                    if isinstance(event, LayerActive) and event.active:
                        active[event.layer] = event.track
        if len(active) == 3:
            break
    assert active == dict.fromkeys(range(3), answer.tracks[1].track)


VP8_KEY_FRAME = bytes([0x10, 0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xC0, 0x00]) + bytes(40)


class Recorder:
    """Keeps what a tap gives."""

    def __init__(self) -> None:
        self.tracks: list[TappedTrack] = []
        self.got: asyncio.Queue[TappedPacket] = asyncio.Queue()

    def track_started(self, track: TappedTrack) -> None:
        self.tracks.append(track)

    def track_ended(self, track: TrackId) -> None: ...

    def packets(self, batch: list[TappedPacket]) -> None:
        for packet in batch:
            self.got.put_nowait(packet)


async def test_a_recorder_gets_the_publishers_packets_decrypted(native_plane: MediaPlane, client: RawClient) -> None:
    _, answer = await offered(native_plane, client, "chromium_whip")
    await client.open_udp(native_plane.port)
    await client.connect()
    recorder = Recorder()
    native_plane.add_tap(ROOM, recorder)
    ssrc = ssrc_of(client, "chromium_whip")
    before = time.time_ns() // 1_000
    for number in range(100):
        client.send_rtp(opus(number, ssrc))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                packet = await recorder.got.get()
                break
    native_plane.remove_tap(recorder)
    assert packet.track == answer.tracks[0].track
    assert [track.track for track in recorder.tracks] == [track.track for track in answer.tracks]
    rtp = RtpPacket.parse(packet.rtp)
    assert (rtp.payload_type, rtp.ssrc) == (111, ssrc)
    assert rtp.payload.startswith(b"opus ")
    assert -1_000_000 < packet.arrival_us - before < 10_000_000
