"""
WebSocket frames of boards, written straight to the transports: a message for many is framed once (RFC 6455 section
5.2), and each connection's share of the work is one `write`.
"""

import asyncio
import os
import socket
from collections.abc import Iterable

from server.storage import PersonId, RoomId, TokenId
from whiteboard import Channel

_TEXT = 0x81
_BINARY = 0x82
_CLOSE = 0x88
_PONG = 0x8A
_PING = b"\x89\x00"

_CLOSE_WAIT_S = 3.0

_COPY_MOST = 16_384
"""Up to here header and message are copied together; a longer message is written behind its header."""

_NOTSENT_LOWAT = 25
_NOTSENT_BYTES = 65_536


class BoardLine:
    """
    One board connection; implements `whiteboard.Channel`. Times are seconds of the loop's clock.

        open --close()--> closing (a close frame is the last that is written) --the handler--> gone
    """

    __slots__ = (
        "closing",
        "code",
        "descriptor",
        "expires_at",
        "heard_s",
        "left_bytes",
        "moved_s",
        "person",
        "reason",
        "room",
        "tab",
        "token",
        "transport",
        "written_bytes",
    )

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.descriptor = _descriptor(transport)
        """The socket's, for writing past a transport that has nothing queued: a fifth cheaper; -1: not so."""
        self.room: RoomId | None = None
        self.person: PersonId | None = None
        self.token: TokenId | None = None
        self.tab = ""
        self.expires_at = 0
        self.closing = asyncio.Event()
        self.code = 0
        self.reason = ""
        self.written_bytes = 0
        self.left_bytes = 0
        self.heard_s = self.moved_s = asyncio.get_running_loop().time()
        keep_queue_here(transport)

    def belongs_to(self, room: RoomId, person: PersonId, token: TokenId, expires_at: int, tab: str = "") -> None:
        """Whose it is, after `hello`; the token ends at `expires_at`, Unix ms."""
        self.room, self.person, self.token, self.expires_at, self.tab = room, person, token, expires_at, tab

    @property
    def buffered(self) -> int:
        """Bytes that wait in this process to be sent."""
        return 0 if self.closing.is_set() else self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        """Ends the connection after what is queued; the second call and later ones do nothing."""
        if self.closing.is_set():
            return
        self.code, self.reason = code, reason
        self.closing.set()
        if not self.transport.is_closing():
            # A control frame has 125 bytes at most (RFC 6455 section 5.5).
            body = code.to_bytes(2, "big") + reason.encode()[:123]
            self.transport.write(bytes((_CLOSE, len(body))) + body)
            # Who does not read will not answer either.
            asyncio.get_running_loop().call_later(_CLOSE_WAIT_S, self.transport.abort)

    def pong(self, payload: bytes) -> None:
        """Answers a ping (RFC 6455 section 5.5.3)."""
        if not self.closing.is_set() and not self.transport.is_closing():
            self.transport.write(bytes((_PONG, len(payload))) + payload)

    def heard(self) -> None:
        """Something came from it."""
        self.heard_s = asyncio.get_running_loop().time()

    def look(self, now_s: float, silence_s: float) -> bool:
        """
        Whether the connection lives: it said something, or the network took something, within `silence_s`. A large
        page on a thin link takes minutes, during which a pong has to queue behind it. After half of the time with
        nothing on the way a ping asks for a sign of life.
        """
        waiting = self.transport.get_write_buffer_size()
        left = self.written_bytes - waiting
        if left > self.left_bytes:
            self.left_bytes, self.moved_s = left, now_s
        silent_s = now_s - max(self.heard_s, self.moved_s)
        # Writing to a transport that is closed already raises.
        if silent_s >= silence_s / 2 and waiting == 0 and not self.transport.is_closing():
            # Not counted as written, or a ping would itself look like a sign of life.
            self.transport.write(_PING)
        return silent_s < silence_s


class FrameWire:
    """Implements `whiteboard.Wire`. `messages` were framed, `deliveries` written, `bytes` in all."""

    def __init__(self) -> None:
        self.messages = 0
        self.deliveries = 0
        self.bytes = 0

    def binary(self, message: bytes, channels: Iterable[Channel]) -> None:
        """A binary message. Never blocks, never raises for a connection that is gone."""
        self._send(_BINARY, message, channels)

    def text(self, message: bytes, channels: Iterable[Channel]) -> None:
        """A JSON message, encoded in UTF-8."""
        self._send(_TEXT, message, channels)

    def _send(self, opcode: int, message: bytes, channels: Iterable[Channel]) -> None:
        head = header(opcode, len(message))
        size = len(head) + len(message)
        whole = head + message if size <= _COPY_MOST else b""
        count = 0
        for channel in channels:
            assert isinstance(channel, BoardLine), "only the board's route makes channels"
            transport = channel.transport
            # `code` is set with `closing` and asked in a quarter of the time.
            if channel.code or transport.is_closing():
                continue
            if whole:
                sent = 0
                # A transport that is not closing still has its socket, so the number is nobody else's.
                if channel.descriptor >= 0 and not transport.get_write_buffer_size():
                    try:
                        sent = os.write(channel.descriptor, whole)
                    except OSError:
                        sent = 0
                if sent < size:
                    # The kernel's queue is full, or the connection is gone: both are the transport's to deal with.
                    transport.write(whole[sent:] if sent else whole)
            else:
                transport.writelines((head, message))
            channel.written_bytes += size
            count += 1
        self.messages += 1
        self.deliveries += count
        self.bytes += size * count


def header(opcode: int, length: int) -> bytes:
    """The header of a whole, unmasked frame (RFC 6455 section 5.2)."""
    if length < 126:
        return bytes((opcode, length))
    if length < 65_536:
        return bytes((opcode, 126)) + length.to_bytes(2, "big")
    return bytes((opcode, 127)) + length.to_bytes(8, "big")


def _descriptor(transport: asyncio.BaseTransport) -> int:
    sock = transport.get_extra_info("socket")
    # Of TLS only the transport knows the keys.
    if sock is None or transport.get_extra_info("sslcontext") is not None:
        return -1
    return int(sock.fileno())


def keep_queue_here(transport: asyncio.BaseTransport) -> None:
    """
    Lets the kernel hold little that is not sent yet. Else it takes megabytes for a slow reader, and `buffered` would
    tell of them when it is too late to leave something out.
    """
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    try:
        sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, "TCP_NOTSENT_LOWAT", _NOTSENT_LOWAT), _NOTSENT_BYTES)
    except OSError:
        # Not TCP, or not Linux: larger queues, nothing worse.
        return
