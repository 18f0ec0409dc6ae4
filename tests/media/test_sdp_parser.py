"""The parser takes every captured offer and turns hostile text into OfferRefused alone."""

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import OfferRefused, RefusedReason
from media.sdp import OfferLimits, ParsedOffer, agree, parse_offer
from media.sdp.parsed import Direction
from tests.media.offers import USES, VECTORS, offer_of, sdp_of, sections

LIMITS = OfferLimits()
SMALL = sdp_of("firefox_whip").replace("\r\n", "\n")


def parse(text: str) -> ParsedOffer:
    return parse_offer(text, LIMITS)


def refusal(text: str) -> RefusedReason:
    with pytest.raises(OfferRefused) as caught:
        parse(text)
    return caught.value.reason


@pytest.mark.parametrize("name", USES)
def test_every_captured_offer_is_parsed_and_agreed(name: str) -> None:
    offer = offer_of(name)
    agreed = agree(parse(offer.sdp), offer.sections, 3)
    assert [section.use for section in agreed] == list(USES[name])
    for section in agreed:
        assert section.codecs[0].spec.codec == ("opus" if section.media.kind == "audio" else "vp8")
        assert section.media.kind == "audio" or section.codecs[0].spec.rtx_pt is not None


def test_lines_may_end_in_lf_alone() -> None:
    text = sdp_of("chromium_whip")
    assert parse(text) == parse(text.replace("\r\n", "\n"))


def test_transport_of_the_bundles_first_section_counts() -> None:
    parsed = parse(sdp_of("chromium_whip"))
    assert parsed.bundle == ("0", "1")
    assert len(parsed.ufrag) >= 4
    assert [found.algorithm for found in parsed.fingerprints] == ["sha-256"]


def test_fingerprint_of_the_session_counts_when_the_section_has_none() -> None:
    assert parse(sdp_of("firefox_whip")).fingerprints[0].algorithm == "sha-256"


def test_direction_of_the_session_is_the_sections_default() -> None:
    text = sdp_of("chromium_whip").replace("a=sendonly\r\n", "")
    assert parse(text.replace("t=0 0", "t=0 0\r\na=inactive")).media[0].direction is Direction.INACTIVE


def test_a_megabyte_is_refused_before_it_is_split() -> None:
    assert refusal("v=0\n" + "a=x\n" * 250_000) is RefusedReason.TOO_LARGE


def test_text_of_many_bytes_and_few_characters_is_measured_in_bytes() -> None:
    assert refusal("v=0\ns=" + "\U0001f600" * 20_000) is RefusedReason.TOO_LARGE


def test_five_thousand_sections_are_refused() -> None:
    assert refusal("v=0\n" + "m=a 9 B 0\n" * 5_000) is RefusedReason.MALFORMED


def test_more_candidates_than_allowed_are_refused_and_repeated_ones_count_once() -> None:
    once = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n"
    assert len(parse(SMALL + once * 100).media) == 2
    many = "".join(f"a=candidate:{n} 1 udp 1 192.0.2.1 9 typ host\n" for n in range(40))
    assert refusal(SMALL + many) is RefusedReason.MALFORMED


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a=group:BUNDLE 0 1\n", "", RefusedReason.NO_BUNDLE),
        ("a=group:BUNDLE 0 1\n", "a=group:BUNDLE 7\n", RefusedReason.NO_BUNDLE),
        ("a=mid:1\n", "a=mid:0\n", RefusedReason.MALFORMED),
        ("a=fingerprint:sha-256 ", "a=fingerprint:sha-1 ", RefusedReason.NO_FINGERPRINT),
        ("a=fingerprint:sha-256 ", "a=fingerprint:sha-512 ", RefusedReason.MALFORMED),
        ("a=setup:actpass\n", "a=setup:passive\n", RefusedReason.WRONG_SETUP),
        ("a=setup:actpass\n", "a=setup:maybe\n", RefusedReason.MALFORMED),
        ("a=ice-ufrag:", "a=x-ufrag:", RefusedReason.NO_CREDENTIALS),
        ("a=ice-pwd:", "a=ice-pwd:\u0661", RefusedReason.MALFORMED),
        ("a=rtpmap:109 opus/48000/2", "a=rtpmap:109 opus/48000/2/7", RefusedReason.MALFORMED),
        ("a=rtpmap:109 ", "a=rtpmap:110 ", RefusedReason.MALFORMED),
        ("a=extmap:1 ", "a=extmap:0 ", RefusedReason.MALFORMED),
        ("a=extmap:1 ", "a=extmap:3 ", RefusedReason.MALFORMED),
        ("m=audio 9", "m=audio 99999999999999999999", RefusedReason.MALFORMED),
        ("v=0\n", "v=1\n", RefusedReason.MALFORMED),
    ],
)
def test_a_damaged_offer_is_refused_with_its_reason(old: str, new: str, reason: RefusedReason) -> None:
    text = _with_port(SMALL)
    assert old in text
    assert refusal(text.replace(old, new)) is reason


REFUSED = {
    "a_line_of_sixty_thousand": RefusedReason.MALFORMED,
    "fingerprint_one_byte_short": RefusedReason.MALFORMED,
    "five_hundred_sections": RefusedReason.MALFORMED,
    "forty_candidates": RefusedReason.MALFORMED,
    "line_ends_inside_a_mid": RefusedReason.MALFORMED,
    "no_rtcp_mux": RefusedReason.UNSUPPORTED,
    "not_text": RefusedReason.MALFORMED,
    "one_ssrc_in_both_sections": RefusedReason.MALFORMED,
    "only_unknown_codecs": RefusedReason.UNSUPPORTED,
    "seventeen_rids": RefusedReason.MALFORMED,
}


@pytest.mark.parametrize("path", sorted((VECTORS / "hostile").glob("*.sdp")), ids=lambda path: path.stem)
def test_a_stored_hostile_offer_comes_to_what_it_came_to_before(path: Path) -> None:
    text = path.read_bytes().decode()
    uses = USES["firefox_classroom" if "m=video 0" in text else "chromium_whip"]
    reason: RefusedReason | None = None
    try:
        agreed = agree(parse(text), sections(*uses), 3)
    except OfferRefused as refused:
        reason = refused.reason
    else:
        assert 1 <= len(agreed) <= len(uses)
    assert reason is REFUSED.get(path.stem)


def test_an_unknown_protocol_or_attribute_is_no_fault() -> None:
    text = SMALL + "a=x-new:anything\nb=AS:100\n"
    assert len(parse(text).media) == 2


def test_feedback_of_a_codec_that_the_page_took_out_is_no_fault() -> None:
    narrowed = sdp_of("firefox_narrow")
    assert "a=rtcp-fb:99 nack" in narrowed
    assert all(99 not in media.described.payload_types for media in parse(narrowed).media)
    assert parse(SMALL + "a=fmtp:127 apt=126\n").media


def test_sections_must_fit_the_sdp() -> None:
    parsed = parse(SMALL)
    for wrong in (sections(*USES["firefox_whip"]) * 2, sections(*USES["chromium_classroom"]), sections()[:0]):
        with pytest.raises(OfferRefused):
            agree(parsed, wrong, 3)
    with pytest.raises(OfferRefused) as caught:
        agree(parsed, sections(*reversed(USES["firefox_whip"])), 3)
    assert caught.value.reason is RefusedReason.SECTION_MISMATCH


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    _parsed_or_refused(text)


_LINES = st.sampled_from(sorted(set(SMALL.splitlines()) | set(sdp_of("chromium_whip").splitlines())))
_VALUES = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["", "0", "*", "4294967296", "a/b", "-1"]
)
_HOSTILE = st.tuples(_LINES, _VALUES, st.integers(0, 40)).map(lambda parts: parts[0][: parts[2]] + parts[1])


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINES | _HOSTILE, max_size=60))
def test_any_mixture_of_true_and_broken_lines_is_parsed_or_refused(lines: list[str]) -> None:
    _parsed_or_refused("\n".join(["v=0", *lines]))


@pytest.mark.parametrize("seed", range(8))
def test_mutated_offers_are_parsed_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    for name in ("chromium_whip", "firefox_whip", "aiortc_classroom"):
        text = list(sdp_of(name))
        for _ in range(30):
            text[dice.randrange(len(text))] = dice.choice("\0\n\r:=/ ;,~09azAZ\u00e9\ud800")
        _parsed_or_refused("".join(text))


def _parsed_or_refused(text: str) -> None:
    """Any exception but OfferRefused fails the test."""
    with contextlib.suppress(OfferRefused):
        agree(parse(text), sections(*USES["firefox_whip"]), 3)


def _with_port(text: str) -> str:
    """The captured port replaced by 9, so that a test can name the line."""
    head, _, tail = text.partition("m=audio ")
    return head + "m=audio 9 " + tail.partition(" ")[2]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("a=rtpmap:111 opus/48000/2", "a=rtpmap:77 opus/48000/2"),
        ("a=setup:actpass", "a=setup:sideways"),
        ("a=mid:4", "a=mid:" + "x" * 17),
        ("v=0", "v=1"),
    ],
)
def test_a_refusal_names_the_line_wherever_it_stands(good: str, bad: str) -> None:
    lines = sdp_of("chromium_narrow").split("\r\n")
    place = len(lines) - 1 - lines[::-1].index(good)
    lines[place] = bad
    with pytest.raises(OfferRefused, match=f"line {place + 1}: "):
        parse_offer("\r\n".join(lines), OfferLimits())


def test_what_two_offers_say_alike_is_read_once_and_kept_apart_from_what_they_say_differently() -> None:
    one = parse(sdp_of("chromium_narrow"))
    other = parse(sdp_of("chromium_narrow").replace("a=mid:0", "a=mid:z").replace("BUNDLE 0", "BUNDLE z"))
    assert one.media[0].described is other.media[0].described
    assert (one.media[0].mid, other.media[0].mid) == ("0", "z")
    changed = parse(sdp_of("chromium_narrow").replace("useinbandfec=1", "useinbandfec=0"))
    assert changed.media[0].described is not one.media[0].described
    assert changed.media[0].described.payload_types[111].parameters["useinbandfec"] == "0"
