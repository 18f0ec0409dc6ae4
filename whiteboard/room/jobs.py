"""What a room wants loaded, stored or packed: carried out by the hub, one at a time for each page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from whiteboard.document.start import PageStart
from whiteboard.ids import ClientId, Epoch, PageNumber, PersonKey, Seq
from whiteboard.ports import LoggedUpdate, MetaChanges, Snapshot


@dataclass(frozen=True, slots=True)
class LoadPage:
    """Result: StoredPage."""

    page: PageNumber


@dataclass(frozen=True, slots=True)
class GiveClients:
    """Binds client ids to persons. Result: None."""

    page: PageNumber
    epoch: Epoch
    clients: Mapping[ClientId, PersonKey]


@dataclass(frozen=True, slots=True)
class Append:
    """Adds to the log. Result: None."""

    page: PageNumber
    epoch: Epoch
    updates: Sequence[LoggedUpdate]


@dataclass(frozen=True, slots=True)
class Compare:
    """After an append of which nobody knows whether it was stored: what is there. Result: StoredPage."""

    page: PageNumber


@dataclass(frozen=True, slots=True)
class KeepSnapshot:
    """Result: None."""

    page: PageNumber
    epoch: Epoch
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class BeginEpoch:
    """Result: None."""

    page: PageNumber
    start: PageStart


@dataclass(frozen=True, slots=True)
class PackState:
    """Compresses a document, off the loop. Result: bytes."""

    page: PageNumber
    epoch: Epoch
    seq: Seq
    state: bytes


@dataclass(frozen=True, slots=True)
class SaveMeta:
    """Result: None."""

    changes: MetaChanges


PageJob: TypeAlias = LoadPage | GiveClients | Append | Compare | KeepSnapshot | BeginEpoch | PackState
Job: TypeAlias = PageJob | SaveMeta
