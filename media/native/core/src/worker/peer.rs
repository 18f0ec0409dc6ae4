//! One connection: keys, path, what it publishes, what it receives, how its link does.

use super::limits::PeerLimits;
use super::link::Link;
use super::publish::Published;
use super::slot::Slot;
use crate::api::{MasterKey, Profile, ReceiveSpec, Tuple};
use crate::egress::outgoing::NextNumbers;
use crate::id::{GroupId, PeerId, Ssrc};
use crate::ingress::binding::SsrcTable;
use crate::ingress::bitrate::BitrateMeter;
use crate::ingress::clock::RemoteClock;
use crate::ingress::twcc::{TwccConfig, TwccRecorder};
use crate::loudest::AudioSlots;
use crate::srtp;

/// SSRC of our own reports; slots have theirs.
pub(crate) const REPORTER: Ssrc = Ssrc(1);
/// SSRCs learned of one peer: three tracks of four layers with retransmissions, renewed twice.
const MAX_SSRCS: usize = 64;
/// Slots taken away whose numbers are remembered. One that is forgotten and comes back stays silent until it has
/// counted past what was sealed.
const MAX_RETIRED: usize = 128;

pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) group: GroupId,
    /// Where to send; none before the first check and after consent expired.
    pub(crate) path: Option<Tuple>,
    pub(crate) rx: Option<srtp::Inbound>,
    pub(crate) tx: Option<srtp::Outbound>,
    pub(crate) limits: PeerLimits,
    pub(crate) tracks: Vec<Published>,
    /// What `tracks` were made from, in the same order.
    pub(crate) specs: Vec<ReceiveSpec>,
    pub(crate) sources: SsrcTable,
    pub(crate) clock: RemoteClock,
    pub(crate) arrivals: TwccRecorder,
    pub(crate) slots: Vec<Slot>,
    /// Numbers of slots that were taken away, oldest first: they may come back, and no number is sealed twice.
    pub(crate) retired: Vec<NextNumbers>,
    /// Slots with something to send at the next flush, audio first.
    pub(crate) dirty: Vec<usize>,
    pub(crate) link: Link,
    pub(crate) rate_in: BitrateMeter,
    pub(crate) rate_out: BitrateMeter,
    pub(crate) next_report_us: u64,
    /// The loudest on this peer's slots.
    pub(crate) heard: AudioSlots,
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
            specs: Vec::new(),
            sources: SsrcTable::new(MAX_SSRCS),
            clock: RemoteClock::default(),
            heard: AudioSlots::default(),
            arrivals: TwccRecorder::new(TwccConfig::default()),
            slots: Vec::new(),
            retired: Vec::new(),
            dirty: Vec::new(),
            link: Link::default(),
            rate_in: BitrateMeter::default(),
            rate_out: BitrateMeter::default(),
            next_report_us: 0,
            reference_time: None,
            loss_up: 0.0,
        }
    }

    /// Installs the keys of both directions. Keys of the wrong length leave the peer without any.
    pub(crate) fn set_keys(&mut self, profile: Profile, tx: &MasterKey, rx: &MasterKey) {
        self.rx = srtp::Inbound::new(profile, rx).ok();
        self.tx = srtp::Outbound::new(profile, tx).ok();
    }

    /// Remembers where the numbers of a slot that goes away end.
    pub(crate) fn retire(&mut self, numbers: NextNumbers) {
        self.retired.retain(|old| old.ssrc != numbers.ssrc);
        if self.retired.len() >= MAX_RETIRED {
            self.retired.remove(0);
        }
        self.retired.push(numbers);
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
}
