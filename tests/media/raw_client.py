"""
A small WebRTC client whose every datagram a test can choose: ICE checks, DTLS and SRTP over UDP or
ICE-TCP (RFC 4571 framing), with aioice, aiortc and libsrtp as independent judges.
"""

import asyncio
import secrets
from typing import Protocol, Self, cast

from aioice import stun
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, is_rtcp
from pylibsrtp import Error, Policy, Session

from media import Answer, Offer
from tests.media.dtls_client import DtlsClient
from tests.media.offers import offer_of

_GCM_128 = Policy.SRTP_PROFILE_AEAD_AES_128_GCM


class Link(Protocol):
    """A path to the server; what arrives goes to `RawClient.arrive`."""

    def send(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class RawClient:
    """One client. `offer` comes first, then `use` of the answer, then `open_udp` or `open_tcp`."""

    def __init__(self) -> None:
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(16)
        self.dtls = DtlsClient(lambda data: self.link.send(data))
        self.rtp: asyncio.Queue[RtpPacket] = asyncio.Queue()
        self.stun: asyncio.Queue[stun.Message] = asyncio.Queue()
        self.link: Link = _NoLink()
        self._links: list[Link] = []
        self._server: tuple[str, str, str] = ("", "", "")
        self._outbound: Session | None = None
        self._inbound: Session | None = None

    def offer(self, name: str) -> Offer:
        """A browser's captured offer with this client's credentials and certificate."""
        captured = offer_of(name)
        sdp = captured.sdp
        fingerprint = next(one.value for one in self.dtls.fingerprints if one.algorithm == "sha-256")
        for prefix, value in (
            ("a=ice-ufrag:", self.ufrag),
            ("a=ice-pwd:", self.pwd),
            ("a=fingerprint:sha-256 ", fingerprint),
        ):
            old = sdp.split(prefix)[1].split("\r\n")[0]
            sdp = sdp.replace(prefix + old, prefix + value)
        return Offer(sdp, captured.sections)

    def use(self, answer: Answer) -> None:
        """Takes the server's credentials and fingerprint; again after an ICE restart."""
        names = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:")
        ufrag, pwd, fingerprint = (answer.sdp.split(name)[1].split("\r\n")[0] for name in names)
        self._server = (ufrag, pwd, fingerprint)

    @property
    def server_fingerprint(self) -> str:
        return self._server[2]

    def restart(self) -> None:
        """New credentials for the next offer; the DTLS association stays."""
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(16)

    async def open_udp(self, port: int) -> Self:
        loop = asyncio.get_running_loop()
        _, link = await loop.create_datagram_endpoint(lambda: _UdpLink(self), remote_addr=("127.0.0.1", port))
        return self._over(link)

    async def open_tcp(self, port: int) -> Self:
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(lambda: _TcpLink(self), "127.0.0.1", port)
        return self._over(link)

    def _over(self, link: Link) -> Self:
        self.link = link
        self._links.append(link)
        return self

    def send_check(self, nominate: bool = True, pwd: str | None = None) -> None:
        """An ICE connectivity check (RFC 8445 section 7.2.2) with the right password, or a given one."""
        server_ufrag, server_pwd, _ = self._server
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{server_ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1_853_824_767
        request.attributes["ICE-CONTROLLING"] = 1
        if nominate:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity((pwd or server_pwd).encode())
        self.link.send(bytes(request))

    async def check(self) -> stun.Message:
        """A check and its answer, whose integrity is checked too."""
        self.send_check()
        async with asyncio.timeout(5):
            return await self.stun.get()

    async def connect(self) -> Self:
        """Checks, shakes hands and makes the SRTP sessions."""
        assert (await self.check()).message_class is stun.Class.RESPONSE
        async with asyncio.timeout(5):
            await self.dtls.connect(self._server[2])
        assert self.dtls.connected
        connection = self.dtls.transport._ssl
        assert connection is not None, "it is connected"
        material = connection.export_keying_material(b"EXTRACTOR-dtls_srtp", 56)
        client, server = material[:16] + material[32:44], material[16:32] + material[44:56]
        self._outbound = Session(Policy(key=client, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=_GCM_128))
        self._inbound = Session(Policy(key=server, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=_GCM_128))
        return self

    def send_rtp(self, packet: RtpPacket, extensions: HeaderExtensionsMap | None = None) -> None:
        assert self._outbound is not None, "connect comes first"
        self.link.send(self._outbound.protect(packet.serialize(extensions or HeaderExtensionsMap())))

    async def next_rtp(self) -> RtpPacket:
        async with asyncio.timeout(5):
            return await self.rtp.get()

    async def close(self) -> None:
        await self.dtls.stop()
        for link in self._links:
            link.close()

    def arrive(self, data: bytes) -> None:
        """Sorts what came by its first byte (RFC 7983)."""
        if data[0] < 4:
            message = stun.parse_message(data)
            assert message.check_message_integrity(self._server[1].encode()), "the answer is not the server's"
            self.stun.put_nowait(message)
        elif 20 <= data[0] < 64:
            self.dtls.link.arrive(data)
        elif data[0] >= 128 and self._inbound is not None and not is_rtcp(data):
            try:
                self.rtp.put_nowait(RtpPacket.parse(self._inbound.unprotect(data)))
            except Error as error:
                raise AssertionError(f"the server sent what libsrtp refuses: {error}") from error


class _NoLink:
    """Before a path is open, what is sent goes nowhere."""

    def send(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class _UdpLink(asyncio.DatagramProtocol):
    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._client.arrive(data)

    def send(self, data: bytes) -> None:
        self._transport.sendto(data)

    def close(self) -> None:
        self._transport.close()


class _TcpLink(asyncio.Protocol):
    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._buffer = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 2 and len(self._buffer) >= 2 + (size := int.from_bytes(self._buffer[:2])):
            self._client.arrive(bytes(self._buffer[2 : 2 + size]))
            del self._buffer[: 2 + size]

    def send(self, data: bytes) -> None:
        self._transport.write(len(data).to_bytes(2) + data)

    def close(self) -> None:
        self._transport.close()
