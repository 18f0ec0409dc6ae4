"""The codec of shapes: the vectors that the web client reads too, and every byte string that is not a shape."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.whiteboard import shape_vectors
from whiteboard.shapes import Ink, Line, Shape, ShapeRefused, Text, Unknown, decode, encode

_FILE: dict[str, Any] = json.loads(shape_vectors.PATH.read_text(encoding="ascii"))


def test_the_vector_file_is_what_its_source_says() -> None:
    assert shape_vectors.PATH.read_text(encoding="ascii") == shape_vectors.text()


@pytest.mark.parametrize("vector", _FILE["shapes"], ids=lambda vector: vector["name"])
def test_each_vector_decodes_to_its_fields_and_encodes_to_its_bytes(vector: dict[str, Any]) -> None:
    shape = decode(bytes.fromhex(vector["hex"]))
    assert isinstance(shape, Shape)
    assert json.loads(json.dumps(asdict(shape))) == vector["fields"]
    assert type(shape).__name__.lower() == vector["type"]
    assert encode(shape).hex() == vector["hex"]


@pytest.mark.parametrize("vector", _FILE["unknown"], ids=lambda vector: vector["name"])
def test_what_is_to_come_is_kept_whole(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    shape = decode(data)
    assert isinstance(shape, Unknown)
    assert shape.data == data
    box = vector["fields"]["box"]
    assert (shape.version, shape.type, shape.z) == (data[0], data[1], vector["fields"]["z"])
    assert shape.box == (tuple(box) if box else None)


@pytest.mark.parametrize("vector", _FILE["refused"], ids=lambda vector: vector["name"])
def test_what_is_no_shape_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(ShapeRefused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.reason.value == vector["reason"]


@pytest.mark.parametrize("vector", _FILE["shapes"], ids=lambda vector: vector["name"])
def test_no_prefix_of_a_shape_is_a_shape(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    step = max(1, len(data) // 200)
    for end in range(2, len(data), step):
        with pytest.raises(ShapeRefused):
            decode(data[:end])


@given(some.binary(max_size=300))
def test_random_bytes_are_a_shape_or_refused(data: bytes) -> None:
    for version in (b"", b"\x01"):
        try:
            shape = decode(version + data)
        except ShapeRefused:
            continue
        assert isinstance(shape, Unknown) or decode(encode(shape)) == shape


@given(some.sampled_from(_FILE["shapes"]), some.data())
def test_a_shape_with_changed_bytes_is_a_shape_or_refused(vector: dict[str, Any], draw: some.DataObject) -> None:
    data = bytearray.fromhex(vector["hex"])
    for _ in range(draw.draw(some.integers(1, 4))):
        data[draw.draw(some.integers(0, len(data) - 1))] = draw.draw(some.integers(0, 255))
    try:
        shape = decode(bytes(data))
    except ShapeRefused:
        return
    assert isinstance(shape, Unknown) or decode(encode(shape)) == shape


@pytest.mark.parametrize(
    "shape",
    [
        Line(z="-", x1=0, y1=0, x2=0, y2=0),
        Line(z="a", x1=4_000_001, y1=0, x2=0, y2=0),
        Line(z="a", x1=0, y1=0, x2=0, y2=0, flags=256),
        Line(z="a", x1=0, y1=0, x2=0, y2=0, duration_ms=-1),
        Ink(z="a", xs=(1, 2), ys=(1,), pressures=(1, 1)),
        Ink(z="a", xs=(1, 2), ys=(1, 2)),
        Text(z="a", x=0, y=0, width=-1, size=10, text=""),
        Text(z="a", x=0, y=0, width=0, size=10, text="\ud800"),
        Text(z="a", x=0, y=0, width=0, size=10, text="x" * 4_001),
    ],
)
def test_a_shape_that_could_not_be_read_back_is_not_written(shape: Shape) -> None:
    with pytest.raises(ShapeRefused):
        encode(shape)
