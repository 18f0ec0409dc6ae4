"""The table of commands: each changes the meta document or is refused, and says what is answered beside `done`."""

from collections.abc import Callable, Mapping
from typing import Any

from whiteboard.ids import PersonKey
from whiteboard.meta import boards, copies, pages, rules
from whiteboard.meta.document import Meta
from whiteboard.wire.messages import FromClient, MetaCommand

Answer = Mapping[str, Any]
_Handler = Callable[[Meta, Any, PersonKey, int], Answer]

_TABLE: Mapping[str, _Handler] = {
    "board_add": boards.add,
    "board_change": boards.change,
    "board_remove": boards.remove,
    "page_add": pages.add,
    "page_change": pages.change,
    "page_move": pages.move,
    "page_remove": pages.remove,
    "page_restore": pages.restore,
    "turn": pages.turn,
    "rights": rules.set_rights,
    "group_set": rules.set_group,
    "group_remove": rules.remove_group,
    "settings": rules.settings,
    "collect": copies.collect,
    "show": copies.show,
}


def apply(meta: Meta, command: MetaCommand, by: PersonKey, now_ms: int) -> Answer:
    """
    Carries a command out for somebody who may. `page_copy` and `hand_out` are not among them: they need the page's
    document (`whiteboard.meta.copies`). Raises CommandRefused, and then nothing has changed.
    """
    return _TABLE[command.type](meta, command, by, now_ms)


def makes_something(command: FromClient) -> bool:
    """Whether a command adds rows: that is refused while the store fails, for what waits in memory has a bound."""
    return getattr(command, "type", "") in ("board_add", "page_add", "page_copy", "hand_out", "group_set")
