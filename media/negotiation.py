"""What a peer offers and what the plane answers, in types that know nothing of persons."""

from dataclasses import dataclass
from enum import StrEnum

from media.events import SlotId, TrackId


class Kind(StrEnum):
    """Media type of a section."""

    AUDIO = "audio"
    VIDEO = "video"


class Use(StrEnum):
    """What a media section is for (docs/protocol.md section 2.1)."""

    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"
    AUDIO = "audio"
    INTERPRETATION = "interpretation"
    VIDEO = "video"
    SCREEN_VIEW = "screen_view"

    @property
    def publishes(self) -> bool:
        """The peer sends on it; otherwise it is a slot on which the peer receives."""
        return self in _PUBLISHES

    @property
    def kind(self) -> Kind:
        return Kind.AUDIO if self in _AUDIO else Kind.VIDEO


_PUBLISHES = frozenset({Use.MIC, Use.CAMERA, Use.SCREEN})
_AUDIO = frozenset({Use.MIC, Use.AUDIO, Use.INTERPRETATION})


@dataclass(frozen=True, slots=True)
class Section:
    """Use of the media section with this mid. A section of the SDP that is not listed is rejected (port 0)."""

    mid: str
    use: Use


@dataclass(frozen=True, slots=True)
class Offer:
    sdp: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class PublishedTrack:
    """A source that the peer may now send on; the id stays the same while its mid is offered."""

    track: TrackId
    mid: str
    use: Use
    kind: Kind
    layers: int = 1
    """Simulcast encodings that were agreed, lowest first; 1 = one encoding."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A receive position of the peer; the id stays the same while its mid is offered."""

    slot: SlotId
    mid: str
    use: Use
    kind: Kind


@dataclass(frozen=True, slots=True)
class Answer:
    sdp: str
    tracks: tuple[PublishedTrack, ...]
    slots: tuple[Slot, ...]
