"""A tutor's oversight, enforced by the server and not by the good will of pages."""

import asyncio

import pytest

from media import Use
from server.access import AccessRefused, Role, wall_clock_ms
from server.attendance import Attendance, EventKind
from tests.server.running import Page, PageRefused, Stage, page


async def test_a_mute_holds_until_the_muted_one_speaks_up_himself(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        await first.join()
        who = (await second.join())["you"]["participant"]
        await second.offer()
        [peer] = stage.plane.groups
        mic = stage.plane.track(peer, Use.MIC)
        assert (await first.ask("moderate", {"action": "mute", "participant": who}))["ok"]
        assert await second.hears("muted") == {"source": "mic", "by": "Tutor"}
        assert stage.plane.enabled[mic] is False
        # A new offer does not smuggle the microphone back in.
        await second.offer("CC")
        fresh = stage.plane.track(max(stage.plane.groups), Use.MIC)
        assert stage.plane.enabled[fresh] is False
        assert (await second.ask("media", {"mic": True}))["ok"]
        assert stage.plane.enabled[fresh] is True


async def test_who_had_the_hand_lowered_learns_by_whom_and_nobody_else_does(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        await first.join()
        who = (await second.join())["you"]["participant"]
        assert (await second.ask("hand", {"raised": True}))["ok"]
        assert (await first.ask("moderate", {"action": "lower_hand", "participant": who}))["ok"]
        assert await second.hears("lowered") == {"by": "Tutor"}
        assert (await first.ask("sync", {}))["state"]["participants"][1]["hand"] is None
        assert "lowered" not in _names(first)
        [live] = stage.running.rooms.live
        assert live.session_id is not None
        stored = await Attendance(stage.database, wall_clock_ms).events(live.session_id)
        [raised, lowered] = [event for event in stored if event.kind is EventKind.HAND]
        tutors = live.participants[0].person
        assert (raised.data, lowered.data) == ({"raised": True}, {"raised": False, "by": tutors})


async def test_a_hand_that_is_down_or_lowered_by_its_owner_brings_no_word(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        await first.join()
        who = (await second.join())["you"]["participant"]
        assert (await second.ask("hand", {"raised": True}))["ok"]
        assert (await second.ask("hand", {"raised": False}))["ok"]
        assert (await first.ask("moderate", {"action": "lower_hand", "participant": who}))["ok"]
        assert (await second.ask("sync", {}))["ok"]
        assert "lowered" not in _names(second)


async def test_the_removed_cannot_come_back_by_any_tab_or_ticket(stage: Stage) -> None:
    tutor = await stage.token(Role.TUTOR, "Tutor")
    officer = await stage.token(name="Officer", subject="42")
    other = await stage.token(name="Officer", subject="42")
    async with page(stage, tutor) as first:
        await first.join()
        async with page(stage, officer, "tab-00000002") as second, page(stage, other, "tab-00000003") as third:
            who = (await second.join())["you"]["participant"]
            await third.join()
            assert (await first.ask("moderate", {"action": "remove", "participant": who}))["ok"]
            assert await second.hears("removed") == {"by": "Tutor"}
            async with asyncio.timeout(5):
                await second.gone.wait()
                await third.gone.wait()
        assert (await first.hears("left"))["reason"] == "removed"
        for token in (officer, other):
            with pytest.raises(PageRefused, match="removed"):
                async with page(stage, token, "tab-00000004"):
                    pass
        with pytest.raises(AccessRefused, match="removed"):
            await stage.token(name="Officer", subject="42")


async def test_a_connected_but_not_joined_tab_of_the_removed_cannot_join(stage: Stage) -> None:
    tutor = await stage.token(Role.TUTOR, "Tutor")
    officer = await stage.token(name="Officer", subject="42")
    waiting = await stage.token(name="Officer", subject="42")
    async with (
        page(stage, tutor) as first,
        page(stage, officer, "tab-00000002") as second,
        page(stage, waiting, "tab-00000003") as third,
    ):
        await first.join()
        who = (await second.join())["you"]["participant"]
        assert (await first.ask("moderate", {"action": "remove", "participant": who}))["ok"]
        join = {"client": {"name": "t", "version": "1"}, "media": {"mic": True, "camera": True}}
        assert (await third.ask("join", join))["error"]["code"] == "forbidden"


async def test_an_officer_moderates_nobody(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        who = (await first.join())["you"]["participant"]
        await second.join()
        for action in ("mute", "remove", "lower_hand", "mute_all", "end"):
            answer = await second.ask("moderate", {"action": action, "participant": who})
            assert answer["error"]["code"] == "forbidden", action


async def test_an_observer_neither_publishes_nor_raises_a_hand(stage: Stage) -> None:
    async with page(stage, await stage.token(Role.OBSERVER)) as tab:
        state = await tab.join()
        assert [p["mic"] for p in state["participants"]] == [False]
        assert (await tab.ask("media", {"mic": True}))["error"]["code"] == "forbidden"
        assert (await tab.ask("hand", {"raised": True}))["error"]["code"] == "forbidden"


async def test_the_end_of_a_session_shuts_the_room_until_the_tutor_opens_it(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    join = {"client": {"name": "t", "version": "1"}, "media": {"mic": True, "camera": True}}
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        before = await first.join()
        await second.join()
        assert (await first.ask("moderate", {"action": "end"}))["ok"]
        await second.hears("ended")
        async with asyncio.timeout(5):
            await second.gone.wait()
    with pytest.raises(PageRefused, match="room_closed"):
        async with page(stage, officer, "tab-00000002"):
            pass
    newcomer = await stage.token(name="Newcomer")
    async with page(stage, newcomer, "tab-00000003") as third:
        assert (await third.ask("join", join))["error"]["code"] == "room_closed"
        async with page(stage, tutor) as first:
            after = await first.join()
            assert after["session"]["id"] != before["session"]["id"]
            assert (await third.ask("join", join))["ok"]
            async with page(stage, officer, "tab-00000002") as second:
                assert (await second.ask("join", join))["ok"]


async def test_a_foreign_rooms_participant_is_unknown(stage: Stage) -> None:
    async with page(stage, await stage.token(Role.TUTOR)) as tab:
        await tab.join()
        answer = await tab.ask("moderate", {"action": "mute", "participant": "01jd0c5v8e6q2k7m3n4p5r6s7t"})
        assert answer["error"]["code"] == "unknown_participant"


def _names(tab: Page) -> list[str]:
    """What a page has heard and not looked at yet."""
    return [tab.heard.get_nowait()[0] for _ in range(tab.heard.qsize())]
