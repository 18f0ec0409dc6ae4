"""The asynchronous face of all rooms' boards: loads, stores, and keeps time for them."""

from collections.abc import Callable, Mapping, Sequence

from whiteboard.config import BoardConfig
from whiteboard.ids import PageNumber, RoomKey
from whiteboard.ports import MetaStore, PageStore, Wire
from whiteboard.room import BoardRoom
from whiteboard.start import OwnedShape


class BoardHub:
    """`run` must be running while rooms are used. `clock`: Unix ms, must never go back."""

    def __init__(
        self,
        pages: PageStore,
        meta: MetaStore,
        wire: Wire,
        clock: Callable[[], int],
        config: BoardConfig | None = None,
    ) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Until `close`: then everything that can be stored is stored."""
        raise NotImplementedError

    def close(self) -> None:
        """Ends `run`. Connections are the caller's to close, before."""
        raise NotImplementedError

    async def room(self, key: RoomKey) -> BoardRoom:
        """A room, loaded when it is not yet. It is unloaded when nobody is there and all is stored, so never keep it
        without a connection that has joined. Raises the store's errors."""
        raise NotImplementedError

    async def shapes(self, key: RoomKey, page: PageNumber) -> Sequence[OwnedShape]:
        """A page's living shapes, for export. Raises KeyError for an unknown page, and the store's errors."""
        raise NotImplementedError

    def snapshot(self) -> Mapping[str, int]:
        """Counters since the start and gauges (`rooms`, `connections`, `open_pages`) by name."""
        raise NotImplementedError
