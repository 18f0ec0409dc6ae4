"""Answers as an independent parser reads them, and what they promise."""

import pytest
from aiortc.sdp import SessionDescription

from media import Section, Use
from media.sdp import AnswerTransport, OfferLimits, SentStream, agree, host_candidates, parse_offer, write_answer
from media.sdp.simulcast import lowest_first
from tests.media.offers import USES, offer_of, sdp_of, sections

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
TRANSPORT = AnswerTransport(
    "0123456789abcdef", "f" * 32, FINGERPRINT, host_candidates(["192.0.2.7", "2001:db8::7"], 5004, True), 77, 1
)


def answered(name: str, wanted: tuple[Section, ...] | None = None, sdp: str | None = None) -> str:
    parsed = parse_offer(sdp or sdp_of(name), OfferLimits())
    agreed = agree(parsed, wanted or offer_of(name).sections, 3)
    sent = {
        section.mid: SentStream(1_000 + place, 2_000 + place, "cname", f"stream-{place}", "track")
        for place, section in enumerate(agreed)
        if not section.use.publishes
    }
    return write_answer(parsed, agreed, TRANSPORT, sent)


def section_of(answer: str, place: int) -> list[str]:
    return answer.split("m=")[place + 1].splitlines()


@pytest.mark.parametrize("name", USES)
def test_an_answer_mirrors_the_offers_sections_and_numbers(name: str) -> None:
    offer, answer = SessionDescription.parse(sdp_of(name)), SessionDescription.parse(answered(name))
    assert [media.rtp.muxId for media in answer.media] == [media.rtp.muxId for media in offer.media]
    for asked, given, use in zip(offer.media, answer.media, USES[name], strict=False):
        assert given.direction == ("recvonly" if use.publishes else "sendonly")
        assert {codec.payloadType for codec in given.rtp.codecs} <= {codec.payloadType for codec in asked.rtp.codecs}
        assert {(one.id, one.uri) for one in given.rtp.headerExtensions} <= {
            (int(str(one.id).split("/")[0]), one.uri) for one in asked.rtp.headerExtensions
        }
        assert given.ice is not None
        assert given.ice.iceLite
        assert given.dtls is not None
        assert given.dtls.role == "server"


def test_one_udp_and_one_passive_tcp_candidate_for_each_address() -> None:
    lines = [line for line in section_of(answered("chromium_whip"), 0) if line.startswith("a=candidate")]
    assert len(lines) == 4
    assert [line.split()[2] for line in lines] == ["udp", "tcp", "udp", "tcp"]
    assert all("tcptype passive" in line for line in lines if " tcp " in line)
    priorities = {line.split()[2] + line.split()[4]: int(line.split()[3]) for line in lines}
    assert min(priorities["udp192.0.2.7"], priorities["udp2001:db8::7"]) > max(
        priorities["tcp192.0.2.7"], priorities["tcp2001:db8::7"]
    )


def test_simulcast_is_answered_in_the_offers_order() -> None:
    camera = section_of(answered("chromium_classroom"), 1)
    assert [line for line in camera if "rid" in line and "hdrext" not in line] == [
        "a=rid:q recv",
        "a=rid:h recv",
        "a=rid:f recv",
    ]
    assert "a=simulcast:recv q;h;f" in camera


def test_rids_from_high_to_low_are_answered_so_and_used_from_low_to_high() -> None:
    text = sdp_of("firefox_classroom").replace("a=simulcast:send q;h;f", "a=simulcast:send f;~h;q")
    parsed = parse_offer(text, OfferLimits())
    layers = agree(parsed, offer_of("firefox_classroom").sections, 3)[1].layers
    assert layers.offered == ("f", "h", "q")
    assert layers.rids == ("q", "h", "f")
    assert lowest_first(("x", "b")) == ("x", "b")


def test_more_layers_than_allowed_lose_the_highest() -> None:
    parsed = parse_offer(sdp_of("firefox_classroom"), OfferLimits())
    layers = agree(parsed, offer_of("firefox_classroom").sections, 2)[1].layers
    assert layers.offered == layers.rids == ("q", "h")


def test_sections_without_use_and_data_channels_are_rejected() -> None:
    answer = answered("chromium_plain_with_data", sections(Use.MIC))
    assert "a=group:BUNDLE 0\r\n" in answer
    assert section_of(answer, 1)[0].startswith("video 0 ")
    assert section_of(answer, 2)[:1] == ["application 0 UDP/DTLS/SCTP webrtc-datachannel"]


def test_every_accepted_section_and_no_other_has_the_candidates() -> None:
    answer = answered("chromium_whip", (Section("1", Use.CAMERA),))
    assert not any("candidate" in line for line in section_of(answer, 0))
    assert sum(line.startswith("a=candidate") for line in section_of(answer, 1)) == 4


def test_opus_asks_publishers_for_fec_and_dtx() -> None:
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1" in section_of(answered("chromium_whip"), 0)
    assert "a=fmtp:111 minptime=10;useinbandfec=1" in section_of(answered("chromium_whep"), 0)


def test_h264_is_constrained_baseline_in_mode_one() -> None:
    camera = section_of(answered("chromium_whip"), 1)
    (format_line,) = [line for line in camera if "profile-level-id" in line]
    assert format_line.endswith("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f")


def test_only_offered_feedback_is_answered() -> None:
    audio = section_of(answered("chromium_whip"), 0)
    assert [line for line in audio if "rtcp-fb" in line] == ["a=rtcp-fb:111 transport-cc"]
    video = section_of(answered("chromium_whip"), 1)
    kinds = {line.split(" ", 1)[1] for line in video if line.startswith("a=rtcp-fb:96 ")}
    assert kinds == {"nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"}


def test_what_we_send_is_named_by_ssrc() -> None:
    video = section_of(answered("firefox_whep"), 1)
    assert "a=ssrc-group:FID 1001 2001" in video
    assert "a=ssrc:1001 cname:cname" in video
    assert "a=msid:stream-1 track" in video


def test_one_sided_extensions_are_answered_the_other_way_round() -> None:
    camera = section_of(answered("firefox_classroom"), 1)
    assert "a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" in camera
    assert not any("playout-delay" in line for line in camera)
    viewed = section_of(answered("firefox_classroom"), 7)
    assert "a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay" in viewed
