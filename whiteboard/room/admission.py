"""What somebody lacks who opens a page: recent updates, a diff, or everything."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from whiteboard.document.page import PageDocument
from whiteboard.errors import VectorRefused
from whiteboard.ids import ClientId, PersonKey, Seq
from whiteboard.limits import PageLimits
from whiteboard.room.client_ids import ClientIds, phantom
from whiteboard.room.page_state import StateCache
from whiteboard.room.update_log import UpdateLog
from whiteboard.wire.frames import Coding, log_messages, state_message
from whiteboard.wire.messages import Open

_LIMITS = PageLimits()


@dataclass(frozen=True, slots=True)
class Missing:
    """Messages that bring it. `reset`: the local document is to be forgotten first."""

    reset: bool
    messages: Sequence[bytes]


def what_is_missing(
    asked: Open, person: PersonKey, doc: PageDocument, log: UpdateLog, ids: ClientIds, states: StateCache
) -> Missing | None:
    """None when the whole document is needed and not packed yet."""
    if asked.epoch == doc.epoch:
        # Numbers are trusted only where they were given since the page was loaded: a crash may have taken some.
        known = asked.client is not None and doc.clients.get(ClientId(asked.client)) == person
        if known and asked.client in ids.trusted and asked.seq is not None:
            tail = log.since(Seq(asked.seq), doc.seq)
            if tail is not None:
                return Missing(False, log_messages(states.page, doc.epoch, tail))
        vector = _vector(asked.vector)
        if vector is not None:
            try:
                if not phantom(vector, person, doc, ids, _LIMITS):
                    data = doc.diff(vector)
                    message = state_message(states.page, doc.epoch, doc.seq, Coding.PLAIN, data)
                    return Missing(False, (message,))
            except VectorRefused:
                pass
    ready = states.ready(doc, log)
    return None if ready is None else Missing(True, ready)


def _vector(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
