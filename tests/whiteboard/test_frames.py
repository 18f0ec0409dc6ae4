"""The binary messages: read back as they were written, and broken ones refused without anything else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.whiteboard.frame_vectors import BROKEN_CLIENT, BROKEN_SERVER, CLIENT, PATH, SERVER, text
from whiteboard import Epoch, PageNumber, Seq
from whiteboard.wire.frames import (
    AckFrame,
    Coding,
    FrameBroken,
    LiveFrame,
    LiveKind,
    LivesFrame,
    StateFrame,
    UpdateFrame,
    UpdatesFrame,
    read_client,
    read_server,
    write,
)

number = st.integers(0, 2**53 - 1)
page, epoch, seq = number.map(PageNumber), number.map(Epoch), number.map(Seq)
data = st.binary(max_size=300)
client_frames = st.one_of(
    st.builds(UpdateFrame, page, epoch, number, data),
    st.builds(LiveFrame, page, st.sampled_from(LiveKind), data),
)
lives = st.lists(st.tuples(number, st.integers(0, 255), data)).map(tuple)
server_frames = st.one_of(
    st.builds(UpdatesFrame, page, epoch, seq, st.lists(data).map(tuple)),
    st.builds(LivesFrame, page, lives),
    st.builds(AckFrame, page, epoch, number, seq),
    st.builds(StateFrame, page, epoch, seq, st.sampled_from(Coding), data),
)


@given(client_frames)
def test_what_a_client_writes_is_read_back(frame: UpdateFrame | LiveFrame) -> None:
    assert read_client(write(frame)) == frame


@given(server_frames)
def test_what_the_server_writes_is_read_back(frame: UpdatesFrame | LivesFrame | AckFrame | StateFrame) -> None:
    assert read_server(write(frame)) == frame


@given(data)
def test_any_bytes_are_a_message_or_refused(message: bytes) -> None:
    with suppress(FrameBroken):
        read_client(message)
    with suppress(FrameBroken):
        read_server(message)


@given(server_frames, st.data())
def test_a_message_that_is_cut_off_is_refused_or_another_message(frame: UpdatesFrame, chance: st.DataObject) -> None:
    whole = write(frame)
    cut = whole[: chance.draw(st.integers(0, len(whole) - 1))]
    with suppress(FrameBroken):
        assert write(read_server(cut)) == cut


@pytest.mark.parametrize("name", BROKEN_CLIENT)
def test_broken_bytes_of_a_client_are_refused(name: str) -> None:
    with pytest.raises(FrameBroken):
        read_client(bytes.fromhex(BROKEN_CLIENT[name]))


@pytest.mark.parametrize("name", BROKEN_SERVER)
def test_broken_bytes_of_the_server_are_refused(name: str) -> None:
    with pytest.raises(FrameBroken):
        read_server(bytes.fromhex(BROKEN_SERVER[name]))


def test_the_vectors_are_what_the_code_writes_and_reads() -> None:
    assert PATH.read_text(encoding="utf-8") == text()
    stored = json.loads(PATH.read_text(encoding="utf-8"))
    for vector in stored["client"]:
        assert read_client(bytes.fromhex(vector["hex"])) == CLIENT[vector["name"]]
    for vector in stored["server"]:
        assert read_server(bytes.fromhex(vector["hex"])) == SERVER[vector["name"]]
