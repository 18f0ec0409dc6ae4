"""Only the media package imports the native module; import-linter sees Python sources only, so a test looks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def imported(source: str) -> Iterator[str]:
    """The full names of all that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", ["server", "whiteboard", "recordings"])
def test_a_package_uses_the_typed_face_of_the_media_plane(package: str) -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if any(name.startswith("media._native") for name in imported(path.read_text(encoding="utf-8")))
    ]
    assert guilty == []


@pytest.mark.parametrize("line", ["import media._native", "from media import _native", "from media._native import X"])
def test_each_way_to_import_it_is_seen(line: str) -> None:
    assert any(name.startswith("media._native") for name in imported(line))
