"""Our DTLS association against aiortc's own client: keys, refusals, hostile datagrams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiortc import rtcdtlstransport as aiortc_dtls

from media.dtls import Certificate, DtlsAssociation, DtlsFailure
from media.forwarder import Keys
from media.sdp.parsed import Fingerprint
from tests.media.dtls_client import DtlsClient

CERTIFICATE = Certificate()


class Pair:
    """A client and our association, joined without a network."""

    def __init__(self, *, expected: DtlsClient | None = None, timeout_s: float = 5) -> None:
        self.client = DtlsClient(self._to_server)
        self.keys: list[Keys] = []
        self.failed: list[DtlsFailure] = []
        self.lost = 0
        self.swallowed: list[bytes] | None = None
        self.flight_swallowed = asyncio.Event()
        self.server = DtlsAssociation(
            CERTIFICATE,
            [Fingerprint(one.algorithm, one.value) for one in (expected or self.client).fingerprints],
            send=self._to_client,
            on_keys=self.keys.append,
            on_failed=self.failed.append,
            queue_limit=32,
            timeout_s=timeout_s,
        )

    def _to_server(self, data: bytes) -> None:
        if self.lost:
            self.lost -= 1
        else:
            assert self.server.feed(data)

    def _to_client(self, data: bytes) -> None:
        if self.swallowed == []:
            self.swallowed.append(data)
            self.flight_swallowed.set()
            return
        self.client.link.arrive(data)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(self.server.run())
            yield task
            task.cancel()
            await self.client.stop()


async def test_a_lost_flight_goes_out_again_as_soon_as_the_hello_is_repeated() -> None:
    pair = Pair()
    pair.swallowed = []
    async with pair.running(), asyncio.TaskGroup() as group:
        connecting = group.create_task(pair.client.connect(CERTIFICATE.fingerprint))
        await pair.flight_swallowed.wait()
        repeated = bytearray(pair.client.link.sent[0])
        repeated[10] += 1  # the record has a new number, the message is the same
        # OpenSSL's own timer would take a second; neither side waits for it.
        async with asyncio.timeout(0.9):
            assert pair.server.feed(bytes(repeated))
            await connecting
    assert len(pair.keys) == 1


async def test_both_ends_get_the_same_keys_and_gcm_128_is_chosen() -> None:
    pair = Pair()
    async with pair.running():
        await pair.client.connect(CERTIFICATE.fingerprint)
        assert pair.client.connected
    (keys,) = pair.keys
    assert (keys.profile, len(keys.tx), len(keys.rx)) == ("SRTP_AEAD_AES_128_GCM", 28, 28)
    material = pair.client.transport._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 56)  # type: ignore[union-attr]  # connected
    assert keys.rx == material[:16] + material[32:44]
    assert keys.tx == material[16:32] + material[44:56]
    assert "***" in repr(keys)


@pytest.mark.parametrize(
    ("profile", "length"),
    [(aiortc_dtls.SRTP_AEAD_AES_256_GCM, 44), (aiortc_dtls.SRTP_AES128_CM_SHA1_80, 30)],
)
async def test_a_client_without_gcm_128_gets_what_it_speaks(
    profile: aiortc_dtls.SRTPProtectionProfile, length: int
) -> None:
    pair = Pair()
    pair.client.transport._srtp_profiles = [profile]
    async with pair.running():
        await pair.client.connect(CERTIFICATE.fingerprint)
    assert (pair.keys[0].profile, len(pair.keys[0].tx)) == (profile.openssl_profile.decode(), length)


async def test_a_certificate_that_does_not_fit_the_fingerprint_gets_no_keys() -> None:
    pair = Pair(expected=DtlsClient(lambda _: None))
    async with pair.running() as task:
        await pair.client.connect(CERTIFICATE.fingerprint)
        await task
    assert pair.failed == [DtlsFailure.FINGERPRINT]
    assert pair.keys == []


@pytest.mark.slow
async def test_a_lost_flight_is_sent_again() -> None:
    pair = Pair()
    pair.lost = 1
    async with pair.running():
        await pair.client.connect(CERTIFICATE.fingerprint)
    assert len(pair.keys) == 1
    assert pair.client.link.sent[0][0] == 22


async def test_an_empty_datagram_is_dropped_and_harms_nothing() -> None:
    pair = Pair()
    async with pair.running():
        assert not pair.server.feed(b"")
        await pair.client.connect(CERTIFICATE.fingerprint)
        assert not pair.server.feed(b"")
    assert len(pair.keys) == 1
    assert pair.failed == []


@pytest.mark.parametrize("junk", [b"\x16", b"\x16\xfe\xfd" + bytes(60), b"\x15\xfe\xfd" + bytes(20), b"\x80" * 40])
async def test_junk_before_the_hello_does_not_stop_the_handshake(junk: bytes) -> None:
    pair = Pair()
    async with pair.running():
        assert pair.server.feed(junk)
        await pair.client.connect(CERTIFICATE.fingerprint)
    assert len(pair.keys) == 1


async def test_a_queue_that_is_full_drops_the_newest() -> None:
    pair = Pair()
    assert [pair.server.feed(b"\x80") for _ in range(33)] == [True] * 32 + [False]


async def test_a_peer_that_never_finishes_is_given_up() -> None:
    pair = Pair(timeout_s=0.05)
    async with pair.running() as task:
        pair.server.feed(b"\x80")
        await task
    assert pair.failed == [DtlsFailure.TIMEOUT]


async def test_the_peers_goodbye_ends_the_association() -> None:
    pair = Pair()
    async with pair.running() as task:
        await pair.client.connect(CERTIFICATE.fingerprint)
        await pair.client.stop()
        await task
    assert pair.failed == [DtlsFailure.CLOSED_BY_PEER]


async def test_our_goodbye_reaches_the_peer() -> None:
    pair = Pair()
    async with pair.running():
        await pair.client.connect(CERTIFICATE.fingerprint)
        closed = asyncio.Event()
        pair.client.transport.on("statechange", lambda: closed.set())
        pair.server.close()
        await closed.wait()
    assert pair.client.transport.state == "closed"


def test_the_private_names_that_we_use_of_aiortc_are_there() -> None:
    names = ["_do_handshake", "_validate_peer_identity", "_recv_next", "_set_role", "_set_state", "_write_ssl"]
    assert [name for name in names if not callable(getattr(aiortc_dtls.RTCDtlsTransport, name, None))] == []
    transport = DtlsClient(lambda _: None).transport
    for name in ("_ssl", "_srtp_profiles", "_state", "_role", "_rx_srtp"):
        assert hasattr(transport, name)
    assert callable(aiortc_dtls.RTCCertificate._create_ssl_context)
    assert {state.name for state in aiortc_dtls.State} == {"NEW", "CONNECTING", "CONNECTED", "CLOSED", "FAILED"}
