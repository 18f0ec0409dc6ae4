"""The files of the board's text messages are those of the models, and their examples hold."""

import json
from typing import Any

import jsonschema
import pytest

from tests.whiteboard.message_vectors import BAD, FOLDER, GOOD, MODELS, vectors
from tests.whiteboard.server_messages import check
from whiteboard.wire.messages import MessageBroken, parse, parse_hello

_GOOD = [(kind, name, body) for kind, names in GOOD.items() for name, bodies in names.items() for body in bodies]
_BAD = [(name, body) for name, bodies in BAD.items() for body in bodies]


def test_the_files_are_up_to_date() -> None:
    found = {str(p.relative_to(FOLDER)): p.read_text(encoding="utf-8") for p in FOLDER.rglob("*.json")}
    assert found == dict(vectors()), "run python -m tests.whiteboard.message_vectors and look at what changed"


def test_every_message_has_an_example() -> None:
    assert {kind: set(names) for kind, names in GOOD.items()} == {kind: set(names) for kind, names in MODELS.items()}


@pytest.mark.parametrize(("kind", "name", "body"), _GOOD)
def test_a_good_example_fits_the_schema_and_is_taken(kind: str, name: str, body: dict[str, Any]) -> None:
    jsonschema.validate(body, json.loads((FOLDER / kind / f"{name}.schema.json").read_text(encoding="utf-8")))
    text = json.dumps(body)
    if kind == "server":
        check(text.encode())
    else:
        found = parse_hello(text) if name == "hello" else parse(text)
        assert found.model_dump(mode="json", exclude_unset=True) == body


@pytest.mark.parametrize(("name", "body"), _BAD)
def test_a_bad_example_is_refused_by_the_schema_and_at_the_door(name: str, body: Any) -> None:
    schema = json.loads((FOLDER / "client" / f"{name}.schema.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, schema)
    with pytest.raises(MessageBroken):
        (parse_hello if name == "hello" else parse)(json.dumps(body))
