"""Views of all subscribers: remembers who wants to see what, and keeps the packet path's routes in step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from media.events import GroupId, PeerId, SlotId, TrackId
from media.negotiation import PublishedTrack, Slot
from media.routing import (
    Route,
    SlotAssignment,
    Tile,
    Viewable,
    changed_assignments,
    changed_routes,
    plan_routes,
)

SetRoute = Callable[[PeerId, SlotId, TrackId | None, int], None]


@dataclass(slots=True)
class _Subscriber:
    group: GroupId
    slots: tuple[Slot, ...] = ()
    tiles: tuple[Tile, ...] = ()
    routes: dict[SlotId, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Published:
    peer: PeerId
    group: GroupId
    viewable: Viewable


class Views:
    """State without a clock or a socket; `set_route` is called for each route that changed."""

    def __init__(self, set_route: SetRoute) -> None:
        self._set_route = set_route
        self._subscribers: dict[PeerId, _Subscriber] = {}
        self._tracks: dict[TrackId, _Published] = {}

    def publish(self, peer: PeerId, group: GroupId, tracks: Iterable[PublishedTrack]) -> None:
        """Replaces what a peer publishes; `refresh` then brings the views of its group in step."""
        self._withdraw(peer)
        for track in tracks:
            self._tracks[track.track] = _Published(peer, group, Viewable(track.use, track.layers))

    def set_slots(self, peer: PeerId, group: GroupId, slots: tuple[Slot, ...]) -> None:
        """Replaces the receive positions of a peer."""
        subscriber = self._subscribers.setdefault(peer, _Subscriber(group))
        subscriber.slots = slots
        kept = {slot.slot for slot in slots}
        subscriber.routes = {slot: route for slot, route in subscriber.routes.items() if slot in kept}

    def set_tiles(self, peer: PeerId, tiles: Sequence[Tile]) -> list[SlotAssignment]:
        """A new view; before the first answer it is only remembered."""
        subscriber = self._subscribers.get(peer)
        if subscriber is None:
            return []
        subscriber.tiles = tuple(tiles)
        return self._route(peer, subscriber)

    def forget(self, peer: PeerId) -> None:
        """A peer that is closed; `refresh` then fills the slots that showed it."""
        self._withdraw(peer)
        self._subscribers.pop(peer, None)

    def refresh(self, group: GroupId) -> list[tuple[PeerId, SlotAssignment]]:
        """Plans every view of a group again after its tracks changed."""
        return [
            (peer, change)
            for peer, subscriber in self._subscribers.items()
            if subscriber.group == group and subscriber.tiles
            for change in self._route(peer, subscriber)
        ]

    def _route(self, peer: PeerId, subscriber: _Subscriber) -> list[SlotAssignment]:
        seen = {
            tile.track: track.viewable
            for tile in subscriber.tiles
            if (track := self._tracks.get(tile.track)) is not None
            and track.group == subscriber.group
            and track.peer != peer
        }
        current = subscriber.routes
        planned = plan_routes(current, subscriber.slots, subscriber.tiles, seen)
        for slot, route in changed_routes(current, planned).items():
            self._set_route(peer, slot, None if route is None else route.track, 0 if route is None else route.max_layer)
        subscriber.routes = planned
        return changed_assignments(current, planned)

    def _withdraw(self, peer: PeerId) -> None:
        for track in [track for track, published in self._tracks.items() if published.peer == peer]:
            del self._tracks[track]
