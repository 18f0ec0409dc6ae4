//! One connection: keys, path, what it publishes, what it receives, how its link does.

use super::limits::PeerLimits;
use super::link::Link;
use super::publish::Published;
use super::slot::Slot;
use super::sources::Sources;
use crate::api::{MasterKey, Profile, Tuple};
use crate::id::{GroupId, PeerId, Ssrc};
use crate::ingress::bitrate::BitrateMeter;
use crate::ingress::twcc::{TwccConfig, TwccRecorder};
use crate::srtp;

/// SSRC of our own reports; slots have theirs.
pub(crate) const REPORTER: Ssrc = Ssrc(1);

pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) group: GroupId,
    /// Where to send; none before the first check and after consent expired.
    pub(crate) path: Option<Tuple>,
    pub(crate) rx: Option<srtp::Inbound>,
    pub(crate) tx: Option<srtp::Outbound>,
    pub(crate) limits: PeerLimits,
    pub(crate) tracks: Vec<Published>,
    pub(crate) sources: Sources,
    pub(crate) arrivals: TwccRecorder,
    pub(crate) slots: Vec<Slot>,
    /// Slots with something to send at the next flush, audio first.
    pub(crate) dirty: Vec<usize>,
    pub(crate) link: Link,
    pub(crate) rate_in: BitrateMeter,
    pub(crate) rate_out: BitrateMeter,
    pub(crate) next_report_us: u64,
    /// Our NTP clock minus the publisher's, the smallest seen: one-way delay counts as little as possible.
    pub(crate) clock_offset: Option<i64>,
    /// Last receiver reference time: who asked, its compact NTP, and when it came (RFC 3611 section 4.4).
    pub(crate) reference_time: Option<(Ssrc, u32, u64)>,
    /// Share of the peer's packets that did not reach us, of the last report.
    pub(crate) loss_up: f32,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer")
            .field("id", &self.id)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

impl Peer {
    pub(crate) fn new(id: PeerId, group: GroupId, path: Option<Tuple>) -> Self {
        Self {
            id,
            group,
            path,
            rx: None,
            tx: None,
            limits: PeerLimits::default(),
            tracks: Vec::new(),
            sources: Sources::default(),
            arrivals: TwccRecorder::new(TwccConfig::default()),
            slots: Vec::new(),
            dirty: Vec::new(),
            link: Link::default(),
            rate_in: BitrateMeter::default(),
            rate_out: BitrateMeter::default(),
            next_report_us: 0,
            clock_offset: None,
            reference_time: None,
            loss_up: 0.0,
        }
    }

    /// Installs the keys of both directions. Keys of the wrong length leave the peer without any.
    pub(crate) fn set_keys(&mut self, profile: Profile, tx: &MasterKey, rx: &MasterKey) {
        self.rx = srtp::Inbound::new(profile, rx).ok();
        self.tx = srtp::Outbound::new(profile, tx).ok();
    }

    /// Counts an authenticated datagram.
    pub(crate) fn heard(&mut self, now_us: u64, bytes: usize) {
        self.rate_in.add(now_us, bytes);
    }

    /// The slot has something to send at the next flush; `peers` is the list of peers that have.
    pub(crate) fn mark(&mut self, slot: usize, me: usize, peers: &mut Vec<usize>) {
        let Some(known) = self.slots.get_mut(slot) else { return };
        if std::mem::replace(&mut known.dirty, true) {
            return;
        }
        if self.dirty.is_empty() {
            peers.push(me);
        }
        self.dirty.push(slot);
    }

    /// Maps an NTP time of the publisher's clock to ours. The offset falls at once and rises slowly, with the clocks' drift.
    pub(crate) fn on_our_clock(&mut self, arrival_ntp: u64, sent_ntp: u64) -> u64 {
        let offset = arrival_ntp.wrapping_sub(sent_ntp) as i64;
        let kept = match self.clock_offset {
            Some(known) if offset > known => known + (offset - known) / 64,
            _ => offset,
        };
        self.clock_offset = Some(kept);
        sent_ntp.wrapping_add_signed(kept)
    }
}
