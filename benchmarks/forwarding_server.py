"""The measured process of the forwarding benchmark: one forwarder, one publisher, N subscribers."""

import json
import os
import resource
import select
import sys
import time
from pathlib import Path

from media.config import MediaConfig
from media.events import GroupId, PeerId, SlotId, TrackId
from media.forwarder import Forwarder, Keys
from media.specs import CodecSpec, ExtensionIds, ReceiveSpec, SlotSpec

PROFILE = "SRTP_AEAD_AES_128_GCM"
AUDIO, VIDEO = TrackId(1), TrackId(2)
OPUS, VP8 = CodecSpec("opus", 111), CodecSpec("vp8", 96, 97)
EXTENSIONS = ExtensionIds(audio_level=1, transport_cc=3)


def keys(peer: int) -> Keys:
    """Known to the load generator too: they follow from the peer's number."""
    number = peer.to_bytes(4, "big") * 6
    return Keys(PROFILE, tx=b"\x01" * 4 + number, rx=b"\x00" * 4 + number)


def add_peer(forwarder: Forwarder, peer: int, receive: list[ReceiveSpec], slots: list[SlotSpec]) -> None:
    """A peer as the plane adds it, without its handshake."""
    number = PeerId(peer)
    forwarder.register(number, f"peer{peer:08}", f"password-of-peer-{peer:08}", "load")
    forwarder.add_peer(number, GroupId(1))
    forwarder.set_keys(number, keys(peer))
    forwarder.configure(number, receive, slots)


def add_peers(forwarder: Forwarder, subscribers: int) -> None:
    """Peer 0 publishes, the others receive: audio by loudness, video by route."""
    audio = ReceiveSpec(AUDIO, "audio", "0", (), (1,), (), (OPUS,), EXTENSIONS, screen=False)
    video = ReceiveSpec(VIDEO, "video", "1", (), (2,), (3,), (VP8,), EXTENSIONS, screen=False)
    add_peer(forwarder, 0, [audio, video], [])
    for peer in range(1, subscribers + 1):
        ssrc = peer * 4
        slots = [
            SlotSpec(SlotId(0), "audio", "0", ssrc, None, (OPUS,), EXTENSIONS, loudest=True, cname="load"),
            SlotSpec(SlotId(1), "video", "1", ssrc + 1, ssrc + 2, (VP8,), EXTENSIONS, loudest=False, cname="load"),
        ]
        add_peer(forwarder, peer, [], slots)
        forwarder.route(PeerId(peer), SlotId(1), VIDEO, 0)


def usage() -> dict[str, float]:
    """CPU time of all threads with the kernel's part, and resident memory."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "cpu_s": time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID),
        "system_s": spent.ru_stime,
        "rss_kib": pages * resource.getpagesize() / 1024,
    }


def main() -> None:
    """Serves until its input ends; answers each line with its usage, and the counters after the word `counters`."""
    core, subscribers = int(sys.argv[1]), int(sys.argv[2])
    os.sched_setaffinity(0, {core})
    limits = {"stun_per_ip": 100_000, "rtcp_per_second": 1_000}
    forwarder = Forwarder(MediaConfig(host="127.0.0.1", port=0, workers=1, tcp=False, core=limits))
    print(json.dumps({"port": forwarder.port, **usage()}), flush=True)
    add_peers(forwarder, subscribers)
    while True:
        readable, _, _ = select.select([sys.stdin, forwarder.event_fd()], [], [])
        if forwarder.event_fd() in readable:
            forwarder.events(1_000)
        if sys.stdin in readable:
            if not (line := sys.stdin.readline()):
                break
            answer = forwarder.counters() if line.strip() == "counters" else usage()
            print(json.dumps(answer), flush=True)
    forwarder.close()


if __name__ == "__main__":
    main()
