"""Whose connection is whose: the tabs of each participant, and what reaches them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.rooms.ports import Connection, MovedToOtherTab, RoomEvent
from server.storage import ConnId, ParticipantId


@dataclass(slots=True)
class Line:
    """One tab of a participant: its row in the attendance and, while it is there, its connection."""

    conn: ConnId
    connection: Connection | None
    last_seen: int


@dataclass(slots=True)
class Presence:
    """A participant's lines by tab; the last one that joined carries the media."""

    lines: dict[str, Line] = field(default_factory=dict)
    media_tab: str = ""


class Lines:
    """Belongs to one LiveRoom. Nothing waits."""

    def __init__(self) -> None:
        self._presence: dict[ParticipantId, Presence] = {}
        self._by_connection: dict[Connection, ParticipantId] = {}

    def __iter__(self) -> Iterator[Line]:
        return (line for presence in list(self._presence.values()) for line in list(presence.lines.values()))

    @property
    def presences(self) -> list[Presence]:
        """Everyone's lines."""
        return list(self._presence.values())

    def of(self, participant: ParticipantId) -> Presence:
        """The lines of someone who is there."""
        return self._presence[participant]

    def participant_of(self, connection: Connection) -> ParticipantId | None:
        """Who a connection belongs to while it is the current one of its tab."""
        return self._by_connection.get(connection)

    def seat(self, participant: ParticipantId, line: Line, connection: Connection) -> Presence:
        """A connection takes its place in a line, which carries the media from now on; the others are told."""
        presence = self._presence.setdefault(participant, Presence())
        replaced = line.connection
        line.connection = connection
        self._by_connection[connection] = participant
        presence.lines[connection.tab] = line
        if replaced is not None and replaced is not connection:
            self._by_connection.pop(replaced, None)
            # A duplicated tab has the tab's id too: without a word the two would throw each other out for ever.
            replaced.deliver(MovedToOtherTab())
            replaced.close()
        presence.media_tab = connection.tab
        for tab, other in presence.lines.items():
            if tab != connection.tab and other.connection is not None:
                other.connection.deliver(MovedToOtherTab())
        return presence

    def unseat(self, connection: Connection) -> ParticipantId | None:
        """A connection no longer stands for anybody. Whose it was."""
        return self._by_connection.pop(connection, None)

    def take(self, participant: ParticipantId) -> Presence:
        """Someone is gone: their lines, which stand for nobody any more."""
        presence = self._presence.pop(participant, None) or Presence()
        for line in presence.lines.values():
            if line.connection is not None:
                self._by_connection.pop(line.connection, None)
        return presence

    def tell(self, participant: ParticipantId, event: RoomEvent) -> None:
        """To all tabs of one participant."""
        presence = self._presence.get(participant)
        for line in presence.lines.values() if presence is not None else ():
            if line.connection is not None:
                line.connection.deliver(event)

    def tell_all(self, event: RoomEvent, besides: Connection | None = None) -> None:
        """To everyone's tabs."""
        for presence in self._presence.values():
            for line in presence.lines.values():
                if line.connection is not None and line.connection is not besides:
                    line.connection.deliver(event)
