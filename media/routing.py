"""Who is on which slot: a subscriber's view becomes routes. Pure."""

from dataclasses import dataclass

from media.events import SlotId, TrackId


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
