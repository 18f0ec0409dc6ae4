"""
DTLS of one peer: datagrams in, SRTP keys out.

The handshake is aiortc's RTCDtlsTransport over a fake ICE transport. What we use of it is private API of
aiortc 1.16 and pinned by tests/media/test_dtls_contract.py. RTP never comes through here.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from aiortc import rtcdtlstransport as aiortc_dtls
from OpenSSL import SSL

from media.forwarder import Keys
from media.sdp.parsed import Fingerprint


class DtlsFailure(StrEnum):
    """Why an association ended without or after its keys."""

    HANDSHAKE = "handshake"
    FINGERPRINT = "fingerprint"
    NO_PROFILE = "no_profile"
    TIMEOUT = "timeout"
    CLOSED_BY_PEER = "closed_by_peer"
    INTERNAL = "internal"


class Certificate:
    """Our certificate of this process, and one OpenSSL context for all handshakes with it."""

    def __init__(self) -> None:
        self._certificate = aiortc_dtls.RTCCertificate.generateCertificate()
        self._context = self._certificate._create_ssl_context(list(_PROFILES))
        # One context serves many peers; without a cache no session of one can be resumed by another.
        self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        digest = next(found for found in self._certificate.getFingerprints() if found.algorithm == "sha-256")
        self.fingerprint = f"{digest.algorithm} {digest.value}"
        """Value of `a=fingerprint`."""
        self._made = datetime.now(UTC)

    def older_than(self, age: timedelta) -> bool:
        return datetime.now(UTC) - self._made > age

    def connection(self) -> SSL.Connection:
        """A new association in the passive role."""
        connection = SSL.Connection(self._context)
        connection.set_accept_state()
        return connection

    @property
    def for_aiortc(self) -> aiortc_dtls.RTCCertificate:
        return self._certificate


class DtlsAssociation:
    """
    One peer's association, always passive. `run` does everything and belongs to the peer's one task;
    `feed` may be called at any time before, during and after it.
    """

    def __init__(
        self,
        certificate: Certificate,
        peer_fingerprints: Sequence[Fingerprint],
        *,
        send: Callable[[bytes], None],
        on_keys: Callable[[Keys], None],
        on_failed: Callable[[DtlsFailure], None],
        queue_limit: int,
        timeout_s: float,
    ) -> None:
        """
        `on_keys` is called once, after the peer's certificate matched its fingerprints (RFC 8122 section
        6.2); `on_failed` at most once, when the association ends by anything but `cancel`.
        """
        self._ice = _FakeIce(send, queue_limit)
        self._transport = _KeyedTransport(self._ice, certificate)
        self._expected = aiortc_dtls.RTCDtlsParameters(
            fingerprints=[aiortc_dtls.RTCDtlsFingerprint(found.algorithm, found.value) for found in peer_fingerprints]
        )
        self._on_keys = on_keys
        self._on_failed = on_failed
        self._timeout_s = timeout_s

    def feed(self, datagram: bytes) -> bool:
        """Queues a datagram. False = dropped: empty, or the peer sends faster than we read (DTLS repeats it)."""
        return self._ice.feed(datagram)

    async def run(self) -> None:
        """Waits for the first datagram, shakes hands, then answers repeated flights until the peer closes."""
        await self._ice.first.wait()
        try:
            async with asyncio.timeout(self._timeout_s):
                keys = await self._transport.handshake(self._expected)
        except TimeoutError:
            self._on_failed(DtlsFailure.TIMEOUT)
            return
        except DtlsRefused as refused:
            self._on_failed(refused.reason)
            return
        self._on_keys(keys)
        await self._transport.pump()
        self._on_failed(DtlsFailure.CLOSED_BY_PEER)

    def close(self) -> None:
        """Sends close_notify when keys were agreed."""
        self._transport.close()


class DtlsRefused(Exception):
    """Leaves this module only as a DtlsFailure."""

    def __init__(self, reason: DtlsFailure) -> None:
        super().__init__(reason)
        self.reason = reason


# AES-128-GCM first: it is the cheapest for each packet (RFC 7714), CM for peers without GCM.
_PROFILES = (
    aiortc_dtls.SRTP_AEAD_AES_128_GCM,
    aiortc_dtls.SRTP_AEAD_AES_256_GCM,
    aiortc_dtls.SRTP_AES128_CM_SHA1_80,
)


_HANDSHAKE = 22
_CLIENT_HELLO = 1
_FLIGHT_REPEATS = 10


class _FakeIce:
    """All that RTCDtlsTransport touches of an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None], limit: int) -> None:
        self.first = asyncio.Event()
        self._send_datagram = send
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(limit)
        self._hello: bytes | None = None
        self._flight: list[bytes] = []
        self._repeats_left = _FLIGHT_REPEATS

    def feed(self, datagram: bytes) -> bool:
        if not datagram or self._queue.full():
            return False
        if self._repeats_hello(datagram):
            return True
        self._queue.put_nowait(datagram)
        self.first.set()
        return True

    async def _recv(self) -> bytes:
        return await self._queue.get()

    async def _send(self, data: bytes) -> None:
        self.send_now(data)

    def send_now(self, data: bytes) -> None:
        if self._hello is not None and len(self._flight) < 8:
            self._flight.append(data)
        self._send_datagram(data)

    def established(self) -> None:
        """No flight is repeated from here any more."""
        self._hello, self._flight, self._repeats_left = None, [], 0

    def _repeats_hello(self, datagram: bytes) -> bool:
        """
        Whether this is the ClientHello again: our flight was lost, and goes out again at once (RFC 6347 section
        4.2.4). OpenSSL only does so after its timer of a second, while browsers ask after 50 ms.
        """
        # Record type, then behind version, epoch, sequence number and length the handshake type; a later fragment of
        # the same hello has an offset.
        hello = len(datagram) > 25 and datagram[0] == _HANDSHAKE and datagram[13] == _CLIENT_HELLO
        if not hello or datagram[19:22] != b"\0\0\0" or self._repeats_left == 0:
            return False
        if self._hello is None:
            self._hello = datagram[11:]
            return False
        if datagram[11:] != self._hello or not self._flight:
            return False
        self._repeats_left -= 1
        for sent in self._flight:
            self._send_datagram(sent)
        return True


class _KeyedTransport(aiortc_dtls.RTCDtlsTransport):
    """Stops where aiortc would make its SRTP sessions and gives the keys away instead."""

    def __init__(self, ice: _FakeIce, certificate: Certificate) -> None:
        super().__init__(ice, [certificate.for_aiortc])  # type: ignore[arg-type]  # only what _FakeIce has is used
        self._srtp_profiles = list(_PROFILES)
        self._set_role("server")
        self._ice = ice
        self._ssl = certificate.connection()

    async def handshake(self, expected: aiortc_dtls.RTCDtlsParameters) -> Keys:
        """
        The steps of RTCDtlsTransport.start, without the loose task that it makes at the end. Raises
        DtlsRefused.
        """
        self._set_state(aiortc_dtls.State.CONNECTING)
        await self._do_handshake()
        self._check(DtlsFailure.HANDSHAKE)
        self._validate_peer_identity(expected)
        self._check(DtlsFailure.FINGERPRINT)
        keys = self._export_keys()
        self._ice.established()
        self._set_state(aiortc_dtls.State.CONNECTED)
        return keys

    async def pump(self) -> None:
        """Reads until the peer's close_notify: a client whose last flight got no answer repeats it."""
        try:
            while True:
                await self._recv_next()
        except ConnectionError:
            self._set_state(aiortc_dtls.State.CLOSED)

    def close(self) -> None:
        if self._state is not aiortc_dtls.State.CONNECTED or self._ssl is None:
            return
        self._set_state(aiortc_dtls.State.CLOSED)
        try:
            self._ssl.shutdown()
            alert = self._ssl.bio_read(1_500)
        except SSL.Error:
            return
        self._ice.send_now(alert)

    def _check(self, reason: DtlsFailure) -> None:
        if self._state is aiortc_dtls.State.FAILED:
            raise DtlsRefused(reason)

    def _export_keys(self) -> Keys:
        assert self._ssl is not None, "the handshake was made on it"
        name = self._ssl.get_selected_srtp_profile()
        profile = next((found for found in _PROFILES if found.openssl_profile == name), None)
        if profile is None:
            raise DtlsRefused(DtlsFailure.NO_PROFILE)
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", length)  # RFC 5764 section 4.2
        client, server = profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1)
        return Keys(profile.openssl_profile.decode("ascii"), tx=server, rx=client)
