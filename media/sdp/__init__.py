"""SDP as far as one answering media server needs it: a strict bounded parser and a template writer."""

from media.sdp.agreement import AgreedSection, agree
from media.sdp.answer import AnswerTransport, SentStream, write_answer
from media.sdp.candidates import host_candidates
from media.sdp.extensions import extension_ids
from media.sdp.parsed import ParsedMedia, ParsedOffer
from media.sdp.parser import OfferLimits, parse_offer

__all__ = [
    "AgreedSection",
    "AnswerTransport",
    "OfferLimits",
    "ParsedMedia",
    "ParsedOffer",
    "SentStream",
    "agree",
    "extension_ids",
    "host_candidates",
    "parse_offer",
    "write_answer",
]
