"""aiortc peers through the real packet path: pictures and tones arrive as they were sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiortc import MediaStreamTrack, RTCBundlePolicy
from av import AudioFrame, VideoFrame

from media import MediaPlane, PeerGone, PeerGoneReason, Tile, Use
from tests.media.aiortc_peer import AiortcPeer
from tests.media.pictures import CountingPictures, Tone, draw, read, tone_of

pytestmark = pytest.mark.slow


@pytest.fixture
async def teacher(native_plane: MediaPlane) -> AsyncIterator[AiortcPeer]:
    async with AiortcPeer(native_plane) as peer:
        peer.publish(Use.MIC, Tone(1_000))
        peer.publish(Use.CAMERA, CountingPictures())
        yield await peer.join()


@pytest.fixture
async def learner(native_plane: MediaPlane) -> AsyncIterator[AiortcPeer]:
    async with AiortcPeer(native_plane) as peer:
        peer.watch(Use.AUDIO, Use.VIDEO)
        yield await peer.join()


async def numbers_of(track: MediaStreamTrack, count: int) -> list[int]:
    """Numbers of the next pictures that can be read."""
    numbers: list[int] = []
    async with asyncio.timeout(20):
        while len(numbers) < count:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame)
            with contextlib.suppress(ValueError):  # the first pictures after a key frame are coarse
                numbers.append(read(frame))
    return numbers


async def until_silent_for(track: MediaStreamTrack, limit_s: float) -> None:
    """Reads pictures that are still under way; raises TimeoutError when none came for `limit_s`."""
    for _ in range(300):
        async with asyncio.timeout(limit_s):
            await track.recv()


async def tone_heard(track: MediaStreamTrack) -> float:
    """Frequency of the first loud audio frame after the fade-in."""
    async with asyncio.timeout(20):
        while True:
            frame = await track.recv()
            assert isinstance(frame, AudioFrame)
            frequency, rms = tone_of(frame)
            if rms > 2_000:
                return frequency


def test_the_numbered_picture_can_be_read_back() -> None:
    assert [read(draw(number)) for number in (0, 1, 1_234, 32_767)] == [0, 1, 1_234, 32_767]


async def test_pictures_arrive_in_order_and_the_tone_is_heard(
    native_plane: MediaPlane, teacher: AiortcPeer, learner: AiortcPeer
) -> None:
    camera = teacher.track_of(Use.CAMERA).track
    (change,) = native_plane.set_view(learner.peer, [Tile(camera, 320, 192)])
    video = learner.slot_of(Use.VIDEO)
    assert (change.slot, change.track) == (video.slot, camera)
    numbers = await numbers_of(learner.received(video.mid), 45)
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 40
    assert await tone_heard(learner.received(learner.slot_of(Use.AUDIO).mid)) == pytest.approx(1_000, abs=51)


async def test_a_slot_moves_to_another_teacher_without_a_new_offer(
    native_plane: MediaPlane, teacher: AiortcPeer, learner: AiortcPeer
) -> None:
    async with AiortcPeer(native_plane) as second:
        pictures = CountingPictures()
        pictures.number = 10_000
        second.publish(Use.CAMERA, pictures)
        await second.join()
        received = learner.received(learner.slot_of(Use.VIDEO).mid)
        native_plane.set_view(learner.peer, [Tile(teacher.track_of(Use.CAMERA).track, 320, 192)])
        assert (await numbers_of(received, 5))[-1] < 10_000
        native_plane.set_view(learner.peer, [Tile(second.track_of(Use.CAMERA).track, 320, 192)])
        async with asyncio.timeout(20):
            while (await numbers_of(received, 1))[0] < 10_000:
                continue
        numbers = await numbers_of(received, 20)
        assert min(numbers) > 10_000
        assert numbers == sorted(numbers)


async def test_a_peer_that_gathers_for_each_section_first_is_bundled(native_plane: MediaPlane) -> None:
    async with AiortcPeer(native_plane, bundle=RTCBundlePolicy.BALANCED) as peer:
        peer.publish(Use.MIC, Tone(400))
        peer.watch(Use.AUDIO, Use.VIDEO)
        await peer.join()
        assert {transceiver.currentDirection for transceiver in peer.connection.getTransceivers()} == {
            "sendonly",
            "recvonly",
        }


async def test_leaving_is_seen_by_the_other_side(native_plane: MediaPlane, teacher: AiortcPeer) -> None:
    await native_plane.close_peer(teacher.peer)
    await teacher.ended()
    async with AiortcPeer(native_plane) as second:
        second.publish(Use.MIC, Tone(400))
        await second.join()
        await second.connection.close()
        async with asyncio.timeout(10):
            async for event in native_plane.events():
                if isinstance(event, PeerGone):
                    break
        assert event == PeerGone(second.peer, PeerGoneReason.CLOSED_BY_PEER)


async def test_a_muted_camera_stops_and_comes_back(
    native_plane: MediaPlane, teacher: AiortcPeer, learner: AiortcPeer
) -> None:
    camera = teacher.track_of(Use.CAMERA).track
    received = learner.received(learner.slot_of(Use.VIDEO).mid)
    native_plane.set_view(learner.peer, [Tile(camera, 320, 192)])
    await numbers_of(received, 5)
    native_plane.set_track_enabled(teacher.peer, camera, False)
    with pytest.raises(TimeoutError):
        await until_silent_for(received, 1)
    native_plane.set_track_enabled(teacher.peer, camera, True)
    assert len(await numbers_of(received, 5)) == 5
