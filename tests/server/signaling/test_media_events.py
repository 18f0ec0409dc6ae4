"""What the media plane tells becomes what people are told."""

import asyncio
from dataclasses import replace

from media import LayersWanted, PeerGone, PeerGoneReason, PeerStats, SlotFilled, SlotLayer, Speaking, Use, WorkerStats
from server.access import Role, wall_clock_ms
from server.attendance import Attendance, Event, EventKind
from tests.server.running import Page, Stage, page


async def test_who_speaks_is_told_and_a_mute_ends_it(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        me = await _joined_and_connected(tab)
        mic = stage.plane.track(max(stage.plane.groups), Use.MIC)
        stage.plane.say(Speaking(mic, True))
        assert await tab.hears("speaking") == {"participants": [me]}
        await tab.ask("media", {"mic": False})
        assert await tab.hears("speaking") == {"participants": []}


async def test_a_publisher_learns_which_encodings_are_watched(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        await _joined_and_connected(tab)
        stage.plane.say(LayersWanted(stage.plane.track(max(stage.plane.groups), Use.CAMERA), 0b101))
        assert await tab.hears("encodings") == {"source": "camera", "active": [True, False, True]}


async def test_slots_tell_who_is_heard_and_when_a_picture_pauses(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token()
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        who = await _joined_and_connected(first)
        source = max(stage.plane.groups)
        await _joined_and_connected(second, "BB")
        viewer = max(stage.plane.groups)
        stage.plane.say(SlotFilled(viewer, stage.plane.slot(viewer, Use.AUDIO), stage.plane.track(source, Use.MIC)))
        heard = await second.hears("slots")
        assert heard["slots"] == [{"mid": "3", "participant": who, "source": "mic", "state": "live"}]
        tile = {"participant": who, "source": "camera", "width": 640, "height": 360}
        await second.ask("view", {"tiles": [tile]})
        slot = stage.plane.slot(viewer, Use.VIDEO)
        states = [(await second.hears("slots"))["slots"][0]["state"]]
        for layer in (1, None, 0):
            stage.plane.say(SlotLayer(viewer, slot, layer))
            states.append((await second.hears("slots"))["slots"][0]["state"])
        assert states == ["waiting", "live", "paused", "live"]
        await first.ask("media", {"camera": False})
        assert (await second.hears("slots"))["slots"][0]["participant"] is None


async def test_a_poor_link_is_told_and_a_silent_one_is_asked_to_restart_ice(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        me = await _joined_and_connected(tab)
        fine = PeerStats(max(stage.plane.groups), 40.0, 0.0, 0.0, 0, 0, 1000, False)
        for loss in (0.3, 0.3):
            stage.plane.say(WorkerStats(0, {}, (replace(fine, loss_up=loss),)))
        assert await tab.hears("quality") == {"participants": {me: "poor"}}
        stage.plane.say(WorkerStats(0, {}, (replace(fine, consent_age_ms=9_000),)))
        await tab.hears("restart_ice")


async def test_media_that_comes_up_and_breaks_is_in_the_record(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        me = await _joined_and_connected(tab)
        [room] = stage.running.rooms.live
        person = room.participants[0].person
        stage.plane.say(PeerGone(max(stage.plane.groups), PeerGoneReason.CONSENT_EXPIRED))
        await tab.hears("renew_media")
        media = await _media_events(stage, 2)
        assert [event.kind for event in media] == [EventKind.MEDIA_UP, EventKind.MEDIA_DOWN]
        assert {event.person_id for event in media} == {person}
        assert [event.data for event in media] == [
            {"participant": me, "transport": "udp"},
            {"participant": me, "reason": "consent_expired"},
        ]


async def test_who_leaves_has_no_media_any_more_and_it_ends_on_the_connection_on_which_it_came_up(
    stage: Stage,
) -> None:
    tutor = await stage.token(Role.TUTOR, "Tutor")
    async with page(stage, tutor, "tab-00000009") as other, page(stage, await stage.token()) as tab:
        await other.join()
        me = await _joined_and_connected(tab)
        await _media_events(stage, 1)
        assert (await tab.ask("leave"))["ok"]
        up, down = await _media_events(stage, 2)
        assert down.data == {"participant": me, "reason": "left"}
        [joined] = [event for event in await _events(stage) if event.data.get("participant") == me][:1]
        assert joined.kind is EventKind.JOIN
        assert joined.conn_id == up.conn_id == down.conn_id is not None
        kinds = [event.kind for event in await _events(stage) if event.data.get("participant") == me]
        assert kinds == [EventKind.JOIN, EventKind.MEDIA_UP, EventKind.MEDIA_DOWN, EventKind.LEAVE]


async def test_media_that_never_came_up_does_not_go_down(stage: Stage) -> None:
    stage.plane.connects = False
    async with page(stage, await stage.token()) as tab:
        await _joined_and_connected(tab)
        stage.plane.say(PeerGone(max(stage.plane.groups), PeerGoneReason.DTLS_FAILED))
        await tab.hears("renew_media")
        assert (await tab.ask("hand", {"raised": True}))["ok"]
        assert [event.kind for event in await _events(stage)] == [EventKind.JOIN, EventKind.HAND]


async def test_media_that_a_newer_tab_takes_over_ends_on_the_older_ones_connection(stage: Stage) -> None:
    one = await stage.token(subject="42")
    two = await stage.token(subject="42")
    async with page(stage, one) as first, page(stage, two, "tab-00000002") as second:
        await _joined_and_connected(first)
        await _media_events(stage, 1)
        await _joined_and_connected(second, "BB")
        up, down, again = await _media_events(stage, 3)
        assert (up.kind, down.kind, again.kind) == (EventKind.MEDIA_UP, EventKind.MEDIA_DOWN, EventKind.MEDIA_UP)
        assert down.data["reason"] == "moved"
        assert up.conn_id == down.conn_id != again.conn_id


async def _events(stage: Stage) -> list[Event]:
    [room] = stage.running.rooms.live
    assert room.session_id is not None
    return await Attendance(stage.database, wall_clock_ms).events(room.session_id)


async def _media_events(stage: Stage, count: int) -> list[Event]:
    """The first so many events of media; they are stored beside the flow of signalling."""
    async with asyncio.timeout(5):
        while True:
            media = [event for event in await _events(stage) if event.kind.value.startswith("media_")]
            if len(media) >= count:
                return media


async def _joined_and_connected(tab: Page, certificate: str = "AA") -> str:
    me: str = (await tab.join())["you"]["participant"]
    assert (await tab.offer(certificate))["ok"]
    return me
