"""Frames as RFC 6455 wants them, written once for all, and never after the end."""

import asyncio
from typing import Any, cast

import pytest

from server.boards import BoardLine, FrameWire
from server.boards.wire import header


class Pipe:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.written = b""
        self.waiting = 0
        self.gone = False

    def write(self, data: bytes) -> None:
        """Keeps it."""
        self.written += data

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        """Keeps them."""
        self.written += b"".join(parts)

    def get_write_buffer_size(self) -> int:
        """What the test says."""
        return self.waiting

    def is_closing(self) -> bool:
        """What the test says."""
        return self.gone

    def get_extra_info(self, _name: str) -> None:
        """No socket."""

    def abort(self) -> None:
        """The end."""
        self.gone = True


def line() -> tuple[BoardLine, Pipe]:
    """A connection and what is written to it."""
    pipe = Pipe()
    return BoardLine(cast(Any, pipe)), pipe


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65_535, "827effff"),
        (65_536, "827f0000000000010000"),
    ],
)
def test_a_header_is_as_short_as_it_can_be(length: int, head: str) -> None:
    assert header(0x82, length) == bytes.fromhex(head)


@pytest.mark.parametrize("size", [1, 200, 20_000, 70_000])
async def test_each_connection_gets_the_same_frame(size: int) -> None:
    wire, (one, first), (two, second) = FrameWire(), line(), line()
    message = bytes(range(256)) * (size // 256 + 1)
    wire.binary(message, [one, two])
    wire.text(b"{}", [two])
    assert first.written == header(0x82, len(message)) + message
    assert second.written == first.written + b"\x81\x02{}"
    assert (wire.messages, wire.deliveries, wire.bytes) == (2, 3, 2 * len(first.written) + 4)


async def test_nothing_is_written_after_the_close_frame() -> None:
    wire, (one, pipe) = FrameWire(), line()
    one.close(4003, "You were removed.")
    one.close(1012, "Not this one.")
    wire.binary(b"late", [one])
    one.pong(b"late")
    assert pipe.written == b"\x88\x13" + (4003).to_bytes(2, "big") + b"You were removed."
    assert (one.code, one.buffered) == (4003, 0)


async def test_a_long_reason_is_cut_to_fit_a_control_frame() -> None:
    one, pipe = line()
    one.close(4001, "x" * 500)
    assert pipe.written[1] == 125
    assert len(pipe.written) == 127


async def test_a_connection_lives_while_the_network_takes_something() -> None:
    wire, (one, pipe) = FrameWire(), line()
    began = asyncio.get_running_loop().time()
    wire.binary(bytes(100_000), [one])
    pipe.waiting = 90_000
    assert one.look(began + 40, 50)
    pipe.waiting = 80_000
    assert one.look(began + 80, 50)
    assert one.look(began + 120, 50)
    assert not one.look(began + 131, 50)


async def test_a_quiet_connection_is_asked_for_a_sign_of_life() -> None:
    one, pipe = line()
    began = asyncio.get_running_loop().time()
    assert one.look(began + 20, 50)
    assert pipe.written == b""
    assert one.look(began + 30, 50)
    assert pipe.written == b"\x89\x00"
    assert not one.look(began + 51, 50)


async def test_a_connection_whose_transport_is_closed_already_is_not_pinged() -> None:
    silent, pipe = line()
    pipe.gone = True
    assert silent.look(asyncio.get_running_loop().time() + 30, 50)
    assert pipe.written == b""


async def test_a_slow_reader_of_a_real_socket_gets_every_byte_in_order() -> None:
    made: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()

    class Accepts(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.set_result(cast(asyncio.Transport, transport))

    async with asyncio.timeout(5):
        server = await asyncio.get_running_loop().create_server(Accepts, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        transport = await made
        real, wire = BoardLine(transport), FrameWire()
        assert real.descriptor >= 0
        expected = b""
        for number in range(600):
            # Small ones past the transport, large ones through it, and more than the kernel takes.
            message = bytes((number % 256,)) * (20_000 if number % 7 == 0 else 9_000)
            wire.binary(message, [real])
            expected += header(0x82, len(message)) + message
        assert real.buffered > 0
        assert await reader.readexactly(len(expected)) == expected
        wire.text(b"{}", [real])
        assert await reader.readexactly(4) == b"\x81\x02{}"
        writer.close()
        await writer.wait_closed()
        transport.close()
        server.close()
        await server.wait_closed()
    wire.text(b"{}", [real])
