"""The native forwarder behind its real port: commands, events, limits, and how it ends."""

import errno
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aioice import stun

native = pytest.importorskip("media._native", reason="the native module is not built")

TIMEOUT_S = 5.0
UFRAG, PASSWORD, REMOTE_UFRAG = "ufragA", "a password of 22 chars", "ufragB"
Make = Callable[..., Any]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes forwarders with small defaults and closes them afterwards."""
    made: list[Any] = []

    def forwarder(**changes: Any) -> Any:
        arguments = {
            "host": "127.0.0.1",
            "port": 0,
            "workers": 1,
            "tcp": False,
            "event_capacity": 256,
            "tap_capacity": 64,
            "config": {},
        }
        made.append(native.Forwarder(**(arguments | changes)))
        return made[-1]

    yield forwarder
    for one in made:
        one.close()


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(TIMEOUT_S)
        yield udp


def events_until(forwarder: Any, name: str) -> list[tuple[Any, ...]]:
    """Reads events as the event loop does, until one is called `name`."""
    seen: list[tuple[Any, ...]] = []
    while not any(event[0] == name for event in seen):
        readable, _, _ = select.select([forwarder.event_fd()], [], [], TIMEOUT_S)
        assert readable, f"no event {name!r} in time, only {seen}"
        seen += forwarder.events(100)
    return seen


def counters_until(forwarder: Any, name: str, least: int) -> int:
    """The counter `name` once a snapshot shows at least this value."""
    for _ in range(5):
        events_until(forwarder, "stats")
        if (value := forwarder.counters()[name]) >= least:
            return int(value)
    raise AssertionError(f"{name} stayed below {least}")


def binding_request(username: str = f"{UFRAG}:{REMOTE_UFRAG}", password: str = PASSWORD) -> tuple[bytes, bytes]:
    """A check of a controlling agent that nominates (RFC 8445 section 7.1), and its transaction id."""
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = username
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 7
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return bytes(request), request.transaction_id


def connect(forwarder: Any, client: socket.socket, peer: int = 1) -> None:
    forwarder.register(peer, UFRAG, PASSWORD, REMOTE_UFRAG)
    forwarder.add_peer(peer, 1)
    client.sendto(binding_request()[0], ("127.0.0.1", forwarder.port))


@pytest.mark.parametrize("workers", [1, 3])
def test_a_binding_request_is_answered_with_the_address_it_came_from(
    make: Make, client: socket.socket, workers: int
) -> None:
    forwarder = make(workers=workers)
    forwarder.register(1, UFRAG, PASSWORD, REMOTE_UFRAG)
    forwarder.add_peer(1, 1)
    request, transaction = binding_request()
    client.sendto(request, ("127.0.0.1", forwarder.port))
    data, source = client.recvfrom(2048)
    answer = stun.parse_message(data)
    assert source == ("127.0.0.1", forwarder.port)
    assert answer.check_message_integrity(PASSWORD.encode())
    assert (answer.message_class, answer.transaction_id) == (stun.Class.RESPONSE, transaction)
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == client.getsockname()
    selected = [event for event in events_until(forwarder, "path_selected") if event[0] == "path_selected"]
    assert selected == [("path_selected", 1, "udp", *client.getsockname())]


@pytest.mark.slow  # waits for a snapshot, or a look at the connections, once a second
def test_a_check_with_a_wrong_password_gets_no_answer_and_is_counted(make: Make, client: socket.socket) -> None:
    forwarder = make()
    forwarder.register(1, UFRAG, PASSWORD, REMOTE_UFRAG)
    client.sendto(binding_request(password="another")[0], ("127.0.0.1", forwarder.port))
    assert counters_until(forwarder, "drop_stun_integrity", 1) == 1
    client.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.recv(2048)


def test_tcp_on_the_same_port_answers_checks_in_frames(make: Make) -> None:
    forwarder = make(tcp=True, workers=3)
    forwarder.register(1, UFRAG, PASSWORD, REMOTE_UFRAG)
    forwarder.add_peer(1, 1)
    request, transaction = binding_request()
    with socket.create_connection(("127.0.0.1", forwarder.port), timeout=TIMEOUT_S) as tcp:
        frame = len(request).to_bytes(2, "big") + request
        tcp.sendall(frame[:7])
        tcp.sendall(frame[7:])
        with tcp.makefile("rb") as stream:
            data = stream.read(int.from_bytes(stream.read(2), "big"))
        answer = stun.parse_message(data)
        assert answer.check_message_integrity(PASSWORD.encode())
        assert answer.transaction_id == transaction
        [selected] = [event for event in events_until(forwarder, "path_selected") if event[0] == "path_selected"]
        assert selected == ("path_selected", 1, "tcp", *tcp.getsockname())


@pytest.mark.slow  # waits for a snapshot, or a look at the connections, once a second
def test_a_tcp_connection_without_a_valid_check_is_closed(make: Make) -> None:
    forwarder = make(tcp=True, config={"tcp_first_answer_us": 1})
    with socket.create_connection(("127.0.0.1", forwarder.port), timeout=TIMEOUT_S) as tcp:
        assert tcp.recv(1) == b""


@pytest.mark.slow  # waits for a snapshot, or a look at the connections, once a second
def test_an_empty_and_an_oversize_datagram_are_dropped_and_counted(make: Make, client: socket.socket) -> None:
    forwarder = make()
    client.sendto(b"", ("127.0.0.1", forwarder.port))
    client.sendto(bytes(5000), ("127.0.0.1", forwarder.port))
    connect(forwarder, client)
    assert client.recv(2048), "the server still answers"
    assert counters_until(forwarder, "drop_oversize", 1) == 1
    assert forwarder.counters()["drop_empty"] == 1


def test_dtls_passes_both_ways_once_a_check_was_valid(make: Make, client: socket.socket) -> None:
    forwarder = make()
    hello = bytes([22, 254, 253]) + bytes(60)
    client.sendto(hello, ("127.0.0.1", forwarder.port))
    connect(forwarder, client)
    assert client.recv(2048)
    client.sendto(hello, ("127.0.0.1", forwarder.port))
    received = [event for event in events_until(forwarder, "dtls") if event[0] == "dtls"]
    assert received == [("dtls", 1, hello)]
    forwarder.send_dtls(1, b"\x16" + b"answer")
    assert client.recv(2048) == b"\x16" + b"answer"


def test_a_port_that_is_taken_raises_the_systems_error(make: Make) -> None:
    first = make()
    with pytest.raises(OSError, match="in use") as raised:
        make(port=first.port)
    assert raised.value.errno == errno.EADDRINUSE


def test_a_closed_forwarder_frees_its_port_and_ignores_commands(make: Make) -> None:
    forwarder = make(tcp=True, workers=2)
    port = forwarder.port
    forwarder.close()
    forwarder.close()
    forwarder.remove_peer(1)
    with pytest.raises(ValueError, match="closed"):
        forwarder.register(1, UFRAG, PASSWORD, REMOTE_UFRAG)
    assert make(port=port, tcp=True).port == port


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"host": "localhost"}, "not an IP address"),
        ({"port": 65_536}, "0 to 65535"),
        ({"port": -1}, "0 to 65535"),
        ({"workers": 257}, "workers"),
        ({"event_capacity": 0}, "event_capacity"),
        ({"config": {"no_such_limit": 1}}, "no_such_limit"),
        ({"config": {"gso": 2}}, "gso"),
    ],
)
def test_a_bad_argument_of_the_constructor_is_a_value_error(make: Make, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)


def section(**changes: Any) -> SimpleNamespace:
    extensions = dict.fromkeys(
        (
            "mid",
            "rid",
            "repaired_rid",
            "audio_level",
            "abs_send_time",
            "transport_cc",
            "abs_capture_time",
            "video_orientation",
            "playout_delay",
            "dependency_descriptor",
        ),
        0,
    )
    fields: dict[str, Any] = {
        "slot": 0,
        "kind": "audio",
        "mid": "0",
        "ssrc": 1,
        "rtx_ssrc": None,
        "codecs": [SimpleNamespace(codec="opus", pt=111, rtx_pt=None)],
        "extensions": SimpleNamespace(**extensions),
        "loudest": True,
        "cname": "muster",
    }
    return SimpleNamespace(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "smell"}, "slot.kind"),
        ({"ssrc": 1 << 32}, "slot.ssrc"),
        ({"mid": 5}, "slot.mid"),
        ({"codecs": [SimpleNamespace(codec="mp3", pt=1, rtx_pt=None)]}, "codec.codec"),
        ({"codecs": [SimpleNamespace(codec="opus", pt=128, rtx_pt=None)]}, "codec.pt"),
        ({"extensions": SimpleNamespace()}, "extensions has no attribute"),
    ],
)
def test_a_bad_section_is_a_value_error_that_names_the_field(make: Make, changes: dict[str, Any], message: str) -> None:
    forwarder = make()
    forwarder.configure(1, [], [section()])
    with pytest.raises(ValueError, match=message):
        forwarder.configure(1, [], [section(**changes)])


@pytest.mark.parametrize(
    ("profile", "length"), [("SRTP_AEAD_AES_128_GCM", 27), ("SRTP_AES128_CM_SHA1_80", 28), ("SRTP_NULL", 28)]
)
def test_keys_of_a_wrong_length_or_profile_are_refused(make: Make, profile: str, length: int) -> None:
    with pytest.raises(ValueError, match="profile"):
        make().set_keys(1, profile, bytes(length), bytes(length))


def test_many_commands_at_once_are_all_carried_out(make: Make) -> None:
    forwarder = make(workers=2, event_capacity=8192, config={"command_capacity": 16})
    for peer in range(2000):
        forwarder.register(peer, f"ufrag{peer}", PASSWORD, REMOTE_UFRAG)
        forwarder.add_peer(peer, peer % 10)
    for peer in range(2000):
        forwarder.remove_peer(peer)
    gone: set[int] = set()
    while len(gone) < 2000:
        gone |= {event[1] for event in events_until(forwarder, "peer_gone") if event[0] == "peer_gone"}
    assert gone == set(range(2000))


def test_the_event_descriptor_stays_readable_until_the_last_event_is_read(make: Make) -> None:
    forwarder = make()
    for peer in range(10):
        forwarder.register(peer, f"ufrag{peer}", PASSWORD, REMOTE_UFRAG)
        forwarder.add_peer(peer, 1)
        forwarder.remove_peer(peer)
    seen: list[tuple[Any, ...]] = []
    while sum(event[0] == "peer_gone" for event in seen) < 10:
        assert select.select([forwarder.event_fd()], [], [], TIMEOUT_S)[0]
        one = forwarder.events(1)
        assert len(one) <= 1
        seen += one


@pytest.mark.slow  # waits for a snapshot, or a look at the connections, once a second
def test_a_full_event_queue_is_counted_and_nothing_blocks(make: Make) -> None:
    forwarder = make(event_capacity=8)
    for peer in range(50):
        forwarder.register(peer, f"ufrag{peer}", PASSWORD, REMOTE_UFRAG)
        forwarder.add_peer(peer, 1)
        forwarder.remove_peer(peer)
    assert counters_until(forwarder, "drop_event_queue_full", 1) >= 1


def test_a_panic_of_a_worker_ends_the_process_with_a_message() -> None:
    program = (
        "from media._native import Forwarder; import resource, select; "
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); "
        "f = Forwarder(host='127.0.0.1', port=0, workers=2, tcp=False, event_capacity=8, tap_capacity=8, config={}); "
        f"f._crash(); select.select([], [], [], {TIMEOUT_S}); print('still alive')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S * 2,
        check=False,
        env=os.environ | {"RUST_BACKTRACE": "0"},
    )
    assert ended.returncode != 0
    assert "still alive" not in ended.stdout
    assert "muster-media-0" in ended.stderr
    assert "thread.rs" in ended.stderr
    assert "the process ends" in ended.stderr
