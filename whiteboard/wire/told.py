"""The server's text messages that are the same for all who get them (docs/protocol.md section 3.1)."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from whiteboard.errors import CommandRefused, UpdateRefused
from whiteboard.ids import ClientId, Epoch, PageNumber, PersonKey, Seq
from whiteboard.people import Member


def done(answer_to: int, fields: Mapping[str, Any]) -> bytes:
    """`done`"""
    return orjson.dumps({"type": "done", "id": answer_to, **fields})


def refused(answer_to: int, why: CommandRefused) -> bytes:
    """`refused`"""
    message = {"type": "refused", "id": answer_to, "code": why.code.value, "detail": why.detail}
    if why.retry_after_s is not None:
        message["retry_after_s"] = round(why.retry_after_s, 3)
    return orjson.dumps(message)


def nack(page: PageNumber, n: int, why: UpdateRefused) -> bytes:
    """`nack`"""
    return orjson.dumps({"type": "nack", "page": page, "n": n, "code": why.reason.value, "detail": why.detail})


def opened(
    page: PageNumber,
    epoch: Epoch,
    seq: Seq,
    client: ClientId | None,
    *,
    reset: bool,
    writers: Iterable[tuple[ClientId, PersonKey, str]],
) -> bytes:
    """`opened`"""
    found = [{"client": number, "person": person, "name": name} for number, person, name in writers]
    return orjson.dumps(
        {
            "type": "opened",
            "page": page,
            "epoch": epoch,
            "seq": seq,
            "client": client,
            "reset": reset,
            "writers": found,
        }
    )


def writer(page: PageNumber, epoch: Epoch, client: ClientId, person: PersonKey, name: str) -> bytes:
    """`writer`"""
    return orjson.dumps(
        {"type": "writer", "page": page, "epoch": epoch, "client": client, "person": person, "name": name}
    )


def rolled(page: PageNumber, epoch: Epoch) -> bytes:
    """`rolled`"""
    return orjson.dumps({"type": "rolled", "page": page, "epoch": epoch})


def behind(page: PageNumber) -> bytes:
    """`behind`"""
    return orjson.dumps({"type": "behind", "page": page})


def turn(page: PageNumber | None, by: str) -> bytes:
    """`turn`: `by` is a name."""
    return orjson.dumps({"type": "turn", "page": page, "by": by})


def settings(*, save_at_end: bool) -> bytes:
    """`settings`"""
    return orjson.dumps({"type": "settings", "save_at_end": save_at_end})


def people(here: Iterable[tuple[int, Member]], gone: Iterable[int]) -> bytes:
    """`people`"""
    return orjson.dumps({"type": "people", "people": [actor(*one) for one in here], "gone": list(gone)})


def actor(number: int, member: Member) -> dict[str, Any]:
    """Actor"""
    return {
        "actor": number,
        "person": member.person,
        "participant": member.participant,
        "name": member.name,
        "role": member.role.value,
    }
