"""One peer's transport: offers answered, ICE credentials, the DTLS association and its end."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from media.config import MediaConfig
from media.dtls import Certificate, DtlsAssociation, DtlsFailure
from media.errors import OfferRefused, RefusedReason
from media.events import GroupId, PeerId, TrackId
from media.forwarder import Keys, PacketPath
from media.negotiation import Answer, Kind, Offer, PublishedTrack, Slot, Use
from media.numbering import Numbering
from media.sdp import (
    AgreedSection,
    AnswerTransport,
    OfferLimits,
    ParsedOffer,
    SentStream,
    agree,
    extension_ids,
    parse_offer,
    write_answer,
)
from media.specs import ReceiveSpec, SlotSpec

_log = logging.getLogger(__name__)


class SessionState(StrEnum):
    """
    | from       | to         | when                                                    |
    |------------|------------|---------------------------------------------------------|
    | new        | connecting | the first offer is answered                             |
    | connecting | connected  | DTLS gave keys that fit the fingerprint                 |
    | any        | closed     | closed by the control side, by the peer, or by a fault  |

    An ICE restart changes no state: the DTLS association outlives it (RFC 8842 section 4.4).
    """

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


_MOVES = {
    SessionState.NEW: {SessionState.CONNECTING, SessionState.CLOSED},
    SessionState.CONNECTING: {SessionState.CONNECTED, SessionState.CLOSED},
    SessionState.CONNECTED: {SessionState.CLOSED},
    SessionState.CLOSED: set[SessionState](),
}


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """Facts that the plane is told."""

    connected: Callable[[PeerId], None]
    failed: Callable[[PeerId, DtlsFailure], None]


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What the last offer came to."""

    parsed: ParsedOffer
    sections: tuple[AgreedSection, ...]


class Session:
    """
    Owned by the plane; its `run` belongs to a task of the plane's group. Everything else is called on the
    loop's thread and returns at once.
    """

    def __init__(
        self,
        peer: PeerId,
        group: GroupId,
        *,
        path: PacketPath,
        config: MediaConfig,
        certificate: Certificate,
        candidates: tuple[str, ...],
        new_track: Callable[[], TrackId],
        events: SessionEvents,
    ) -> None:
        self.peer = peer
        self.group = group
        self.receive: tuple[ReceiveSpec, ...] = ()
        self.tracks: tuple[PublishedTrack, ...] = ()
        self.slots: tuple[Slot, ...] = ()
        self.answered = asyncio.Event()
        self._path = path
        self._config = config
        self._certificate = certificate
        self._candidates = candidates
        self._events = events
        self._numbering = Numbering(new_track)
        self._state = SessionState.NEW
        self._agreed: _Agreed | None = None
        self._dtls: DtlsAssociation | None = None
        self._ufrag = self._pwd = ""
        self._session_id = secrets.randbits(62)  # RFC 8829 section 5.2.1
        self._version = 0
        self._stream = secrets.token_hex(8)
        self._keys_due: asyncio.Timeout | None = None

    @property
    def state(self) -> SessionState:
        return self._state

    def answer(self, offer: Offer) -> tuple[Answer, bool]:
        """The answer, and whether it restarted ICE. Raises OfferRefused with the session unchanged."""
        limits = OfferLimits(self._config.max_sdp_bytes, self._config.max_sections, self._config.max_candidates)
        parsed = parse_offer(offer.sdp, limits)
        sections = agree(parsed, offer.sections, self._config.max_rids)
        earlier = self._agreed
        restart = earlier is not None and (parsed.ufrag, parsed.pwd) != (earlier.parsed.ufrag, earlier.parsed.pwd)
        if earlier is not None and set(parsed.fingerprints) != set(earlier.parsed.fingerprints):
            raise OfferRefused(RefusedReason.TRANSPORT_CHANGED, "another certificate needs a new connection")
        self._agreed = _Agreed(parsed, sections)
        self._version += 1
        if earlier is None:
            self._start(parsed)
        elif restart:
            self._register(parsed)
        return Answer(self._configure(parsed, sections), self.tracks, self.slots), restart

    def feed_dtls(self, datagram: bytes) -> bool:
        """A DTLS datagram from the selected path; False when it was dropped."""
        return self._dtls is not None and self._dtls.feed(datagram)

    async def run(self) -> None:
        """The peer's one task: from the first answer to the end of its DTLS association."""
        await self.answered.wait()
        assert self._dtls is not None, "set before the event"
        try:
            async with asyncio.timeout(self._config.unconnected_timeout_s) as self._keys_due:
                await self._dtls.run()
        except TimeoutError:
            self._on_failed(DtlsFailure.TIMEOUT)

    def close(self) -> None:
        """Says goodbye when connected, and removes the peer from the packet path. May be called twice."""
        if self._state is SessionState.CLOSED:
            return
        if self._dtls is not None:
            self._dtls.close()
            self._path.remove_peer(self.peer)
        self._to(SessionState.CLOSED)

    def _start(self, parsed: ParsedOffer) -> None:
        self._dtls = DtlsAssociation(
            self._certificate,
            parsed.fingerprints,
            send=self._send_dtls,
            on_keys=self._on_keys,
            on_failed=self._on_failed,
            queue_limit=self._config.dtls_queue,
            timeout_s=self._config.dtls_timeout_s,
        )
        self._register(parsed)
        self._path.add_peer(self.peer, self.group)
        self._to(SessionState.CONNECTING)
        self.answered.set()

    def _register(self, parsed: ParsedOffer) -> None:
        # 64 random bits name the peer among all of this port, 128 protect the checks (RFC 8445 section 5.3).
        self._ufrag, self._pwd = secrets.token_hex(8), secrets.token_hex(16)
        self._path.register(self.peer, self._ufrag, self._pwd, parsed.ufrag)

    def _configure(self, parsed: ParsedOffer, sections: tuple[AgreedSection, ...]) -> str:
        """Numbers everything, tells the packet path, and returns the answer's SDP."""
        for section in sections:
            self._numbering.avoid((*section.layers.ssrcs, *section.layers.rtx_ssrcs))
        published = [section for section in sections if section.use.publishes]
        received = [section for section in sections if not section.use.publishes]
        self.receive = tuple(self._receive_spec(section) for section in published)
        slots = {section.mid: self._slot_spec(section) for section in received}
        self.tracks = tuple(
            PublishedTrack(spec.track, spec.mid, section.use, Kind(section.media.kind), section.layers.count)
            for spec, section in zip(self.receive, published, strict=True)
        )
        self.slots = tuple(
            Slot(slots[section.mid].slot, section.mid, section.use, Kind(section.media.kind)) for section in received
        )
        self._path.configure(self.peer, self.receive, tuple(slots.values()))
        transport = AnswerTransport(
            self._ufrag,
            self._pwd,
            self._certificate.fingerprint,
            self._candidates,
            self._session_id,
            self._version,
        )
        # A player of one teacher gets lip sync; in a class the slots of a person change, so each is alone.
        together = len(received) == 2 and {section.media.kind for section in received} == {"audio", "video"}
        sent = {mid: self._sent(spec, together) for mid, spec in slots.items()}
        return write_answer(parsed, sections, transport, sent)

    def _receive_spec(self, section: AgreedSection) -> ReceiveSpec:
        return ReceiveSpec(
            track=self._numbering.track(section.mid, section.use),
            kind=section.media.kind,
            mid=section.mid,
            rids=section.layers.rids,
            ssrcs=section.layers.ssrcs,
            rtx_ssrcs=section.layers.rtx_ssrcs,
            codecs=tuple(codec.spec for codec in section.codecs),
            extensions=extension_ids(section.extensions),
            screen=section.use is Use.SCREEN,
        )

    def _slot_spec(self, section: AgreedSection) -> SlotSpec:
        numbers = self._numbering.slot(section.mid, section.use)
        repaired = any(codec.spec.rtx_pt is not None for codec in section.codecs)
        return SlotSpec(
            slot=numbers.slot,
            kind=section.media.kind,
            mid=section.mid,
            ssrc=numbers.ssrc,
            rtx_ssrc=numbers.rtx_ssrc if repaired else None,
            codecs=tuple(codec.spec for codec in section.codecs),
            extensions=extension_ids(section.extensions),
            loudest=section.use is Use.AUDIO,
            cname=self._stream,
        )

    def _sent(self, spec: SlotSpec, together: bool) -> SentStream:
        stream = self._stream if together else f"{self._stream}-{spec.slot}"
        return SentStream(spec.ssrc, spec.rtx_ssrc, spec.cname, stream, f"slot-{spec.slot}")

    def _send_dtls(self, datagram: bytes) -> None:
        if self._state is not SessionState.CLOSED:
            self._path.send_dtls(self.peer, datagram)

    def _on_keys(self, keys: Keys) -> None:
        if self._keys_due is not None:
            self._keys_due.reschedule(None)
        self._path.set_keys(self.peer, keys)
        self._to(SessionState.CONNECTED)
        self._events.connected(self.peer)

    def _on_failed(self, reason: DtlsFailure) -> None:
        if self._state is not SessionState.CLOSED:
            self._events.failed(self.peer, reason)

    def _to(self, state: SessionState) -> None:
        assert state in _MOVES[self._state], f"{self._state} -> {state} is not a move"
        # That an offer was answered is of interest to developers; that media came up and ended, to operators.
        level = logging.DEBUG if state is SessionState.CONNECTING else logging.INFO
        _log.log(level, "peer %s: %s -> %s", self.peer, self._state, state)
        self._state = state
