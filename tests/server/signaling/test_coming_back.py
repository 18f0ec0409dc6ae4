"""Dropped sockets, reloads, second tabs and crashed ones."""

import asyncio

from media import PeerGone, PeerGoneReason, Use
from server.access import Role, wall_clock_ms
from server.attendance import Attendance, EventKind
from tests.server.running import Stage, page, restarted


async def test_a_dropped_socket_resumes_the_same_participant(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as watching:
        await watching.join()
        async with page(stage, officer, "tab-00000002") as before:
            joined = await before.join()
            me = joined["you"]["participant"]
            assert (await before.offer())["ok"]
            assert (await before.ask("media", {"mic": False}))["ok"]
            assert (await before.ask("hand", {"raised": True}))["ok"]
            await before.crash()
        dropped = await watching.hears("participant", version=joined["version"] + 3)
        assert dropped["participant"]["connection"] == "reconnecting"
        async with page(stage, officer, "tab-00000002") as after:
            state = await after.join(mic=True)
            [mine] = [p for p in state["participants"] if p["id"] == me]
            assert state["you"]["participant"] == me
            assert (mine["mic"], mine["connection"]) == (False, "connected")
            assert mine["hand"] is not None
            assert (await after.offer())["ok"]
            assert stage.plane.closed == []


async def test_a_reload_makes_a_new_media_peer_for_the_same_participant(stage: Stage) -> None:
    token = await stage.token()
    async with page(stage, token) as tab:
        await tab.join()
        await tab.offer("AA")
        [first] = stage.plane.groups
        await tab.offer("BB")
        assert stage.plane.closed == [first]
        assert len(stage.plane.groups) == 1


async def test_a_second_tab_is_the_same_participant_and_carries_the_media(stage: Stage) -> None:
    token = await stage.token()
    async with page(stage, token) as first, page(stage, token, "tab-00000002") as second:
        one = await first.join()
        await first.offer("AA")
        [peer] = stage.plane.groups
        two = await second.join()
        assert one["you"] == two["you"]
        assert len(two["participants"]) == 1
        await first.hears("moved")
        assert stage.plane.closed == [peer]
        refused = await first.offer("AA")
        assert refused["error"]["code"] == "offer_refused"
        assert (await second.offer("BB"))["ok"]


async def test_leaving_with_one_of_two_tabs_keeps_the_participant(stage: Stage) -> None:
    token = await stage.token()
    async with page(stage, token) as first, page(stage, token, "tab-00000002") as second:
        await first.join()
        await second.join()
        assert (await first.ask("leave"))["ok"]
        assert len((await second.ask("sync"))["state"]["participants"]) == 1


async def test_a_new_tab_replaces_the_ghost_of_a_crashed_one_at_once(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as watching:
        await watching.join()
        async with page(stage, officer, "tab-00000002") as before:
            me = (await before.join())["you"]["participant"]
            await before.crash()
        await watching.hears("participant", version=3)
        async with page(stage, officer, "tab-00000003") as after:
            state = await after.join()
            assert state["you"]["participant"] == me
            assert [p["connection"] for p in state["participants"]] == ["connected", "connected"]


async def test_who_does_not_come_back_has_left(stage: Stage) -> None:
    stage.running.rooms._config = type(stage.running.rooms._config)(resume_s=0.2, tick_s=0.05)
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as watching:
        await watching.join()
        async with page(stage, officer, "tab-00000002") as before:
            me = (await before.join())["you"]["participant"]
            await before.crash()
        left = await watching.hears("left")
        assert (left["participant"], left["reason"]) == (me, "timeout")
        async with page(stage, officer, "tab-00000002") as after:
            assert (await after.join())["you"]["participant"] != me


async def test_a_lost_media_connection_is_renewed(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        await tab.join()
        await tab.offer()
        [peer] = stage.plane.groups
        stage.plane.say(PeerGone(peer, PeerGoneReason.CONSENT_EXPIRED))
        await tab.hears("renew_media")
        assert (await tab.offer())["ok"]
        assert stage.plane.track(max(stage.plane.tracks), Use.MIC)


async def test_a_drained_server_tells_people_to_come_back(stage: Stage) -> None:
    async with page(stage, await stage.token()) as tab:
        await tab.join()
        async with asyncio.timeout(5):
            await stage.running.rooms.drain()
        assert (await tab.hears("draining"))["reconnect_in_ms"] > 0
        async with asyncio.timeout(5):
            await tab.gone.wait()


async def test_a_drain_stores_that_people_were_moved_and_that_their_media_ended(stage: Stage) -> None:
    attendance = Attendance(stage.database, wall_clock_ms)
    async with page(stage, await stage.token()) as tab:
        me = (await tab.join())["you"]["participant"]
        await tab.offer()
        [room] = stage.running.rooms.live
        assert room.session_id is not None
        async with asyncio.timeout(5):
            while "media_up" not in [event.kind for event in await attendance.events(room.session_id)]:
                pass
            await stage.running.rooms.drain()
        *_, down, left = await attendance.events(room.session_id)
        assert (down.kind, down.data) == (EventKind.MEDIA_DOWN, {"participant": me, "reason": "moved"})
        assert (left.kind, left.data) == (EventKind.LEAVE, {"participant": me, "reason": "moved"})


async def test_a_hand_and_a_mute_outlive_a_restart(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        await first.join()
        me = (await second.join())["you"]["participant"]
        assert (await second.ask("hand", {"raised": True}))["ok"]
        raised = (await second.ask("sync"))["state"]["participants"][1]["hand"]
        assert (await first.ask("moderate", {"action": "mute", "participant": me}))["ok"]
        await second.hears("muted")
        async with restarted(stage) as again, page(again, officer, "tab-00000002") as back:
            state = await back.join(mic=False)
            [participant] = state["participants"]
            assert participant["id"] == state["you"]["participant"] == me
            assert abs(participant["hand"] - raised) < 1000
            assert participant["mic"] is False
            assert (await back.ask("hand", {"raised": False}))["ok"]
            async with restarted(again) as third, page(third, officer, "tab-00000002") as last:
                assert [p["hand"] for p in (await last.join())["participants"]] == [None]


async def test_a_hand_of_an_earlier_visit_is_not_up_again(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        await first.join()
        await second.join()
        assert (await second.ask("hand", {"raised": True}))["ok"]
        assert (await second.ask("leave"))["ok"]
        async with page(stage, officer, "tab-00000002") as back:
            await back.join()
            async with restarted(stage) as again, page(again, officer, "tab-00000002") as last:
                assert [p["hand"] for p in (await last.join())["participants"]] == [None]
