//! One receive position of a subscriber: which track it shows, and its outgoing stream.

use crate::api::{Kind, SlotSpec};
use crate::egress::outgoing::{NextNumbers, Retransmission};
use crate::egress::rtx::RetransmitConfig;
use crate::egress::slot::OutboundSlot;
use crate::feedback::FirDedup;
use crate::id::{Layer, TrackId};

use super::config::WorkerConfig;

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) spec: SlotSpec,
    /// Wished by the control side; `track` is where it was found.
    pub(crate) route: Option<TrackId>,
    pub(crate) max_layer: Layer,
    pub(crate) track: Option<usize>,
    /// Index among the loudest slots of the peer.
    pub(crate) channel: Option<usize>,
    /// Listed in its peer's `dirty`.
    pub(crate) dirty: bool,
    pub(crate) fir: FirDedup,
    /// To be sent again at the next flush.
    pub(crate) again: Vec<Retransmission>,
    /// A cached group of pictures may begin at the next flush.
    pub(crate) replaying: bool,
    /// When the next sender report is due.
    pub(crate) report_us: u64,
    /// Where the stream goes on, when an earlier slot had its SSRC.
    pub(crate) numbers: Option<NextNumbers>,
    /// Made when the first track is shown and kept for ever: its numbers must never be used twice.
    pub(crate) stream: Option<OutboundSlot>,
    /// The way to the viewer is full: no pictures until it has drained.
    pub(crate) choked: bool,
    /// No layer of the track carries packets.
    pub(crate) dark: bool,
    /// Last told by `Event::SlotLayer`.
    pub(crate) told: Option<Layer>,
}

impl Slot {
    pub(crate) fn new(spec: SlotSpec) -> Self {
        Self {
            spec,
            route: None,
            max_layer: Layer(0),
            track: None,
            channel: None,
            dirty: false,
            fir: FirDedup::default(),
            again: Vec::new(),
            replaying: false,
            report_us: 0,
            numbers: None,
            stream: None,
            choked: false,
            dark: false,
            told: None,
        }
    }

    /// Takes another description of the slot; the stream's numbers go on when its SSRC stays.
    pub(crate) fn reconfigure(&mut self, spec: SlotSpec) {
        match &mut self.stream {
            Some(stream) if self.spec.ssrc == spec.ssrc && self.spec.kind == spec.kind => {
                stream.reconfigure(spec.clone());
            }
            stream => *stream = None,
        }
        self.spec = spec;
    }

    /// Begins to show a track whose layers of `active` carry packets.
    pub(crate) fn begin(&mut self, track: usize, active: u8, config: &WorkerConfig) {
        self.track = Some(track);
        self.again.clear();
        self.dark = false;
        let (spec, numbers) = (&self.spec, self.numbers);
        let stream = self.stream.get_or_insert_with(|| match numbers {
            Some(numbers) => OutboundSlot::resume(spec.clone(), retransmit(spec, config), numbers),
            None => OutboundSlot::new(spec.clone(), retransmit(spec, config)),
        });
        stream.selector().set_max(self.max_layer);
        stream.begin_source(active);
    }

    /// Shows nothing any more.
    pub(crate) fn end(&mut self) {
        self.track = None;
        self.replaying = false;
        self.again.clear();
        if let Some(stream) = &mut self.stream {
            stream.begin_source(0);
        }
    }

    /// What was sent last is broken for the viewer; sound goes on, pictures begin again at a key frame.
    pub(crate) fn interrupt(&mut self) {
        if let Some(stream) = self.stream.as_mut().filter(|_| self.spec.kind == Kind::Video) {
            stream.interrupt();
        }
    }

    pub(crate) fn set_max_layer(&mut self, max_layer: Layer) {
        self.max_layer = max_layer;
        if let Some(stream) = &mut self.stream {
            stream.selector().set_max(max_layer);
        }
    }

    pub(crate) fn set_active(&mut self, layer: Layer, active: bool) {
        if let Some(stream) = &mut self.stream {
            stream.selector().set_active(layer, active);
        }
    }

    /// Layer that is sent now.
    pub(crate) fn shown(&self) -> Option<Layer> {
        self.stream.as_ref()?.layer()
    }

    pub(crate) fn wants_key_frame(&self) -> Option<Layer> {
        self.stream.as_ref()?.wants_key_frame()
    }

    /// Something waits for the next flush that no packet of the track would bring up again.
    pub(crate) fn has_own_packets(&self) -> bool {
        self.replaying || !self.again.is_empty()
    }

    /// The layer to tell the control side, when it is news (video only).
    pub(crate) fn news(&mut self) -> Option<Option<Layer>> {
        let shown = self.track.filter(|_| !self.dark).and_then(|_| self.shown());
        if self.spec.kind == Kind::Audio || shown == self.told {
            return None;
        }
        self.told = shown;
        Some(shown)
    }
}

fn retransmit(spec: &SlotSpec, config: &WorkerConfig) -> RetransmitConfig {
    let remembered = match spec.kind {
        Kind::Audio => config.cache_packets_audio,
        Kind::Video => config.rtx_remembered,
    };
    RetransmitConfig {
        remembered: remembered as usize,
        max_tries: config.rtx_tries.min(255) as u8,
        share_percent: config.rtx_percent,
        burst_bytes: config.rtx_burst_bytes,
        ..RetransmitConfig::default()
    }
}
