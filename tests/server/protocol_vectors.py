"""
The wire contract in files that both sides test against: a JSON Schema of each message, and examples, good and bad.
`python -m tests.server.protocol_vectors` writes them to tests/vectors/protocol.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from server.signaling import ACKNOWLEDGEMENTS, CLIENT_EVENTS, SERVER_EVENTS
from server.signaling.messages import Auth, Refused
from server.web.bodies import ANSWERS, REQUESTS
from tests.vector_files import json_text, schema_text, write_files

FOLDER = Path(__file__).parent.parent / "vectors" / "protocol"

_ANA = {
    "id": "01jd0c5v8e6q2k7m3n4p5r6s7t",
    "name": "Ana",
    "role": "officer",
    "mic": True,
    "camera": False,
    "screen": False,
    "hand": None,
    "connection": "connected",
    "quality": "good",
    "joined_at": 1_800_000_000_000,
}
_TUTOR = {**_ANA, "id": "01jd0c5v8e6q2k7m3n4p5r6s7u", "name": "José Núñez 👋🏽", "role": "tutor", "camera": True}
_STATE = {
    "version": 7,
    "room": {"id": "01jd0c5v8e6q2k7m3n4p5r6s70", "name": "Customs valuation"},
    "session": {"id": "01jd0c5v8e6q2k7m3n4p5r6s71", "started_at": 1_799_999_000_000},
    "you": {"participant": _ANA["id"], "role": "officer", "may": ["publish_mic", "publish_camera", "raise_hand"]},
    "participants": [_TUTOR, _ANA],
    "now": 1_800_000_001_000,
}
_SECTIONS = [{"mid": "0", "use": "mic"}, {"mid": "1", "use": "camera"}, {"mid": "2", "use": "screen_view"}]
_JOIN = {"client": {"name": "muster-web", "version": "0.1.0"}, "media": {"mic": True, "camera": False}}

GOOD: dict[str, dict[str, list[Any]]] = {
    "client": {
        "auth": [{"token": "t" * 43, "tab": "0123456789abcdef"}],
        "join": [_JOIN],
        "offer": [{"sdp": "v=0\r\n", "sections": _SECTIONS}],
        "media": [{}, {"mic": False}, {"mic": True, "camera": True, "screen": False}],
        "view": [
            {"tiles": []},
            {"tiles": [{"participant": _TUTOR["id"], "source": "camera", "width": 1280, "height": 720}]},
        ],
        "hand": [{"raised": True}, {"raised": False}],
        "moderate": [{"action": "mute_all"}, {"action": "end"}, {"action": "remove", "participant": _ANA["id"]}],
        "sync": [{}],
        "leave": [{}],
    },
    "server": {
        "state": [_STATE],
        "participant": [{"version": 8, "participant": {**_ANA, "hand": 1_800_000_002_000}}],
        "left": [
            {"version": 9, "participant": _ANA["id"], "reason": reason} for reason in ("left", "timeout", "removed")
        ],
        "speaking": [{"participants": []}, {"participants": [_TUTOR["id"]]}],
        "slots": [
            {"slots": [{"mid": "7", "participant": _TUTOR["id"], "source": "camera", "state": "live"}]},
            {"slots": [{"mid": "7", "participant": None, "source": None, "state": "waiting"}]},
        ],
        "encodings": [{"source": "camera", "active": [True, False, False]}],
        "quality": [{"participants": {_ANA["id"]: "poor"}}],
        "muted": [{"source": "mic", "by": _TUTOR["name"]}],
        "lowered": [{"by": _TUTOR["name"]}],
        "removed": [{"by": _TUTOR["name"]}],
        "ended": [{"by": _TUTOR["name"]}],
        "restart_ice": [{}],
        "renew_media": [{}],
        "moved": [{}],
        "draining": [{"reconnect_in_ms": 3000}],
    },
    "acknowledgement": {
        "join": [{"ok": True, "state": _STATE}],
        "offer": [{"ok": True, "sdp": "v=0\r\n"}],
        "media": [{"ok": True}],
        "view": [{"ok": True}],
        "hand": [{"ok": True}],
        "moderate": [{"ok": True}],
        "sync": [{"ok": True, "state": _STATE}],
        "leave": [{"ok": True}],
        "refused": [
            {"ok": False, "error": {"code": "forbidden", "detail": "Your role may not do this."}},
            {"ok": False, "error": {"code": "rate_limited", "detail": "Too many at once.", "retry_after_s": 0.5}},
        ],
    },
    "request": {
        "session": [{"ticket": "x" * 22}, {"invitation": "x" * 22, "name": "Ana", "guest_key": "g" * 22}],
        "rooms": [{"name": "Customs valuation"}, {"name": "Customs valuation", "slug": "valuation"}],
        "tickets": [{"role": "officer", "name": "Ana", "subject": "42", "muted": True}],
        "invitations": [{"role": "tutor"}, {"role": "officer", "expires_in_s": 3600}],
        "slides": [
            {"file": "01jd0c5v8e6q2k7m3n4p5r6s72"},
            {"file": "01jd0c5v8e6q2k7m3n4p5r6s72", "board": "b1", "after": 0},
        ],
    },
    "answer": {
        "session": [
            {
                "token": "t" * 43,
                "expires_at": 1_800_043_200_000,
                "room": _STATE["room"],
                "person": {"name": "Ana"},
                "role": "officer",
                "muted": False,
                "ice_servers": [{"urls": ["turns:turn.example.org:443"], "username": "u", "credential": "c"}],
            }
        ],
        "rooms": [{"id": "01jd0c5v8e6q2k7m3n4p5r6s70", "slug": "valuation", "name": "Customs valuation"}],
        "tickets": [{"ticket": "x" * 22, "url": "https://c.example/join#ticket=x", "expires_at": 1_800_000_060_000}],
        "invitations": [{"invitation": "x" * 22, "url": "https://c.example/join#invitation=x", "expires_at": None}],
        "file": [{"id": "01jd0c5v8e6q2k7m3n4p5r6s72", "name": "Notes.pdf", "type": "application/pdf", "size": 48_213}],
        "job": [{"job": "01jd0c5v8e6q2k7m3n4p5r6s73"}],
        "problem": [
            {"type": "about:blank", "title": "Gone", "status": 410, "code": "ticket_used", "detail": "Used already."}
        ],
    },
}
"""Messages that the other side must take, by kind and name."""

BAD: dict[str, list[Any]] = {
    "auth": [{"token": "t"}, {"token": "t", "tab": "short"}, {"token": 1, "tab": "0123456789abcdef"}],
    "join": [{}, {**_JOIN, "role": "tutor"}, {"client": _JOIN["client"], "media": {"mic": 1, "camera": False}}],
    "offer": [{"sdp": "v=0"}, {"sdp": "v=0", "sections": [{"mid": "0", "use": "telepathy"}]}],
    "media": [{"mic": "true"}, {"microphone": True}],
    "view": [{"tiles": [{"participant": "p", "source": "camera", "width": 0, "height": 1}]}, {"tiles": {}}],
    "hand": [{}, {"raised": 1}],
    "moderate": [{}, {"action": "promote"}],
    "sync": [{"since": 1}],
    "leave": [[], "now"],
}
"""What a client must not send: the server refuses it as `invalid`."""

_CLIENT: dict[str, type[BaseModel]] = {"auth": Auth, **CLIENT_EVENTS}
MODELS: dict[str, dict[str, type[BaseModel]]] = {
    "client": _CLIENT,
    "server": dict(SERVER_EVENTS),
    "acknowledgement": {**ACKNOWLEDGEMENTS, "refused": Refused},
    "request": dict(REQUESTS),
    "answer": dict(ANSWERS),
}


def vectors() -> Iterator[tuple[str, str]]:
    """Every file's name below FOLDER and its text."""
    for kind, models in MODELS.items():
        for message, model in models.items():
            mode: JsonSchemaMode = "validation" if kind in ("client", "request") else "serialization"
            name = f"{kind}/{message}.schema.json"
            yield name, schema_text(name, model, mode)
        yield f"{kind}/examples.json", json_text(GOOD[kind])
    yield "client/refused.json", json_text(BAD)


if __name__ == "__main__":
    write_files(FOLDER, vectors())
