"""How much a room's boards may cost, and how fast they go (docs/protocol.md section 3.6)."""

from dataclasses import dataclass, field

from whiteboard.limits import PageLimits


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `per_s` tokens a second, at most `burst` at once."""

    per_s: float
    burst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardConfig:
    """Defaults are those that the protocol promises, tuned for 200 persons on one core and officers on 64 kbit/s."""

    page: PageLimits = field(default_factory=PageLimits)
    """Limits of a page and its updates."""
    updates: Rate = Rate(60, 200)
    """Updates of one connection."""
    update_bytes: Rate = Rate(40_000, 512_000)
    """Their bytes."""
    lives: Rate = Rate(30, 60)
    """Live messages of one connection; what is over it is dropped."""
    live_bytes: int = 2_048
    """Payload of one live message."""
    commands: Rate = Rate(20, 100)
    """Text messages of one connection."""
    opens: Rate = Rate(20, 150)
    """`open` messages of one connection: each may cost a whole document."""
    boards: int = 50
    """Boards of a room."""
    pages: int = 1_000
    """Pages of a room, private copies not counted."""
    copies: int = 10_000
    """Private copies in a room."""
    groups: int = 200
    """Groups of a room."""
    open_pages: int = 64
    """Pages that one connection may have open."""
    connections: int = 600
    """Connections to a room."""
    connections_each: int = 4
    """Connections of one person to a room."""

    tick_ms: int = 20
    """Updates of a page are gathered so long when there is much to send,"""
    tick_most_ms: int = 30
    """and so long when there is twice as much or more."""
    direct_deliveries_per_s: int = 20_000
    """Up to so many deliveries a second in this room updates are sent at once."""
    live_ms: int = 50
    """Live messages of a page are gathered so long."""
    log_ms: int = 40
    """Updates wait so long for others to be committed with them,"""
    log_most_ms: int = 80
    """and so long while there is much to send: a commit costs as much as a hundred deliveries."""
    look_ms: int = 1_000
    """How often quiet pages are asked for a snapshot, a new epoch, or to be unloaded."""
    sweep_ms: int = 100
    """How often queues of connections are looked at."""
    live_queue_bytes: int = 65_536
    """A connection with more than this waiting gets no live messages."""
    behind_bytes: int = 524_288
    """A connection with more than this waiting gets no updates either, until it has drained."""
    hopeless_bytes: int = 8_000_000
    """A connection with more than this waiting is closed: text messages do not stop for one that is behind."""
    open_queue_bytes: int = 4_000_000
    """With more than this waiting, documents too, no further page is opened: who does not read gets no more of them."""
    drained_bytes: int = 32_768
    """A connection with no more than this waiting has drained."""
    behind_s: float = 30.0
    """A connection that has not drained after this is closed."""
    ring_updates: int = 2_000
    """Recent updates of an open page that are kept for those who come back."""
    ring_bytes: int = 2_000_000
    """Their bytes."""
    unstored_bytes: int = 8_000_000
    """Updates of a room that may wait for a store that fails; then new ones are refused."""
    unstored_updates: int = 20_000
    """Their number."""
    retry_ms: int = 1_000
    """After a failure the store is tried again this much later, twice that after the next one, and so on."""
    retry_most_ms: int = 15_000
    """The longest pause between two tries."""
    snapshot_updates: int = 500
    """Updates after which a snapshot is stored."""
    snapshot_s: float = 60.0
    """Updates are in a snapshot after this at the latest."""
    quiet_s: float = 20.0
    """A page on which nobody has written for this long may be rewritten under a new epoch."""
    idle_s: float = 120.0
    """A page that nobody has open is unloaded after this."""
    store_s: float = 30.0
    """A store that has not answered after this has failed."""
    removed_days: int = 30
    """Removed pages can be restored for so long."""
