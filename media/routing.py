"""Who is on which slot: a subscriber's view becomes routes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media.events import SlotId, TrackId
from media.negotiation import Slot, Use


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on a subscriber's page, in device pixels."""

    track: TrackId
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SlotAssignment:
    """A slot now carries this track, or nothing."""

    slot: SlotId
    track: TrackId | None


@dataclass(frozen=True, slots=True)
class Viewable:
    """What routing must know of a track that the subscriber may see."""

    use: Use
    layers: int


@dataclass(frozen=True, slots=True)
class Route:
    track: TrackId
    max_layer: int


Routes = Mapping[SlotId, Route]


def plan_routes(
    current: Routes, slots: Sequence[Slot], tiles: Sequence[Tile], tracks: Mapping[TrackId, Viewable]
) -> dict[SlotId, Route]:
    """
    The routes for a view. Tiles come most important first; a track that is shown already keeps its
    slot, more tiles than slots lose from the end, and tiles of unknown tracks are skipped.
    """
    planned: dict[SlotId, Route] = {}
    for target in _SLOT_USES:
        pool = [slot.slot for slot in slots if slot.use is target]
        winners = _winners(tiles, tracks, target, len(pool))
        for slot in pool:
            route = current.get(slot)
            if route is not None and (layer := winners.pop(route.track, None)) is not None:
                planned[slot] = Route(route.track, layer)
        free = [slot for slot in pool if slot not in planned]
        for slot, (track, layer) in zip(free, winners.items(), strict=False):
            planned[slot] = Route(track, layer)
    return planned


def changed_routes(current: Routes, planned: Routes) -> dict[SlotId, Route | None]:
    """What must be told to the packet path, in slot order; None = clear the slot."""
    return {slot: planned.get(slot) for slot in sorted({*current, *planned}) if current.get(slot) != planned.get(slot)}


def changed_assignments(current: Routes, planned: Routes) -> list[SlotAssignment]:
    """What a subscriber must be told: slots whose track changed, not only its layer."""
    return [
        SlotAssignment(slot, None if route is None else route.track)
        for slot, route in changed_routes(current, planned).items()
        if (None if route is None else route.track) != (current[slot].track if slot in current else None)
    ]


def max_layer(tile: Tile, layers: int) -> int:
    """
    The highest useful simulcast layer of a tile: with three layers the lowest up to 200 px of height, the
    middle one up to 400. With two layers these are the upper two. A tile wider than 4:3 counts by height.
    """
    height = min(tile.height, tile.width * 3 // 4)
    steps = _LAYER_HEIGHTS[-(layers - 1) :] if layers > 1 else ()
    return sum(height > step for step in steps)


_LAYER_HEIGHTS = (200, 400)
_SLOT_USES = {Use.VIDEO: Use.CAMERA, Use.SCREEN_VIEW: Use.SCREEN, Use.INTERPRETATION: Use.MIC}
"""Which published use a slot shows. Audio slots are not here: the packet path fills them by loudness."""


def _winners(tiles: Sequence[Tile], tracks: Mapping[TrackId, Viewable], target: Use, room: int) -> dict[TrackId, int]:
    """Tracks and layers that fit into the slots of one use, most important first; of two tiles the larger layer."""
    winners: dict[TrackId, int] = {}
    for tile in tiles:
        track = tracks.get(tile.track)
        if track is None or track.use is not _SLOT_USES[target]:
            continue
        layer = max_layer(tile, track.layers)
        if tile.track in winners:
            winners[tile.track] = max(layer, winners[tile.track])
        elif len(winners) < room:
            winners[tile.track] = layer
    return winners
