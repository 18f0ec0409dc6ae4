"""A DTLS client for tests: aiortc's own transport in the active role, joined to our association."""

import asyncio
from collections.abc import Callable

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, State


class Link:
    """The client's half of an ICE transport: what it sends is given away, what comes is queued."""

    role = "controlling"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self.sent: list[bytes] = []
        self.sending = asyncio.Event()
        self._deliver = send
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()

    def arrive(self, data: bytes) -> None:
        self._queue.put_nowait(data)

    async def _recv(self) -> bytes:
        return await self._queue.get()

    async def _send(self, data: bytes) -> None:
        self.sent.append(data)
        self.sending.set()
        self._deliver(data)


class DtlsClient:
    """Runs one handshake as a browser would; the keys are those of its SRTP sessions."""

    def __init__(self, send: Callable[[bytes], object], certificate: RTCCertificate | None = None) -> None:
        self.link = Link(send)
        self.certificate = certificate or RTCCertificate.generateCertificate()
        self.transport = RTCDtlsTransport(self.link, [self.certificate])  # type: ignore[arg-type]  # as in media/dtls.py
        self.transport._set_role("client")

    @property
    def fingerprints(self) -> list[RTCDtlsFingerprint]:
        return self.certificate.getFingerprints()

    async def connect(self, fingerprint: str) -> None:
        """Shakes hands with the holder of `sha-256 AA:...`."""
        algorithm, _, value = fingerprint.partition(" ")
        await self.transport.start(RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm, value)]))

    @property
    def connected(self) -> bool:
        return self.transport._state is State.CONNECTED

    async def stop(self) -> None:
        await self.transport.stop()
