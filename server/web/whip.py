"""
WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): standard programs publish into a room and play it. A session is a
connection of its participant like a browser tab; its URL is its tab.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDict

from media import Offer, RefusedReason, Section, Use
from server.access import Action, Grant, LimitName, requires
from server.rooms import (
    LiveRoom,
    MovedToOtherTab,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    Person,
    Publishing,
    RenewMedia,
    RoomEvent,
    RoomFault,
    RoomInfo,
    RoomRefusal,
    RoomState,
    Source,
    SpeakingNow,
    WantedTile,
)
from server.storage import ParticipantId
from server.web.context import Services, address_of, limit, services, session_grant
from server.web.headers import METHODS
from server.web.problems import problem

_SDP = "application/sdp"
_SHOWN_MAX = 9
_FRAGMENT = "application/trickle-ice-sdpfrag"
_MEDIA_LINE = re.compile(r"^m=(audio|video) ")
_SECTION = re.compile(r"^m=(?:audio|video) ", re.MULTILINE)
_REJECTED = re.compile(r"^m=(?:audio|video) 0 ", re.MULTILINE)
_LINE = re.compile(r"[a-z]=")
_OFFER_STATUS = {
    RefusedReason.MALFORMED: 400,
    RefusedReason.TOO_LARGE: 413,
    RefusedReason.UNSUPPORTED: 406,
    RefusedReason.SECTION_MISMATCH: 406,
}
"""What RFC 9725 sections 4.2 and 4.4 want instead of 422."""


@dataclass(slots=True, eq=False)
class Feed:
    """One WHIP or WHEP session; implements `server.rooms.Connection`."""

    id: str
    here: Services
    grant: Grant
    publishes: bool
    tag: str = ""
    room: LiveRoom | None = None
    ended: bool = False
    _people: dict[ParticipantId, Participant] = field(default_factory=dict)
    _speakers: tuple[ParticipantId, ...] = ()
    _shown: tuple[WantedTile, ...] = ()

    @property
    def tab(self) -> str:
        """The session's id."""
        return self.id

    @property
    def last_heard(self) -> int:
        """Now: such a session is there until its media ends, which the media plane tells."""
        return self.here.clock()

    @property
    def participant(self) -> ParticipantId | None:
        """Who this is in the room, while it is there."""
        return self.room.participant_of(self) if self.room is not None else None

    def deliver(self, event: RoomEvent) -> None:
        """A player follows the room by itself; the end of the media ends the session."""
        match event:
            case RenewMedia() | MovedToOtherTab():
                self.close()
            case ParticipantChanged(_, participant):
                self._people[participant.id] = participant
            case ParticipantLeft(_, participant):
                self._people.pop(participant.id, None)
            case SpeakingNow(participants):
                self._speakers = participants or self._speakers
            case _:
                return
        self._follow()

    def close(self) -> None:
        """Marks the end; the next look after the room takes the participant out."""
        if not self.ended:
            self.ended = True
            if self.room is not None:
                self.room.drop(self)

    def begin(self, room: LiveRoom, state: RoomState) -> None:
        """Joined."""
        self.room = room
        self._people = {p.id: p for p in state.participants}
        self._follow()

    def _follow(self) -> None:
        participant = self.participant
        if self.publishes or self.room is None or participant is None or self.ended:
            return
        others = [p for p in self._people.values() if p.id != participant]
        tiles = what_to_show(others, self._speakers)
        if tiles != self._shown:
            self._shown = tiles
            self.room.view(participant, tiles)


def what_to_show(people: list[Participant], speakers: tuple[ParticipantId, ...]) -> tuple[WantedTile, ...]:
    """
    A player's pictures, most important first: the shared screen, then the cameras of who speaks or spoke last, then
    the others'. What has no place in the player's slots, or sends nothing yet, is passed over by the media plane.
    """
    screens = [p.id for p in people if p.publishing.screen]
    cameras = {p.id for p in people if p.publishing.camera}
    tiles = [WantedTile(who, Source.SCREEN, 1920, 1080) for who in screens[:1]]
    ordered = dict.fromkeys([*(who for who in speakers if who in cameras), *(p.id for p in people if p.id in cameras)])
    tiles += [WantedTile(who, Source.CAMERA, 1280, 720) for who in list(ordered)[:_SHOWN_MAX]]
    return tuple(tiles)


class Feeds:
    """The sessions of this process by their id."""

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}

    def add(self, feed: Feed) -> None:
        """Remembers a session and forgets those that are over."""
        self._feeds = {key: known for key, known in self._feeds.items() if not known.ended}
        self._feeds[feed.id] = feed

    def get(self, feed_id: str) -> Feed | None:
        """A session that is not over."""
        feed = self._feeds.get(feed_id)
        return feed if feed is not None and not feed.ended else None


FEEDS = web.AppKey("feeds", Feeds)


@requires(Action.WHIP)
async def publish(request: web.Request) -> web.Response:
    """`POST /whip/{room}`"""
    return await _begin(request, Action.WHIP, publishes=True)


@requires(Action.WHEP)
async def play(request: web.Request) -> web.Response:
    """`POST /whep/{room}`"""
    return await _begin(request, Action.WHEP, publishes=False)


@requires(Action.WHIP)
async def change_publishing(request: web.Request) -> web.Response:
    """`PATCH /whip/{room}/{feed}`"""
    return await _change(request, Action.WHIP)


@requires(Action.WHEP)
async def change_playing(request: web.Request) -> web.Response:
    """`PATCH /whep/{room}/{feed}`"""
    return await _change(request, Action.WHEP)


@requires(Action.WHIP)
async def end_publishing(request: web.Request) -> web.Response:
    """`DELETE /whip/{room}/{feed}`"""
    return await _end(request, Action.WHIP)


@requires(Action.WHEP)
async def end_playing(request: web.Request) -> web.Response:
    """`DELETE /whep/{room}/{feed}`"""
    return await _end(request, Action.WHEP)


@requires(Action.PAGE_READ)
async def options(_request: web.Request) -> web.Response:
    """A browser's preflight (RFC 9725 section 4.2)."""
    return web.Response(status=200, headers={"Accept-Post": _SDP, "Allow": METHODS})


@requires(Action.PAGE_READ)
async def not_allowed(request: web.Request) -> web.Response:
    """Any other method; RFC 9725 section 4.2 keeps them for its successors."""
    response = problem(405, "method_not_allowed", f"{request.method} has no meaning here.")
    response.headers["Allow"] = "PATCH, DELETE, OPTIONS" if "feed" in request.match_info else "POST, OPTIONS"
    return response


async def _begin(request: web.Request, action: Action, *, publishes: bool) -> web.Response:
    grant = await _grant(request, action)
    limit(request, LimitName.JOINS, f"{address_of(request)} {grant.person_id}")
    if request.content_type != _SDP:
        return problem(415, "unsupported_media_type", f"The body must be {_SDP}.")
    sdp = (await request.read()).decode("utf-8", "replace")
    here = services(request)
    sections = sections_of(sdp, publishes=publishes)
    if publishes and len(sections) != len(_SECTION.findall(sdp)):
        return _partial()
    feed = Feed(secrets.token_urlsafe(24), here, grant, publishes)
    person = Person(grant.person_id, grant.name, grant.role, grant.muted)
    uses = {section.use for section in sections}
    wanted = Publishing(mic=Use.MIC in uses, camera=Use.CAMERA in uses)
    room, state = await here.rooms.join(RoomInfo(grant.room.id, grant.room.name), feed, person, wanted)
    feed.begin(room, state)
    participant = state.you.id
    try:
        answer = await room.offer(participant, feed.id, Offer(sdp, sections))
    except BaseException as error:
        feed.ended = True
        await room.leave(participant, feed)
        if isinstance(error, RoomRefusal) and error.offer in _OFFER_STATUS:
            return problem(_OFFER_STATUS[error.offer], error.fault.value, error.detail)
        raise
    if publishes and _REJECTED.search(answer):
        feed.ended = True
        await room.leave(participant, feed)
        return _partial()
    if publishes:
        on = {Source.MIC: wanted.mic, Source.CAMERA: wanted.camera, Source.SCREEN: Use.SCREEN in uses}
        await room.publish(participant, on)
    feed.tag = _tag(sdp)
    request.app[FEEDS].add(feed)
    headers = CIMultiDict(
        {
            "Location": f"{request.path.rstrip('/')}/{feed.id}",
            "ETag": feed.tag,
            "Accept-Patch": _FRAGMENT,
            "Content-Type": _SDP,
        }
    )
    for link in ice_server_links(here.access.ice_servers(grant)):
        headers.add("Link", link)
    return web.Response(status=201, text=answer, headers=headers)


async def _change(request: web.Request, action: Action) -> web.Response:
    """
    Trickled candidates need no answer: we are ICE-lite and learn addresses from checks (RFC 8445 section 2.5). An ICE
    restart by fragment would need the whole offer again, which the fragment does not hold: 422 sends the client to
    POST anew, as RFC 9725 section 4.3.1 foresees.
    """
    feed = await _own(request, action)
    if feed is None:
        return _gone()
    if request.content_type != _FRAGMENT:
        return problem(415, "unsupported_media_type", f"The body must be {_FRAGMENT}.")
    match = request.headers.get("If-Match")
    if match is None:
        return problem(428, "precondition_required", "Send If-Match with the session's ETag.")
    restarts = match.strip() == "*"
    if not restarts and feed.tag not in [tag.strip() for tag in match.split(",")]:
        return problem(412, "precondition_failed", "This is not the session's current ETag.")
    if restarts:
        return problem(422, "ice_restart_unsupported", "POST a new offer instead of restarting ICE.")
    fragment = (await request.read()).decode("utf-8", "replace").splitlines()
    if not any(fragment) or not all(_LINE.match(line) for line in fragment if line):
        return problem(400, "malformed", "This is not an SDP fragment.")
    return web.Response(status=204)


async def _end(request: web.Request, action: Action) -> web.Response:
    feed = await _own(request, action)
    if feed is None:
        return _gone()
    participant = feed.participant
    feed.ended = True
    if feed.room is not None and participant is not None:
        await feed.room.leave(participant, feed)
    return web.Response(status=200)


async def _own(request: web.Request, action: Action) -> Feed | None:
    """The session of the URL, if it is the bearer's own and goes on."""
    grant = await _grant(request, action)
    feed = request.app[FEEDS].get(request.match_info["feed"])
    own = feed is not None and feed.grant.person_id == grant.person_id and feed.grant.room.id == grant.room.id
    return feed if own else None


async def _grant(request: web.Request, action: Action) -> Grant:
    grant = await session_grant(request, action)
    # The token's room is the only one; another in the path is as unknown as one that does not exist.
    if request.match_info["room"] not in (grant.room.id, grant.room.slug):
        raise RoomRefusal(RoomFault.NOT_JOINED, "There is no such room for this token.")
    return grant


def ice_server_links(servers: list[dict[str, object]]) -> list[str]:
    """`Link` headers for RTCIceServer dictionaries (RFC 9725 section 4.6), one for each URL."""
    links = []
    for server in servers:
        urls = server["urls"]
        assert isinstance(urls, list), "ours are always lists"
        rights = "".join(f'; {key}="{server[key]}"' for key in ("username", "credential") if key in server)
        kind = '; credential-type="password"' if rights else ""
        links += [f'<{url}>; rel="ice-server"{rights}{kind}' for url in urls]
    return links


def sections_of(sdp: str, *, publishes: bool) -> tuple[Section, ...]:
    """
    What each media section of a standard client's offer is for: the first audio and video of a publisher are its
    microphone and camera; a player's are slots in their order, the second video for a shared screen.
    """
    sections: list[Section] = []
    kind = ""
    counts = {"audio": 0, "video": 0}
    for line in sdp.splitlines():
        if line.startswith("m="):
            media = _MEDIA_LINE.match(line)
            kind = media[1] if media is not None else ""
        elif line.startswith("a=mid:") and kind:
            use = _use(kind, counts[kind], publishes)
            counts[kind] += 1
            if use is not None:
                sections.append(Section(line.removeprefix("a=mid:").strip(), use))
            kind = ""
    return tuple(sections)


def _use(kind: str, number: int, publishes: bool) -> Use | None:
    if publishes:
        order = [Use.MIC] if kind == "audio" else [Use.CAMERA, Use.SCREEN]
    else:
        order = [Use.AUDIO] * 3 if kind == "audio" else [Use.VIDEO, Use.SCREEN_VIEW]
    return order[number] if number < len(order) else None


def _tag(sdp: str) -> str:
    """An ETag of the ICE session (RFC 9725 section 4.3.1): it changes with the credentials."""
    credentials = "".join(re.findall(r"^a=ice-(?:ufrag|pwd):(\S+)", sdp, re.MULTILINE))
    return f'"{hashlib.sha256(credentials.encode()).hexdigest()[:24]}"'


def _partial() -> web.Response:
    """RFC 9725 section 4.4: half an encoder on air would mislead whoever runs it."""
    return problem(406, "offer_not_acceptable", "One microphone, one camera and one screen can be sent, no more.")


def _gone() -> web.Response:
    return problem(404, "not_found", "There is no such session.")
