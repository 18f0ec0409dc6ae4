"""The ink outline against perfect-freehand's own, and the pieces that it is filled by."""

import json
from pathlib import Path
from typing import Any

import pytest

from whiteboard.render.freehand import Options, outline

_CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "board" / "ink_outlines.json").read_text(encoding="ascii")
)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_outlines_are_those_of_perfect_freehand(case: dict[str, Any]) -> None:
    points = [complex(x, y) for x, y, _ in case["points"]]
    made = outline(points, [pressure for _, _, pressure in case["points"]], Options(**case["options"]))
    expected = [complex(x, y) for x, y in case["outline"]]
    found = made.points()
    assert len(found) == len(expected)
    assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) < 0.01
