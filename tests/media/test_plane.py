"""The plane over a packet path without packets: offers, restarts, views, ends and taps."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from media import (
    Answer,
    GroupId,
    MediaConfig,
    MediaEvent,
    MediaPlane,
    Offer,
    OfferRefused,
    PathChanged,
    PeerConnected,
    PeerGone,
    PeerGoneReason,
    PeerId,
    PlaneClosed,
    RefusedReason,
    SlotFilled,
    SlotId,
    TappedPacket,
    TappedTrack,
    Tile,
    TrackId,
    UnknownPeer,
    Use,
)
from media.forwarder import DtlsReceived, PathSelected
from tests.media.dtls_client import DtlsClient
from tests.media.fake_path import FakePath
from tests.media.offers import offer_of

ROOM = GroupId(1)
PATHS: list[FakePath] = []


def opened(config: MediaConfig) -> FakePath:
    PATHS.append(FakePath(config))
    return PATHS[-1]


@pytest.fixture
async def plane() -> AsyncIterator[MediaPlane]:
    async with MediaPlane(MediaConfig(announced=("192.0.2.7",)), open_path=opened) as plane:
        yield plane


@pytest.fixture
def path(plane: MediaPlane) -> FakePath:
    return PATHS[-1]


async def event_of(plane: MediaPlane, kind: type[MediaEvent]) -> MediaEvent:
    async with asyncio.timeout(5):
        async for event in plane.events():
            if isinstance(event, kind):
                return event
    raise AssertionError("the events ended")


async def joined(plane: MediaPlane, name: str, group: GroupId = ROOM) -> tuple[PeerId, Answer]:
    peer = await plane.open_peer(group)
    return peer, await plane.answer(peer, offer_of(name))


async def test_a_peer_that_never_sends_a_check_is_closed() -> None:
    config = MediaConfig(announced=("192.0.2.7",), unconnected_timeout_s=0.02)
    async with MediaPlane(config, open_path=opened) as plane:
        peer, _ = await joined(plane, "chromium_whip")
        assert await event_of(plane, PeerGone) == PeerGone(peer, PeerGoneReason.DTLS_FAILED)
        assert PATHS[-1].called("remove_peer") == [(peer,)]
        with pytest.raises(UnknownPeer):
            plane.set_view(peer, [])


def with_new_ufrag(offer: Offer) -> Offer:
    old = offer.sdp.split("a=ice-ufrag:")[1].split("\r\n")[0]
    return Offer(offer.sdp.replace(f"a=ice-ufrag:{old}", "a=ice-ufrag:restarted"), offer.sections)


def with_certificate_of(offer: Offer, client: DtlsClient) -> Offer:
    old = offer.sdp.split("a=fingerprint:")[1].split("\r\n")[0]
    new = next(one for one in client.fingerprints if one.algorithm == "sha-256")
    return Offer(offer.sdp.replace(old, f"sha-256 {new.value}"), offer.sections)


def tiles(*tracks: TrackId) -> list[Tile]:
    return [Tile(track, 1_280, 720) for track in tracks]


async def test_a_first_offer_registers_adds_and_configures_in_this_order(plane: MediaPlane, path: FakePath) -> None:
    peer, answer = await joined(plane, "chromium_classroom")
    assert [call[:2] for call in path.calls] == [("register", peer), ("add_peer", peer), ("configure", peer)]
    ((_, ufrag, pwd, remote),) = path.called("register")
    assert f"a=ice-ufrag:{ufrag}\r\n" in answer.sdp
    assert f"a=ice-pwd:{pwd}\r\n" in answer.sdp
    assert f"a=ice-ufrag:{remote}\r\n" in offer_of("chromium_classroom").sdp
    assert "192.0.2.7 5004" in answer.sdp
    assert [track.use for track in answer.tracks] == [Use.MIC, Use.CAMERA, Use.SCREEN]
    assert [track.layers for track in answer.tracks] == [1, 3, 1]
    assert len(answer.slots) == 14
    ((_, receive, slots),) = path.called("configure")
    assert receive[1].rids == ("q", "h", "f")
    assert receive[2].screen
    assert [slot.loudest for slot in slots[:4]] == [True, True, True, False]
    assert len({slot.ssrc for slot in slots} | {slot.rtx_ssrc for slot in slots if slot.rtx_ssrc}) == 14 + 10


async def test_the_same_offer_again_changes_no_number_and_no_credential(plane: MediaPlane, path: FakePath) -> None:
    peer, first = await joined(plane, "firefox_classroom")
    second = await plane.answer(peer, offer_of("firefox_classroom"))
    assert (second.tracks, second.slots) == (first.tracks, first.slots)
    assert len(path.called("register")) == 1
    assert path.called("configure")[0] == path.called("configure")[1]
    assert _version(second.sdp) == _version(first.sdp) + 1


async def test_a_new_ufrag_restarts_ice_and_keeps_the_rest(plane: MediaPlane, path: FakePath) -> None:
    peer, first = await joined(plane, "firefox_classroom")
    second = await plane.answer(peer, with_new_ufrag(offer_of("firefox_classroom")))
    old, new = path.called("register")
    assert old[1:3] != new[1:3]
    assert new[3] == "restarted"
    assert (second.tracks, second.slots) == (first.tracks, first.slots)
    assert len(path.called("add_peer")) == 1
    assert plane.counters()["setup_ice_restarts"] == 1


async def test_another_certificate_on_the_same_peer_is_refused(plane: MediaPlane) -> None:
    peer, _ = await joined(plane, "chromium_whip")
    with pytest.raises(OfferRefused) as caught:
        await plane.answer(peer, with_certificate_of(offer_of("chromium_whip"), DtlsClient(lambda _: None)))
    assert caught.value.reason is RefusedReason.TRANSPORT_CHANGED


async def test_a_refused_offer_leaves_the_peer_as_it_was(plane: MediaPlane, path: FakePath) -> None:
    peer = await plane.open_peer(ROOM)
    with pytest.raises(OfferRefused):
        await plane.answer(peer, Offer("nonsense", ()))
    assert path.calls == []
    assert (await plane.answer(peer, offer_of("chromium_whep"))).slots
    assert plane.counters()["setup_offers_refused"] == 1


async def test_keys_reach_the_packet_path_after_the_handshake(plane: MediaPlane, path: FakePath) -> None:
    peer = await plane.open_peer(ROOM)
    client = DtlsClient(lambda data: path.say(DtlsReceived(peer, data)))
    answer = await plane.answer(peer, with_certificate_of(offer_of("chromium_whip"), client))
    path.say(PathSelected(peer, "tcp", "192.0.2.9", 9))
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        handshake = group.create_task(client.connect(_fingerprint(answer)))
        carried = 0
        while not handshake.done():
            flights = path.called("send_dtls")
            for _, data in flights[carried:]:
                client.link.arrive(data)
            carried = len(flights)
            await asyncio.sleep(0)
    assert await event_of(plane, PathChanged) == PathChanged(peer, "tcp")
    assert await event_of(plane, PeerConnected) == PeerConnected(peer, "tcp")
    ((of, keys),) = path.called("set_keys")
    assert (of, keys.profile) == (peer, "SRTP_AEAD_AES_128_GCM")
    await client.stop()
    path.say(*[DtlsReceived(peer, data) for data in client.link.sent[-1:]])
    assert await event_of(plane, PeerGone) == PeerGone(peer, PeerGoneReason.CLOSED_BY_PEER)


async def test_a_peer_that_never_connects_is_told_gone_and_forgotten() -> None:
    config = MediaConfig(unconnected_timeout_s=0.02)
    async with MediaPlane(config, open_path=opened) as plane:
        peer, _ = await joined(plane, "chromium_whip")
        assert await event_of(plane, PeerGone) == PeerGone(peer, PeerGoneReason.DTLS_FAILED)
        assert PATHS[-1].called("remove_peer") == [(peer,)]
        with pytest.raises(UnknownPeer):
            plane.set_view(peer, [])


async def test_a_peer_whose_consent_expired_is_told_gone_once(plane: MediaPlane, path: FakePath) -> None:
    peer, _ = await joined(plane, "chromium_whip")
    path.say(*[PeerGone(peer, PeerGoneReason.CONSENT_EXPIRED)] * 2, PeerGone(peer, PeerGoneReason.REMOVED))
    assert await event_of(plane, PeerGone) == PeerGone(peer, PeerGoneReason.CONSENT_EXPIRED)
    other = await plane.open_peer(ROOM)
    path.say(PathSelected(other, "udp", "192.0.2.9", 9))
    assert await event_of(plane, PathChanged) == PathChanged(other, "udp")


async def test_closing_says_nothing_and_may_be_repeated(plane: MediaPlane, path: FakePath) -> None:
    peer, _ = await joined(plane, "chromium_whip")
    await plane.close_peer(peer)
    await plane.close_peer(peer)
    assert path.called("remove_peer") == [(peer,)]
    assert plane.counters()["setup_peers_open"] == 0


async def test_a_view_puts_cameras_on_slots_and_a_leaving_one_makes_room(plane: MediaPlane, path: FakePath) -> None:
    viewer, watched = await joined(plane, "chromium_whep")
    first, one = await joined(plane, "chromium_whip")
    _, two = await joined(plane, "firefox_whip")
    (video,) = [slot.slot for slot in watched.slots if slot.use is Use.VIDEO]
    cameras = [answer.tracks[1].track for answer in (one, two)]
    changes = plane.set_view(viewer, tiles(*cameras))
    assert [(change.slot, change.track) for change in changes] == [(video, cameras[0])]
    assert plane.set_view(viewer, tiles(*cameras)) == []
    await plane.close_peer(first)
    assert await event_of(plane, SlotFilled) == SlotFilled(viewer, video, cameras[1])
    assert path.called("route") == [(viewer, video, cameras[0], 0), (viewer, video, cameras[1], 0)]


async def test_nobody_sees_another_group_nor_themselves(plane: MediaPlane) -> None:
    peer, own = await joined(plane, "chromium_classroom")
    _, foreign = await joined(plane, "chromium_whip", GroupId(2))
    assert plane.set_view(peer, tiles(own.tracks[1].track, foreign.tracks[1].track, TrackId(999))) == []


async def test_a_view_before_the_offer_is_kept_for_it(plane: MediaPlane, path: FakePath) -> None:
    _, published = await joined(plane, "chromium_whip")
    viewer = await plane.open_peer(ROOM)
    assert plane.set_view(viewer, tiles(published.tracks[1].track)) == []
    await plane.answer(viewer, offer_of("chromium_whep"))
    assert await event_of(plane, SlotFilled) == SlotFilled(viewer, SlotId(1), published.tracks[1].track)


async def test_only_own_tracks_can_be_switched(plane: MediaPlane, path: FakePath) -> None:
    peer, answer = await joined(plane, "chromium_whip")
    other, _ = await joined(plane, "firefox_whip")
    plane.set_track_enabled(other, answer.tracks[0].track, False)
    plane.set_track_enabled(peer, answer.tracks[0].track, False)
    assert path.called("set_track_enabled") == [(peer, answer.tracks[0].track, False)]


@dataclass
class Recorder:
    tracks: list[TappedTrack] = field(default_factory=list)
    ended: list[TrackId] = field(default_factory=list)
    got: list[TappedPacket] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def track_started(self, track: TappedTrack) -> None:
        self.tracks.append(track)

    def track_ended(self, track: TrackId) -> None:
        self.ended.append(track)

    def packets(self, batch: list[TappedPacket]) -> None:
        self.got += batch
        self.arrived.set()


class Broken(Recorder):
    def packets(self, batch: list[TappedPacket]) -> None:
        raise RuntimeError("disk full")


async def test_a_tap_learns_tracks_before_and_after_it_came_and_gets_packets(plane: MediaPlane, path: FakePath) -> None:
    first, before = await joined(plane, "chromium_whip")
    recorder = Recorder()
    plane.add_tap(ROOM, recorder)
    assert path.called("request_key_frame") == [(first, before.tracks[1].track)]
    _, after = await joined(plane, "firefox_whip")
    await joined(plane, "firefox_whip", GroupId(2))
    assert [track.track for track in recorder.tracks] == [
        track.track for answer in (before, after) for track in answer.tracks
    ]
    path.taken = [(1, before.tracks[0].track, 0, 123, b"\x80rtp"), (7, 1, 0, 1, b"of no tap")]
    async with asyncio.timeout(5):
        await recorder.arrived.wait()
    assert recorder.got == [TappedPacket(before.tracks[0].track, 0, 123, b"\x80rtp")]
    await plane.close_peer(first)
    assert recorder.ended == [track.track for track in before.tracks]
    plane.remove_tap(recorder)
    plane.remove_tap(recorder)
    assert path.called("remove_tap") == [(1,)]


async def test_a_tap_that_raises_ends_alone(plane: MediaPlane, path: FakePath) -> None:
    broken, sound = Broken(), Recorder()
    plane.add_tap(ROOM, broken)
    plane.add_tap(ROOM, sound)
    path.taken = [(1, 1, 0, 1, b"x"), (2, 1, 0, 1, b"x")]
    async with asyncio.timeout(5):
        await sound.arrived.wait()
    assert path.called("remove_tap") == [(1,)]
    assert plane.counters()["setup_tap_removed"] == 1


async def test_a_hostile_peer_ends_alone(plane: MediaPlane, path: FakePath, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, _ = await joined(plane, "chromium_whip")
    good, _ = await joined(plane, "firefox_whip")

    def explode(*_: object) -> None:
        raise ValueError("from deep inside")

    monkeypatch.setattr("media.dtls._KeyedTransport._recv_next", explode)
    path.say(DtlsReceived(bad, b"\x16"))
    assert await event_of(plane, PeerGone) == PeerGone(bad, PeerGoneReason.DTLS_FAILED)
    assert plane.set_view(good, []) == []


async def test_events_end_and_calls_fail_after_the_plane_is_left() -> None:
    plane = MediaPlane(MediaConfig(), open_path=opened)
    with pytest.raises(PlaneClosed):
        plane.counters()
    async with plane:
        peer, _ = await joined(plane, "chromium_whip")
        events = plane.events()
    assert [event async for event in events] == []
    assert PATHS[-1].closed
    assert PATHS[-1].called("remove_peer") == [(peer,)]
    with pytest.raises(PlaneClosed):
        await plane.open_peer(ROOM)


async def test_no_more_peers_than_the_limit() -> None:
    async with MediaPlane(MediaConfig(max_peers=1), open_path=opened) as plane:
        await plane.open_peer(ROOM)
        with pytest.raises(PlaneClosed):
            await plane.open_peer(ROOM)


async def test_credentials_are_long_and_new_for_each_peer(plane: MediaPlane, path: FakePath) -> None:
    for _ in range(3):
        await joined(plane, "chromium_whip")
    registered = path.called("register")
    assert len({ufrag for _, ufrag, _, _ in registered}) == len({pwd for _, _, pwd, _ in registered}) == 3
    for _, _, pwd, _ in registered:
        assert len(base64.b64decode(pwd)) >= 16


def _fingerprint(answer: Answer) -> str:
    return answer.sdp.split("a=fingerprint:")[1].split("\r\n")[0]


def _version(sdp: str) -> int:
    return int(sdp.split("\r\n")[1].split()[2])
