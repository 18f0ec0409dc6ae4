"""What does forwarding one packet cost, whole server, against sealing and sending alone?"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import media._native
from benchmarks.awake import awake
from benchmarks.report import report

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3
TRIES = 3
SECONDS = 8
CONTROL_SECONDS = 3
SINKS = 200
FRAME_PACKETS = 5
SERVER_CORE, LOAD_CORE = 0, 1


def loadgen() -> str:
    """Builds the load generator and returns its path."""
    build = ["cargo", "build", "--release", "--package", "muster-loadgen", "--message-format", "json"]
    output = subprocess.run(build, cwd=ROOT / "media" / "native", stdout=subprocess.PIPE, text=True, check=True).stdout
    made = [json.loads(line) for line in output.splitlines()]
    return next(str(one["executable"]) for one in made if one.get("executable"))


def start(arguments: list[str], core: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    os.sched_setaffinity(process.pid, {core})
    return process


def line(process: subprocess.Popen[str]) -> str:
    """The next line of a process that speaks in lines; its end is an error."""
    assert process.stdout is not None, "started with a pipe"
    if not (text := process.stdout.readline()):
        raise RuntimeError(f"{process.args!r} ended early")
    return text


def ask(process: subprocess.Popen[str], question: str) -> dict[str, Any]:
    assert process.stdin is not None, "started with a pipe"
    process.stdin.write(question + "\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(line(process))
    return found


class DisturbedRun(RuntimeError):
    """Not every packet arrived whole within the measured time: the machine was busy, or packets were lost."""


def forward(generator: str, subscribers: int) -> dict[str, float]:
    """One run of the server with this many subscribers; a disturbed one is said and repeated, twice at most."""
    for _ in range(TRIES - 1):
        try:
            return forward_once(generator, subscribers)
        except DisturbedRun as disturbed:
            print(disturbed, file=sys.stderr)
    return forward_once(generator, subscribers)


def forward_once(generator: str, subscribers: int) -> dict[str, float]:
    module = [sys.executable, "-m", "benchmarks.forwarding_server", str(SERVER_CORE), str(subscribers)]
    with start(module, SERVER_CORE) as server:
        idle = json.loads(line(server))
        with start([generator, "run", str(idle["port"]), str(subscribers), str(SECONDS)], LOAD_CORE) as load:
            assert line(load) == "begin\n"
            before = ask(server, "usage")
            assert line(load) == "end\n"
            after = ask(server, "usage")
            seen = json.loads(line(load))
        counters = ask(server, "counters")
        assert server.stdin is not None, "started with a pipe"
        server.stdin.close()
    cpu_s = after["cpu_s"] - before["cpu_s"]
    # Checked after the clock stopped: what did not arrive, or did not open, is not forwarding.
    delivered = seen["received"] / seen["expected"]
    if seen["bad"] or not 0.97 <= delivered <= 1.03:
        dropped = {name: count for name, count in counters.items() if name.startswith("drop") and count}
        raise DisturbedRun(f"not every packet arrived whole: {seen}, dropped {dropped}")
    return {
        "pkts_per_cpu_s": seen["received"] / cpu_s,
        "p50_ms": seen["p50_ms"],
        "p99_ms": seen["p99_ms"],
        "rss_kib": (after["rss_kib"] - idle["rss_kib"]) / subscribers,
        "system_share": (after["system_s"] - before["system_s"]) / cpu_s,
        "core_use": cpu_s / SECONDS,
    }


def control(generator: str, segments: int) -> float:
    """Packets that one CPU second seals and sends, `segments` to each destination at once."""
    with start([generator, "sink", str(SINKS)], LOAD_CORE) as sink:
        ports = line(sink).split()
        with start([generator, "control", str(CONTROL_SECONDS), str(segments), *ports], SERVER_CORE) as sender:
            found = json.loads(line(sender))
        sink.terminate()
    return float(found["sent"] / found["cpu_ns"] * 1e9)


def main() -> None:
    if media._native.build_profile != "release":
        sys.exit("the native module is a debug build: make native")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("server and load generator need a core each")
    generator = loadgen()
    hundred, two_hundred, controls, gso_controls = [], [], [], []
    with awake(SERVER_CORE):
        for _ in range(RUNS):
            # Neighbours in time are compared: the machine's speed drifts.
            controls.append(control(generator, 1))
            two_hundred.append(forward(generator, 200))
            gso_controls.append(control(generator, FRAME_PACKETS))
            hundred.append(forward(generator, 100))
            print(json.dumps({"200": two_hundred[-1], "control": round(controls[-1])}), file=sys.stderr)

    def middle(name: str, runs: list[dict[str, float]]) -> float:
        return statistics.median(run[name] for run in runs)

    ratios = [run["pkts_per_cpu_s"] / raw for run, raw in zip(two_hundred, controls, strict=True)]
    report(
        "forwarding",
        {
            "pkts_per_cpu_s_100": round(middle("pkts_per_cpu_s", hundred)),
            "pkts_per_cpu_s_200": round(middle("pkts_per_cpu_s", two_hundred)),
            "control_pkts_per_cpu_s": round(statistics.median(controls)),
            "control_gso_pkts_per_cpu_s": round(statistics.median(gso_controls)),
            "ratio_200": round(statistics.median(ratios), 3),
            "p50_ms_200": middle("p50_ms", two_hundred),
            "p99_ms_200": middle("p99_ms", two_hundred),
            "rss_kib_per_subscriber": round(middle("rss_kib", two_hundred), 1),
            "core_use_200": round(middle("core_use", two_hundred), 3),
            "system_share_200": round(middle("system_share", two_hundred), 3),
            "runs": RUNS,
        },
    )


if __name__ == "__main__":
    main()
