"""Real Yjs documents in a node process, for tests that need an honest client."""

import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_suffix(".mjs")
YJS = Path(__file__).parents[2] / "web-client" / "node_modules" / "yjs"


class YjsClients:
    """Commands to the node process. A client is named by a number."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def open(self, who: int, client: int, state: bytes) -> None:
        """A new document with this client id and content; a former one is dropped."""
        self._ask(do="open", who=who, client=client, state=_text(state))

    def write(self, who: int, values: Sequence[tuple[str, bytes | None]]) -> list[bytes]:
        """Writes shapes in one transaction, None deletes; the updates that it makes."""
        return self._changed(do="write", who=who, values=[(key, value and _text(value)) for key, value in values])

    def having(self, who: int, keys: Sequence[str]) -> list[str]:
        """Those of the keys that the client's document has."""
        return list(self._ask(do="has", who=who, keys=list(keys))["answer"])

    def undo(self, who: int) -> list[bytes]:
        """Undoes the client's own last change; the updates that it makes."""
        return self._changed(do="undo", who=who)

    def redo(self, who: int) -> list[bytes]:
        """Redoes what was undone last; the updates that it makes."""
        return self._changed(do="redo", who=who)

    def apply(self, who: int, updates: Sequence[bytes]) -> None:
        """Takes updates of the server."""
        self._ask(do="apply", who=who, updates=[_text(update) for update in updates])

    def merge(self, updates: Sequence[bytes]) -> bytes:
        """`Y.mergeUpdates`."""
        return b64decode(self._ask(do="merge", updates=[_text(update) for update in updates])["answer"])

    def vector(self, who: int) -> bytes:
        """The client's state vector."""
        return b64decode(self._ask(do="vector", who=who)["answer"])

    def state(self, who: int) -> bytes:
        """The client's whole document."""
        return b64decode(self._ask(do="state", who=who)["answer"])

    def shapes(self, who: int) -> dict[str, bytes]:
        """The client's living shapes."""
        return {key: b64decode(value) for key, value in self._ask(do="shapes", who=who)["answer"].items()}

    def makers(self, who: int) -> dict[str, int]:
        """The client id of each living shape's first write, as the client's document has it."""
        return dict(self._ask(do="makers", who=who)["answer"])

    def pending(self, who: int) -> bool:
        """Whether the client waits for something it has not got."""
        return bool(self._ask(do="pending", who=who)["answer"])

    def _changed(self, **command: object) -> list[bytes]:
        return [b64decode(update) for update in self._ask(**command)["emitted"]]

    def _ask(self, **command: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"node has ended with {self._process.wait(5)}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def yjs_clients() -> Iterator[YjsClients]:
    """A node process with Yjs, ended at the end. Skips where the web client's packages are not installed."""
    if shutil.which("node") is None or not YJS.exists():
        pytest.skip("needs node and the web client's packages")
    with subprocess.Popen(["node", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield YjsClients(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


def _text(data: bytes) -> str:
    return b64encode(data).decode()
