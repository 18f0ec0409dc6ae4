"""How vectors are written, so that a file made anew differs only where the contract does."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode


def json_text(value: Any) -> str:
    """A file that people read, in UTF-8."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def schema_text(name: str, model: type[BaseModel], mode: JsonSchemaMode = "validation") -> str:
    """The JSON Schema of a message; `name` is its place below tests/vectors."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return json_text({"$schema": draft, "$id": name, **model.model_json_schema(mode=mode)})


def line_text(vectors: Mapping[str, Any]) -> str:
    """A file of lists, in ASCII, with a vector a line."""
    parts = []
    for name, value in vectors.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(vector) for vector in value)
            parts.append(f' "{name}": [\n{lines}\n ]')
        else:
            parts.append(f' "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write_files(folder: Path, files: Iterator[tuple[str, str]]) -> None:
    """Writes each text under its name below `folder`."""
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
