"""A blob under way, when its caller gives up in the midst of a write."""

import os
import threading
from pathlib import Path
from typing import BinaryIO, cast

from server.files.folder import Draft


def test_a_draft_is_not_closed_under_a_write_that_is_still_going_on(tmp_path: Path) -> None:
    draft = Draft(tmp_path)
    draft.write(b"begun")
    inside, go_on = threading.Event(), threading.Event()
    file = cast(BinaryIO, draft._file)

    class Slow:
        def write(self, data: bytes) -> int:
            """Takes until it is told."""
            inside.set()
            assert go_on.wait(5)
            assert not file.closed
            return os.write(file.fileno(), data)

        def close(self) -> None:
            """Closes the real one."""
            file.close()

    draft._file = Slow()  # type: ignore[assignment]  # all that a draft asks of its file
    writing = threading.Thread(target=draft.write, args=(b"more",))
    writing.start()
    assert inside.wait(5)
    dropping = threading.Thread(target=draft.drop)
    dropping.start()
    go_on.set()
    writing.join(5)
    dropping.join(5)
    assert file.closed
    assert draft.size == len(b"begunmore")
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_is_written_to_a_dropped_draft_goes_nowhere(tmp_path: Path) -> None:
    draft = Draft(tmp_path)
    draft.drop()
    draft.write(b"late")
    assert list(tmp_path.rglob("*")) == []
