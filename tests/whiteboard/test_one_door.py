"""Bytes from outside reach the CRDT library in one place, behind the gate."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "whiteboard" / "document" / "page.py"
PACKAGES = ("server", "media", "whiteboard", "recordings")


def suspicious(source: str) -> Iterator[str]:
    """Uses of the CRDT library, and of what applies or merges updates, by whatever name it is reached."""
    if "pycrdt" not in source and "_update" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "pycrdt")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pycrdt":
            yield node.module or ""
        elif isinstance(node, ast.Attribute) and node.attr in ("apply_update", "merge_updates"):
            yield node.attr
        elif isinstance(node, ast.Constant) and node.value in ("apply_update", "merge_updates", "pycrdt"):
            yield str(node.value)


def test_only_the_page_applies_updates() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path != DOOR and any(suspicious(path.read_text(encoding="utf-8")))
    ]
    assert guilty == []


def test_the_page_applies_updates_in_one_function() -> None:
    assert [name for name in suspicious(DOOR.read_text(encoding="utf-8")) if name != "pycrdt"] == ["apply_update"]


@pytest.mark.parametrize(
    "line",
    ["import pycrdt", "from pycrdt import Doc", "doc.apply_update(b'')", "getattr(doc, 'apply_update')(b'')"],
)
def test_each_way_around_the_gate_is_seen(line: str) -> None:
    assert any(suspicious(line))
