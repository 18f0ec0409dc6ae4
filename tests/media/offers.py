"""Offers of tests: captured ones of real browsers, and the uses of their sections."""

from pathlib import Path

from media import Offer, Section, Use

VECTORS = Path(__file__).parents[1] / "vectors" / "sdp"

CLASSROOM = (Use.MIC, Use.CAMERA, Use.SCREEN, *[Use.AUDIO] * 3, Use.INTERPRETATION, *[Use.VIDEO] * 9, Use.SCREEN_VIEW)
PUBLISHER = (Use.MIC, Use.CAMERA)
PLAYER = (Use.AUDIO, Use.VIDEO)

USES = {
    "aiortc_classroom": (Use.MIC, Use.CAMERA, Use.AUDIO, Use.VIDEO),
    "chromium_classroom": CLASSROOM,
    "chromium_narrow": CLASSROOM,
    "chromium_plain_with_data": PUBLISHER,
    "chromium_whep": PLAYER,
    "chromium_whip": PUBLISHER,
    "firefox_classroom": CLASSROOM,
    "firefox_narrow": CLASSROOM,
    "firefox_plain_with_data": PUBLISHER,
    "firefox_whep": PLAYER,
    "firefox_whip": PUBLISHER,
}


def sections(*uses: Use) -> tuple[Section, ...]:
    """Sections with mids 0, 1, 2... as browsers number them."""
    return tuple(Section(str(place), use) for place, use in enumerate(uses))


def sdp_of(name: str) -> str:
    # Read as bytes: the line ends are part of the vector.
    return (VECTORS / f"{name}.sdp").read_bytes().decode()


def offer_of(name: str) -> Offer:
    return Offer(sdp_of(name), sections(*USES[name]))
