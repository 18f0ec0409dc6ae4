"""What does one join cost the server, and how long does a person wait for the first sound?"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from aiortc import RTCIceTransport
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport

import media._native
from benchmarks.awake import awake
from benchmarks.report import cpu_ns, report
from tests.interop.live_server import LiveServer

JOINS = 100
BASELINE_S = 5.0
HANDSHAKES = 50


class _Pipe:
    """The ICE transport that a DTLS transport believes to have."""

    role = "controlling"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.other: _Pipe = self

    async def _recv(self) -> bytes:
        return await self.inbox.get()

    async def _send(self, data: bytes) -> None:
        self.other.inbox.put_nowait(data)


async def control_ms() -> float:
    """CPU time of one bare aiortc DTLS handshake, both ends, without ICE, SDP, sockets or database; median."""
    costs = []
    for _ in range(HANDSHAKES):
        ends = [_Pipe(), _Pipe()]
        ends[0].other, ends[1].other = ends[1], ends[0]
        certificates = [RTCCertificate.generateCertificate() for _ in ends]
        began = time.process_time()
        transports = [
            RTCDtlsTransport(cast("RTCIceTransport", end), [certificate])
            for end, certificate in zip(ends, certificates, strict=True)
        ]
        transports[0]._set_role("server")
        transports[1]._set_role("client")
        parameters = [transport.getLocalParameters() for transport in transports]
        await asyncio.gather(transports[0].start(parameters[1]), transports[1].start(parameters[0]))
        costs.append((time.process_time() - began) * 1000)
        await asyncio.gather(*(transport.stop() for transport in transports))
    return statistics.median(costs)


async def main() -> None:
    if media._native.build_profile != "release":
        sys.exit("benchmarks refuse a debug build: make native")
    with awake(0), awake(1):
        await measure()


async def measure() -> None:
    control = await control_ms()
    with tempfile.TemporaryDirectory() as folder:
        async with LiveServer(Path(folder) / "data") as server:
            arguments = [server.url, server.links["tutor"], server.links["officer"], str(JOINS), str(server.pid)]
            joiners = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "benchmarks.loadgen.joiners", *arguments],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert joiners.stdin is not None, "piped"
            assert joiners.stdout is not None, "piped"
            assert json.loads(await joiners.stdout.readline())["ready"]
            # What the class costs without joins: the speaker's sound and the idle threads.
            idle = cpu_ns(server.pid)
            await asyncio.sleep(BASELINE_S)
            idle_share = (cpu_ns(server.pid) - idle) / (BASELINE_S * 1e9)
            joiners.stdin.write(b"go\n")
            told = json.loads(await joiners.stdout.readline())
            await joiners.wait()
    times = told["join_to_first_audio_ms"]
    costs = [cpu - idle_share * lasted for cpu, lasted in zip(told["server_cpu_ms"], times, strict=True)]
    per_join = statistics.median(costs)
    percentiles = statistics.quantiles(times, n=20)
    report(
        "join",
        {
            "server_cpu_ms_per_join": round(per_join, 2),
            "join_to_first_audio_ms_p50": round(statistics.median(times), 1),
            "join_to_first_audio_ms_p95": round(percentiles[18], 1),
            "joins": JOINS,
            "control_dtls_cpu_ms": round(control, 2),
            "ratio": round(per_join / control, 2),
        },
    )


if __name__ == "__main__":
    asyncio.run(main())
