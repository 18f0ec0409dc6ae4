"""
The board's text messages in files that both sides test against: a JSON Schema of each, and examples, good and bad.
`python -m tests.whiteboard.message_vectors` writes them to tests/vectors/board/messages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests.vector_files import json_text, schema_text, write_files
from tests.whiteboard.server_messages import SERVER_MESSAGES
from whiteboard.wire.messages import CLIENT_MESSAGES

FOLDER = Path(__file__).parents[1] / "vectors" / "board" / "messages"

_BOARD = {"id": "5b1f0c9d2e3a4b57", "title": "Lesson 3", "position": "0010V"}
_PAGE = {
    "number": 7,
    "board": _BOARD["id"],
    "epoch": 1,
    "title": "Aduanas ✓",
    "position": "0010V",
    "width": 1600,
    "height": 900,
    "paper": "grid",
    "slide": None,
    "mode": "own",
    "rules": [],
    "right": "own",
    "copy_of": None,
    "owner": None,
    "shown": False,
    "handed_out": True,
    "removed": False,
    "shapes": 12,
}
_COPY = {
    **{key: value for key, value in _PAGE.items() if key != "right"},
    "number": 8,
    "slide": {"file": "01jd0c5v8e6q2k7m3n4p5r6s72", "page": 0},
    "rules": [{"subject": "person:42", "mode": "locked"}, {"subject": "role:officer", "mode": "shared"}],
    "copy_of": 7,
    "owner": "42",
}
_GROUP = {"id": "0f", "name": "Table 1", "persons": ["42", "43"]}
_ACTOR = {"actor": 3, "person": "42", "participant": "01jd0c5v8e6q2k7m3n4p5r6s7t", "name": "Ana", "role": "officer"}
_OPENED = {"type": "opened", "page": 7, "epoch": 1, "seq": 40, "client": 4294967295, "reset": False, "writers": []}

GOOD: dict[str, dict[str, list[dict[str, Any]]]] = {
    "client": {
        "hello": [{"type": "hello", "token": "t" * 43, "tab": "0123456789abcdef"}],
        "open": [
            {"type": "open", "page": 7},
            {"type": "open", "id": 1, "page": 7, "epoch": 1, "seq": 40, "vector": "AQED", "client": 4294967295},
        ],
        "close": [{"type": "close", "page": 7}],
        "board_add": [{"type": "board_add", "id": 2, "title": "Lesson 4", "after": _BOARD["id"]}],
        "board_change": [{"type": "board_change", "board": _BOARD["id"], "title": "Lesson 3b", "after": ""}],
        "board_remove": [{"type": "board_remove", "board": _BOARD["id"]}],
        "page_add": [
            {"type": "page_add", "board": _BOARD["id"]},
            {"type": "page_add", "board": "b", "after": 0, "title": "x", "paper": "dots", "width": 900, "height": 1600},
        ],
        "page_copy": [{"type": "page_copy", "id": 3, "page": 7}],
        "page_change": [{"type": "page_change", "page": 7, "title": "Aduanas", "paper": "ruled"}],
        "page_move": [{"type": "page_move", "page": 7, "board": _BOARD["id"], "after": 0}],
        "page_remove": [{"type": "page_remove", "pages": [7, 8]}],
        "page_restore": [{"type": "page_restore", "pages": [7]}],
        "rights": [
            {"type": "rights", "page": 7, "mode": "locked"},
            {"type": "rights", "board": "b", "rules": [{"subject": "group:0f", "mode": "own"}]},
        ],
        "group_set": [{"type": "group_set", "id": 4, "name": "Table 1", "persons": ["42"]}],
        "group_remove": [{"type": "group_remove", "group": "0f"}],
        "turn": [{"type": "turn", "page": 7}, {"type": "turn", "page": None}],
        "hand_out": [{"type": "hand_out", "id": 5, "page": 7}],
        "collect": [{"type": "collect", "page": 7}],
        "show": [{"type": "show", "page": 8, "shown": True}],
        "settings": [{"type": "settings", "save_at_end": True}],
    },
    "server": {
        "welcome": [
            {
                "type": "welcome",
                "version": 1,
                "you": {"actor": 3, "person": "42", "role": "officer", "may": ["board_write"]},
                "boards": [_BOARD],
                "pages": [_PAGE],
                "groups": [],
                "people": [_ACTOR],
                "turn": 7,
                "settings": {"save_at_end": False},
                "limits": {"shapes": 20000, "shape_bytes": 16384, "page_bytes": 30000000, "updates_per_s": 60},
                "now": 1_800_000_000_000,
            }
        ],
        "pages": [{"type": "pages", "version": 2, "pages": [_PAGE, _COPY], "gone": [9]}],
        "boards": [{"type": "boards", "version": 3, "boards": [_BOARD], "gone": ["0a"]}],
        "groups": [{"type": "groups", "version": 4, "groups": [_GROUP]}],
        "turn": [{"type": "turn", "page": 7, "by": "José"}, {"type": "turn", "page": None, "by": "José"}],
        "people": [{"type": "people", "people": [{**_ACTOR, "participant": None}], "gone": [1, 2]}],
        "settings": [{"type": "settings", "save_at_end": True}],
        "opened": [
            _OPENED,
            {**_OPENED, "client": None, "reset": True, "writers": [{"client": 5, "person": "42", "name": "Ana"}]},
        ],
        "writer": [{"type": "writer", "page": 7, "epoch": 1, "client": 5, "person": "42", "name": "Ana"}],
        "nack": [{"type": "nack", "page": 7, "n": 12, "code": "locked", "detail": "the page is locked"}],
        "rolled": [{"type": "rolled", "page": 7, "epoch": 2}],
        "behind": [{"type": "behind", "page": 7}],
        "done": [
            {"type": "done", "id": 1},
            {"type": "done", "id": 3, "page": 9},
            {"type": "done", "id": 5, "copies": 2},
        ],
        "refused": [
            {"type": "refused", "id": 1, "code": "forbidden", "detail": "your role may not do this"},
            {"type": "refused", "id": 1, "code": "rate_limited", "detail": "too many at once", "retry_after_s": 0.5},
        ],
        "job": [{"type": "job", "job": "01j", "state": "running", "done": 3, "total": 12}],
    },
}
"""Messages that the other side must take, by kind and name."""

BAD: dict[str, list[Any]] = {
    "hello": [{"type": "hello", "token": "t", "tab": "short"}, {"type": "hello", "token": "t"}],
    "open": [{"type": "open", "page": "7"}, {"type": "open", "page": 0}, {"type": "open", "page": 7, "since": 1}],
    "close": [{"type": "close"}],
    "board_add": [{"type": "board_add", "title": "x" * 201}, {"type": "board_add", "title": "a\nb"}],
    "page_add": [{"type": "page_add", "board": "b", "paper": "lined"}, {"type": "page_add", "board": "b", "width": 1}],
    "page_remove": [{"type": "page_remove", "pages": []}],
    "rights": [
        {"type": "rights", "page": 7, "mode": "open"},
        {"type": "rights", "page": 7, "rules": [{"mode": "own"}]},
    ],
    "turn": [{"type": "turn"}],
    "show": [{"type": "show", "page": 8, "shown": 1}],
}
"""What a client must not send: the server refuses it as `invalid`."""

MODELS: dict[str, dict[str, type[BaseModel]]] = {"client": dict(CLIENT_MESSAGES), "server": dict(SERVER_MESSAGES)}


def vectors() -> Iterator[tuple[str, str]]:
    """Every file's name below FOLDER and its text."""
    for kind, models in MODELS.items():
        for message, model in models.items():
            name = f"{kind}/{message}.schema.json"
            yield name, schema_text(f"board/{name}", model)
        yield f"{kind}/examples.json", json_text(GOOD[kind])
    yield "client/refused.json", json_text(BAD)


if __name__ == "__main__":
    write_files(FOLDER, vectors())
