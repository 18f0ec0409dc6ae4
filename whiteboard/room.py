"""One room's boards while somebody is there: connections, open pages, and what goes to whom."""

from collections.abc import Callable, Sequence

from whiteboard.config import BoardConfig
from whiteboard.ids import BoardId, PageNumber, RoomKey
from whiteboard.people import Member
from whiteboard.ports import BoardTap, Channel, StoredMeta, Wire
from whiteboard.rows import PageRow, Slide


class BoardRoom:
    """
    Sans-IO: messages and `now_ms` (Unix ms of a clock that never goes back) come in, messages go out through the
    Wire, and `BoardHub` carries out what is to be loaded and stored.
    """

    def __init__(
        self, key: RoomKey, stored: StoredMeta, wire: Wire, config: BoardConfig, wake: Callable[[], None]
    ) -> None:
        raise NotImplementedError

    def join(self, channel: Channel, member: Member, now_ms: int) -> bool:
        """
        After a good `hello`: sends `welcome`. False when there are too many connections; then the channel has been
        closed with 4029 and is not to be used again.
        """
        raise NotImplementedError

    def leave(self, channel: Channel, now_ms: int) -> None:
        """The connection is gone, or is about to be closed by the caller. Unknown channels are ignored."""
        raise NotImplementedError

    def text(self, channel: Channel, message: str, now_ms: int) -> None:
        """A text message after `hello`. A broken one closes the channel with 4010; nothing is raised."""
        raise NotImplementedError

    def binary(self, channel: Channel, message: bytes, now_ms: int) -> None:
        """A binary message. A broken one closes the channel with 4010; nothing is raised."""
        raise NotImplementedError

    def announce(self, message: bytes, *, managers_only: bool) -> None:
        """Sends a text message that somebody else made (`job`)."""
        raise NotImplementedError

    @property
    def connections(self) -> int:
        """Connections that have joined."""
        raise NotImplementedError

    @property
    def save_at_end(self) -> bool:
        """Whether boards are to be saved to the room's files when a session ends."""
        raise NotImplementedError

    def pages(self, member: Member) -> Sequence[PageRow]:
        """The pages that a person may see now, in the order of boards and pages, without removed ones."""
        raise NotImplementedError

    def may_write_somewhere(self, member: Member) -> bool:
        """Whether a person may write on any page now (who may, may upload images for it)."""
        raise NotImplementedError

    def add_slides(
        self,
        slides: Sequence[tuple[Slide, int, int]],
        now_ms: int,
        *,
        title: str,
        board: BoardId | None,
        after: PageNumber | None,
    ) -> BoardId:
        """
        A new page for each slide with its width and height in units, on a board or, without one, on a new board of
        that title. Raises CommandRefused (`full`, `unknown_board`, `unknown_page`, `storage`).
        """
        raise NotImplementedError

    def tap(self, tap: BoardTap) -> None:
        """Somebody listens along from now on."""
        raise NotImplementedError

    def untap(self, tap: BoardTap) -> None:
        """And no longer."""
        raise NotImplementedError
