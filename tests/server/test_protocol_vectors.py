"""The files of the wire contract are those of the models, and their examples hold."""

import json
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from tests.server.protocol_vectors import BAD, FOLDER, GOOD, MODELS, vectors

_GOOD = [(kind, name, body) for kind, names in GOOD.items() for name, bodies in names.items() for body in bodies]
_BAD = [(name, body) for name, bodies in BAD.items() for body in bodies]


def test_the_files_are_up_to_date() -> None:
    expected = dict(vectors())
    found = {str(p.relative_to(FOLDER)): p.read_text(encoding="utf-8") for p in FOLDER.rglob("*.json")}
    assert found == expected, "run python -m tests.server.protocol_vectors and look at what changed"


def test_every_message_has_an_example() -> None:
    assert {kind: set(names) for kind, names in GOOD.items()} == {kind: set(names) for kind, names in MODELS.items()}


@pytest.mark.parametrize(("kind", "name", "body"), _GOOD)
def test_a_good_example_fits_the_schema_and_the_model(kind: str, name: str, body: Any) -> None:
    schema = json.loads((FOLDER / kind / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(body, schema)
    MODELS[kind][name].model_validate_json(json.dumps(body))


@pytest.mark.parametrize(("name", "body"), _BAD)
def test_a_bad_example_is_refused_by_the_schema_and_the_model(name: str, body: Any) -> None:
    schema = json.loads((FOLDER / "client" / f"{name}.schema.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, schema)
    with pytest.raises(ValidationError):
        MODELS["client"][name].model_validate(body)
