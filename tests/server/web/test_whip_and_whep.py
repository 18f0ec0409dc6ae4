"""WHIP and WHEP: status codes, headers and what the room sees."""

import pytest

from media import Use
from server.access import Role
from server.rooms import Participant, Publishing, Quality, Source
from server.rooms.model import Connection
from server.storage import ParticipantId, PersonId
from server.web.whip import ice_server_links, sections_of, what_to_show
from tests.server.running import Stage, page

_OFFER = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"


def _headers(token: str, kind: str = "application/sdp", **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": kind, **more}


async def test_an_encoder_is_a_participant_with_camera_and_microphone(stage: Stage) -> None:
    token = await stage.token(Role.TUTOR, "Encoder")
    async with page(stage, await stage.token(name="Officer"), "tab-00000002") as tab:
        await tab.join()
        url = f"{stage.url}/whip/{stage.room.id}"
        async with stage.http.post(url, data=_OFFER, headers=_headers(token)) as response:
            assert response.status == 201
            assert response.content_type == "application/sdp"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            where, tag = response.headers["Location"], response.headers["ETag"]
            assert await response.text() == "answer"
        joined = (await tab.hears("participant"))["participant"]
        assert (joined["name"], joined["mic"], joined["camera"]) == ("Encoder", True, True)
        fragment = "application/trickle-ice-sdpfrag"
        for match, status in ((tag, 204), ('"other"', 412), ("*", 422)):
            headers = _headers(token, fragment, **{"If-Match": match})
            async with stage.http.patch(stage.url + where, data="a=x", headers=headers) as response:
                assert response.status == status
        async with stage.http.delete(stage.url + where, headers=_headers(token)) as response:
            assert response.status == 200
        assert (await tab.hears("left"))["participant"] == joined["id"]
        assert len(stage.plane.closed) == 1
        async with stage.http.delete(stage.url + where, headers=_headers(token)) as response:
            assert response.status == 404


async def test_a_player_follows_the_speaker_and_the_screen(stage: Stage) -> None:
    player = await stage.token(Role.OBSERVER, "Hall")
    async with page(stage, await stage.token(Role.TUTOR, "Tutor"), "tab-00000002") as tutor:
        await tutor.join()
        await tutor.offer()
        [peer] = stage.plane.groups
        url = f"{stage.url}/whep/{stage.room.id}"
        async with stage.http.post(url, data=_OFFER, headers=_headers(player)) as response:
            assert response.status == 201
        viewer = max(stage.plane.groups)
        assert [t.track for t in stage.plane.views[viewer]] == [stage.plane.track(peer, Use.CAMERA)]
        await tutor.ask("media", {"screen": True})
        assert stage.plane.views[viewer][0].track == stage.plane.track(peer, Use.SCREEN)


async def test_an_observer_may_not_publish(stage: Stage) -> None:
    token = await stage.token(Role.OBSERVER)
    url = f"{stage.url}/whip/{stage.room.id}"
    async with stage.http.post(url, data=_OFFER, headers=_headers(token)) as response:
        assert response.status == 403
        assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["whip", "whep"])
async def test_refusals_leave_nobody_behind(stage: Stage, method: str) -> None:
    token = await stage.token(Role.TUTOR)
    url = f"{stage.url}/{method}/{stage.room.id}"
    async with stage.http.post(url, data=_OFFER, headers={"Content-Type": "application/sdp"}) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
    async with stage.http.post(url, data="{}", headers=_headers(token, "application/json")) as response:
        assert response.status == 415
    async with stage.http.post(url, data="refuse", headers=_headers(token)) as response:
        assert response.status == 400
        assert (await response.json())["code"] == "offer_refused"
    other = f"{stage.url}/{method}/other-room"
    async with stage.http.post(other, data=_OFFER, headers=_headers(token)) as response:
        assert response.status == 404
    assert stage.running.rooms.participants == 0


async def test_another_persons_session_cannot_be_ended(stage: Stage) -> None:
    owner, stranger = await stage.token(Role.TUTOR), await stage.token(Role.TUTOR, "Other")
    async with stage.http.post(f"{stage.url}/whip/{stage.room.id}", data=_OFFER, headers=_headers(owner)) as response:
        where = response.headers["Location"]
    async with stage.http.delete(stage.url + where, headers=_headers(stranger)) as response:
        assert response.status == 404
    assert stage.running.rooms.participants == 1


async def test_a_browsers_preflight_is_answered(stage: Stage) -> None:
    async with stage.http.options(f"{stage.url}/whep/{stage.room.id}") as response:
        assert response.status == 200
        assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Accept-Post"] == "application/sdp"


@pytest.mark.parametrize("path", ["whip/room", "whep/room", "whip/room/session", "whep/room/session"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_methods_of_later_versions_are_kept_free(stage: Stage, method: str, path: str) -> None:
    async with stage.http.request(method, f"{stage.url}/{path}") as response:
        assert response.status == 405
        assert ("POST" in response.headers["Allow"]) == (not path.endswith("session"))


async def test_an_encoder_with_more_than_has_a_place_is_refused_as_a_whole(stage: Stage) -> None:
    token = await stage.token(Role.TUTOR)
    offer = _OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\n"
    async with stage.http.post(f"{stage.url}/whip/{stage.room.id}", data=offer, headers=_headers(token)) as response:
        assert response.status == 406
    async with stage.http.post(f"{stage.url}/whep/{stage.room.id}", data=offer, headers=_headers(token)) as response:
        assert response.status == 201


async def test_a_patch_is_checked_before_it_is_taken(stage: Stage) -> None:
    token = await stage.token(Role.TUTOR)
    async with stage.http.post(f"{stage.url}/whip/{stage.room.id}", data=_OFFER, headers=_headers(token)) as response:
        where, tag = stage.url + response.headers["Location"], response.headers["ETag"]
    fragment = "application/trickle-ice-sdpfrag"
    for kind, match, body, status in (
        ("application/sdp", tag, "a=x", 415),
        (fragment, None, "a=x", 428),
        (fragment, '"other"', "a=x", 412),
        (fragment, f'"other", {tag}', "a=mid:0\r\na=end-of-candidates\r\n", 204),
        (fragment, tag, "", 400),
        (fragment, tag, "candidates follow", 400),
    ):
        headers = _headers(token, kind, **({"If-Match": match} if match is not None else {}))
        async with stage.http.patch(where, data=body, headers=headers) as response:
            assert response.status == status, (kind, match, body)
    async with stage.http.delete(where, headers=_headers(token, **{"If-Match": '"other"'})) as response:
        assert response.status == 200


def test_turn_servers_are_told_as_links() -> None:
    servers: list[dict[str, object]] = [
        {"urls": ["turn:a.example?transport=udp", "turns:a.example"], "username": "17:p", "credential": "c="},
        {"urls": ["stun:b.example"]},
    ]
    rights = 'rel="ice-server"; username="17:p"; credential="c="; credential-type="password"'
    assert ice_server_links(servers) == [
        f"<turn:a.example?transport=udp>; {rights}",
        f"<turns:a.example>; {rights}",
        '<stun:b.example>; rel="ice-server"',
    ]
    assert ice_server_links([]) == []


def test_a_standard_offers_sections_get_their_uses() -> None:
    sdp = "".join(f"m={kind} 9 X 0\r\na=mid:{kind}{n}\r\n" for n in range(3) for kind in ("audio", "video"))
    assert [s.use for s in sections_of(sdp, publishes=True)] == [Use.MIC, Use.CAMERA, Use.SCREEN]
    assert [s.use for s in sections_of(sdp, publishes=False)] == [
        Use.AUDIO,
        Use.VIDEO,
        Use.AUDIO,
        Use.SCREEN_VIEW,
        Use.AUDIO,
    ]


def test_what_a_player_shows() -> None:
    ana, ben = _participant("ana", camera=True), _participant("ben", camera=True)
    assert [t.participant for t in what_to_show([ana, ben], ())] == ["ana", "ben"]
    assert [t.participant for t in what_to_show([ana, ben], (ben.id,))] == ["ben", "ana"]
    shared = _participant("eva", camera=False, screen=True)
    tiles = what_to_show([ana, ben, shared], (ben.id,))
    assert [(t.participant, t.source) for t in tiles] == [
        ("eva", Source.SCREEN),
        ("ben", Source.CAMERA),
        ("ana", Source.CAMERA),
    ]
    assert what_to_show([], (ben.id,)) == ()


def _participant(name: str, *, camera: bool, screen: bool = False) -> Participant:
    return Participant(
        id=ParticipantId(name),
        person=PersonId(name),
        name=name,
        role=Role.OFFICER,
        publishing=Publishing(camera=camera, screen=screen),
        hand=None,
        connection=Connection.CONNECTED,
        quality=Quality.GOOD,
        joined_at=0,
        last_seen=0,
    )
