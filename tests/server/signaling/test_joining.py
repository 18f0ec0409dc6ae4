"""Joining, offering, coming back: over real sockets."""

from server.access import Role
from tests.server.running import Stage, page


async def test_two_people_join_and_see_each_other(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        mine = await first.join()
        state = await second.join(mic=False)
        joined = await first.hears("participant")
        assert [p["name"] for p in state["participants"]] == ["Tutor", "Officer"]
        assert joined["participant"]["name"] == "Officer"
        assert joined["version"] == mine["version"] + 1 == state["version"]
        assert joined["participant"]["mic"] is False
        assert "end_session" in mine["you"]["may"]
        assert "end_session" not in state["you"]["may"]


async def test_a_camera_in_view_is_put_on_a_slot(stage: Stage) -> None:
    tutor, officer = await stage.token(Role.TUTOR, "Tutor"), await stage.token(name="Officer")
    async with page(stage, tutor) as first, page(stage, officer, "tab-00000002") as second:
        who = (await first.join())["you"]["participant"]
        await second.join()
        assert (await second.offer())["ok"]
        tile = {"participant": who, "source": "camera", "width": 640, "height": 360}
        assert (await second.ask("view", {"tiles": [tile]}))["ok"]
        assert (await first.offer())["ok"]
        slots = await second.hears("slots")
        assert slots["slots"] == [{"mid": "7", "participant": who, "source": "camera", "state": "waiting"}]
