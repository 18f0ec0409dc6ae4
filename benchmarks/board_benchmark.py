"""What does the whiteboard cost and how quick is it, beside Hocuspocus and y-websocket?"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pycrdt

import media._native
from benchmarks.awake import awake
from benchmarks.board_servers import BoardServer, install_rivals, muster, rival, stroke_cost
from benchmarks.report import cpu_ns, report
from benchmarks.stroke import stroke_bytes
from whiteboard.wire.frames import Coding, StateFrame, UpdatesFrame, read_server

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, LOAD_CORE = 0, 1
RUNS = 3
FANOUTS = ((200, 50), (200, 200), (500, 200))
"""Receivers, and updates a second."""
SECONDS = 5
STROKES, CLASS = 10_000, 100

Start = Callable[[], AbstractAsyncContextManager[BoardServer]]
SERVERS: dict[str, Start] = {
    "": partial(muster, SERVER_CORE),
    "_hocuspocus": partial(rival, "hocuspocus", SERVER_CORE),
    "_ywebsocket": partial(rival, "ywebsocket", SERVER_CORE),
}


def loadgen() -> str:
    """Builds the load generator and returns its path."""
    build = ["cargo", "build", "--release", "--package", "muster-loadgen", "--message-format", "json"]
    output = subprocess.run(build, cwd=ROOT / "media" / "native", stdout=subprocess.PIPE, text=True, check=True).stdout
    made = [json.loads(line) for line in output.splitlines()]
    return next(str(one["executable"]) for one in made if str(one.get("executable", "")).endswith("-board"))


async def load(generator: str, server: BoardServer, command: str, *arguments: object) -> AsyncIterator[str]:
    """Runs the load generator beside the server and gives each line that it says."""
    words = [generator, command, server.dialect, server.address, str(server.page), *map(str, arguments)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    os.sched_setaffinity(process.pid, {LOAD_CORE})
    assert process.stdin is not None, "piped"
    assert process.stdout is not None, "piped"
    process.stdin.write("\n".join(server.tokens).encode())
    process.stdin.close()
    async for line in process.stdout:
        yield line.decode().strip()
    if await process.wait() != 0:
        raise RuntimeError(f"{command} on {server.dialect} failed")


async def fan_out(generator: str, start: Start, receivers: int, rate: int) -> dict[str, float]:
    """Latency and server CPU of one run."""
    async with start() as server:
        cpu = {}
        seen: dict[str, Any] = {}
        async for line in load(generator, server, "fanout", receivers, rate, SECONDS):
            if line in ("begin", "end"):
                cpu[line] = cpu_ns(server.pid)
            else:
                seen = json.loads(line)
    # Checked after the clock stopped. A server that is too slow delivers late or never: that is said, not hidden.
    delivered = seen["delivered"] / seen["expected"]
    if delivered < 0.99:
        print(f"{server.dialect} delivered only {delivered:.0%} of {receivers} x {rate}/s", file=sys.stderr)
    spent_us = (cpu["end"] - cpu["begin"]) / 1000
    # By what came out while the processor's time was counted: a server that falls behind is not made cheap by it.
    return {"p50_ms": seen["p50_ms"], "p99_ms": seen["p99_ms"], "us": spent_us / max(1, seen["arrived"])}


async def storm(generator: str, start: Start) -> dict[str, float]:
    """A page with many strokes: its memory, and a class that opens it at once."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        async with start() as server:
            before = server.rss_kib()
            seen: dict[str, Any] = {}
            cpu = {}
            filled = 0
            async for line in load(generator, server, "storm", STROKES, CLASS, state):
                if line == "filled":
                    filled = server.rss_kib()
                elif line in ("begin", "end"):
                    cpu[line] = cpu_ns(server.pid)
                else:
                    seen = json.loads(line)
        assert shapes_in(server.dialect, state.read_bytes()) == STROKES, f"{server.dialect} sent another page"
    return {
        "last_ms": seen["last_ms"],
        "cpu_ms": (cpu["end"] - cpu["begin"]) / 1e6 / CLASS,
        "mib": (filled - before) / 1024 * 10_000 / STROKES,
    }


def shapes_in(dialect: str, brought: bytes) -> int:
    """How many shapes the messages with a whole page hold; each stands after its length."""
    document: pycrdt.Doc[Any] = pycrdt.Doc()
    at = 0
    while at < len(brought):
        length = int.from_bytes(brought[at : at + 4], "little")
        for update in updates_in(dialect, brought[at + 4 : at + 4 + length]):
            document.apply_update(update)
        at += 4 + length
    return len(document.get("e", type=pycrdt.Map))


def updates_in(dialect: str, message: bytes) -> list[bytes]:
    """The Yjs updates of one message."""
    if dialect == "muster":
        frame = read_server(message)
        if isinstance(frame, StateFrame):
            return [zlib.decompress(frame.data) if frame.coding is Coding.ZLIB else frame.data]
        return list(frame.updates) if isinstance(frame, UpdatesFrame) else []
    at = (1 + len("page") if dialect == "hocuspocus" else 0) + 2
    return [message[_after_varuint(message, at) :]]


def _after_varuint(message: bytes, at: int) -> int:
    while message[at] > 127:
        at += 1
    return at + 1


async def main() -> None:
    if media._native.build_profile != "release":
        sys.exit("benchmarks refuse a debug build: make native")
    generator = loadgen()
    await asyncio.to_thread(install_rivals)
    with awake(SERVER_CORE), awake(LOAD_CORE):
        figures = await measure(generator)
    report("board", figures)


async def measure(generator: str) -> dict[str, object]:
    """All figures. Servers take turns within a round, so that the machine's moods meet all of them."""
    found: dict[str, list[float]] = {}

    def note(name: str, suffix: str, value: float) -> None:
        found.setdefault(name + suffix, []).append(value)

    for _ in range(RUNS):
        for receivers, rate in FANOUTS:
            for suffix, start in SERVERS.items():
                one = await fan_out(generator, start, receivers, rate)
                for name, value in (
                    ("p50_ms", one["p50_ms"]),
                    ("p99_ms", one["p99_ms"]),
                    ("us_per_delivery", one["us"]),
                ):
                    note(f"{name}_{receivers}x{rate}", suffix, value)
        for suffix, start in SERVERS.items():
            one = await storm(generator, start)
            note("join_storm_last_ms", suffix, one["last_ms"])
            note("cpu_ms_per_join", suffix, one["cpu_ms"])
            note("mib_per_10k_strokes", suffix, one["mib"])
    figures: dict[str, object] = {name: round(statistics.median(values), 3) for name, values in found.items()}
    own = stroke_bytes()
    for suffix, cost in (("", own), *((f"_{name}", stroke_cost(name)) for name in ("hocuspocus", "ywebsocket"))):
        figures["bytes_per_stroke" + suffix] = cost["sent"]
        figures["bytes_stored_per_stroke" + suffix] = cost["stored"]
    figures["ratio"] = {
        name: round(statistics.median(values) / min(statistics.median(found[name + s]) for s in SERVERS if s), 3)
        for name, values in found.items()
        if name + "_hocuspocus" in found
    }
    return figures


if __name__ == "__main__":
    asyncio.run(main())
