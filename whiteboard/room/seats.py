"""One connection at a room's boards, and what it has open."""

from dataclasses import dataclass, field

from whiteboard.config import BoardConfig
from whiteboard.document.gate import Author
from whiteboard.ids import ClientId, PageNumber
from whiteboard.people import Member
from whiteboard.ports import Channel
from whiteboard.rights import Right
from whiteboard.room.rates import TokenBucket


@dataclass(slots=True, eq=False)
class Seat:
    """A connection that has joined. `told`: the rights that it was told, by page, of all pages it may see."""

    channel: Channel
    member: Member
    actor: int
    updates: TokenBucket
    update_bytes: TokenBucket
    lives: TokenBucket
    commands: TokenBucket
    opens: TokenBucket
    told: dict[PageNumber, Right] = field(default_factory=dict)
    open: set[PageNumber] = field(default_factory=set)
    congested: bool = False
    """Gets no live messages."""
    behind: bool = False
    """Gets no updates."""
    allowance: int = 0
    """Bytes of documents that it was sent on its own wish and that still wait: they do not make it slow."""
    lowest: int = 0
    lowest_at_ms: int = 0
    """How little has waited since it fell behind, and since when: whether it drains at all."""

    @classmethod
    def take(cls, channel: Channel, member: Member, actor: int, config: BoardConfig, now_ms: int) -> "Seat":
        """A new one with full buckets."""
        return cls(
            channel,
            member,
            actor,
            updates=TokenBucket(config.updates, now_ms),
            update_bytes=TokenBucket(config.update_bytes, now_ms),
            lives=TokenBucket(config.lives, now_ms),
            commands=TokenBucket(config.commands, now_ms),
            opens=TokenBucket(config.opens, now_ms),
        )


@dataclass(slots=True, eq=False)
class Subscription:
    """A page that a connection has open. `author`: None for who has no client id: viewers."""

    seat: Seat
    right: Right
    author: Author | None

    def may(self, right: Right) -> None:
        """From now on it may do this."""
        self.right = right
        if self.author is not None:
            self.author = Author(self.author.person, self.author.client, right)

    def drop_client(self) -> None:
        """Another connection of the same person writes with its client id now."""
        self.author = None

    @property
    def client(self) -> ClientId | None:
        """What it writes with."""
        return None if self.author is None else self.author.client
