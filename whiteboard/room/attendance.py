"""The connections of a room: who is there, and what of that is still to be told."""

from collections import Counter

import orjson

from whiteboard.config import BoardConfig
from whiteboard.ids import PersonKey
from whiteboard.people import Member
from whiteboard.ports import Channel
from whiteboard.rights import Role
from whiteboard.room.seats import Seat
from whiteboard.wire import told


class Attendance:
    """Seats by channel. Coming and going is told in one message for all that happened meanwhile."""

    def __init__(self, config: BoardConfig) -> None:
        self._config = config
        self._seats: dict[Channel, Seat] = {}
        self._actors: dict[Seat, bytes] = {}
        self._persons: Counter[PersonKey] = Counter()
        self._next_actor = 1
        self._came: dict[int, Member] = {}
        self._gone: list[int] = []

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def seats(self) -> list[Seat]:
        """All."""
        return list(self._seats.values())

    @property
    def channels(self) -> list[Channel]:
        """All."""
        return list(self._seats)

    def get(self, channel: Channel) -> Seat | None:
        """A channel's seat, if it has joined."""
        return self._seats.get(channel)

    def full_for(self, member: Member) -> bool:
        """Whether there are too many connections already."""
        too_many = self._persons[member.person] >= self._config.connections_each
        return too_many or len(self._seats) >= self._config.connections

    def add(self, channel: Channel, member: Member, now_ms: int) -> Seat:
        """A new seat; it hears of itself in its `welcome`."""
        seat = self._seats[channel] = Seat.take(channel, member, self._next_actor, self._config, now_ms)
        self._actors[seat] = orjson.dumps(told.actor(seat.actor, member))
        self._next_actor += 1
        self._persons[member.person] += 1
        self._came[seat.actor] = member
        return seat

    def drop(self, seat: Seat) -> None:
        """It is gone."""
        del self._seats[seat.channel]
        del self._actors[seat]
        self._persons[seat.member.person] -= 1
        if not self._persons[seat.member.person]:
            del self._persons[seat.member.person]
        self._came.pop(seat.actor, None)
        self._gone.append(seat.actor)

    @property
    def actors(self) -> bytes:
        """All, as a JSON list of Actor; each was encoded when it came, for all who come after it."""
        return b"[" + b",".join(self._actors.values()) + b"]"

    def officers(self) -> list[PersonKey]:
        """Officers who are there, each once."""
        return list(dict.fromkeys(seat.member.person for seat in self.seats if seat.member.role is Role.OFFICER))

    def take_news(self) -> tuple[dict[int, Member], list[int]]:
        """Who came and who left since the last time."""
        news = (self._came, self._gone)
        self._came, self._gone = {}, []
        return news
