//! Which SSRC of a publisher is which layer of which track (RFC 8843 section 9.2, RFC 8852).

use super::publish::Published;
use super::replica::MAX_LAYERS;
use crate::id::{Layer, Ssrc};
use crate::rtp::Header;

/// SSRCs remembered of one peer: three tracks of four layers with retransmissions, renewed twice.
const SOURCES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Index among the peer's tracks.
    pub(crate) track: usize,
    pub(crate) layer: Layer,
    pub(crate) retransmission: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<(Ssrc, Source)>);

impl Sources {
    /// What is known of an SSRC.
    pub(crate) fn get(&self, ssrc: Ssrc) -> Option<Source> {
        self.0
            .iter()
            .find(|(known, _)| *known == ssrc)
            .map(|(_, source)| *source)
    }

    /// Track and layer of an SSRC that carries media.
    pub(crate) fn media(&self, ssrc: Ssrc) -> Option<(usize, Layer)> {
        self.get(ssrc)
            .filter(|source| !source.retransmission)
            .map(|source| (source.track, source.layer))
    }

    /// Begins with what the description announces (`a=ssrc`).
    pub(crate) fn rebuild(&mut self, tracks: &[Published]) {
        self.0.clear();
        for (track, published) in tracks.iter().enumerate() {
            let announced = published.spec.ssrcs.iter().map(|ssrc| (*ssrc, false));
            let repaired = published.spec.rtx_ssrcs.iter().map(|ssrc| (*ssrc, true));
            for (index, (ssrc, retransmission)) in announced.enumerate().chain(repaired.enumerate()) {
                if index < MAX_LAYERS && self.get(ssrc).is_none() {
                    self.0.push((
                        ssrc,
                        Source {
                            track,
                            layer: Layer(index as u8),
                            retransmission,
                        },
                    ));
                }
            }
        }
    }

    /// Learns an SSRC from the header extensions of its first packets, else from a payload type that only one
    /// track has.
    pub(crate) fn learn(&mut self, header: &Header<'_>, tracks: &[Published]) -> Option<Source> {
        let source = identify(header, tracks)?;
        if self.0.len() == SOURCES {
            self.0.remove(0);
        }
        self.0.push((header.ssrc(), source));
        Some(source)
    }
}

fn identify(header: &Header<'_>, tracks: &[Published]) -> Option<Source> {
    let pt = header.pt();
    let by_mid = tracks.iter().position(|published| {
        header
            .extension(published.spec.extensions.mid)
            .is_some_and(|mid| mid == published.spec.mid.as_bytes())
    });
    let named = tracks
        .iter()
        .any(|published| header.extension(published.spec.extensions.mid).is_some());
    let track = match by_mid {
        Some(track) => track,
        None if named => return None,
        None => only(tracks, |published| {
            published
                .spec
                .codecs
                .iter()
                .any(|codec| codec.pt == pt || codec.rtx_pt == Some(pt))
        })?,
    };
    let spec = &tracks[track].spec;
    let repairs = spec.codecs.iter().any(|codec| codec.rtx_pt == Some(pt));
    if !repairs && spec.codecs.iter().all(|codec| codec.pt != pt) {
        return None;
    }
    if spec.rids.is_empty() {
        return Some(Source {
            track,
            layer: Layer(0),
            retransmission: repairs,
        });
    }
    let id = if repairs {
        spec.extensions.repaired_rid
    } else {
        spec.extensions.rid
    };
    let rid = header.extension(id)?;
    let layer = spec
        .rids
        .iter()
        .position(|known| known.as_bytes() == rid)
        .filter(|layer| *layer < MAX_LAYERS)?;
    Some(Source {
        track,
        layer: Layer(layer as u8),
        retransmission: repairs,
    })
}

fn only(tracks: &[Published], mut has: impl FnMut(&Published) -> bool) -> Option<usize> {
    let mut found = tracks.iter().enumerate().filter(|(_, published)| has(published));
    let (track, _) = found.next()?;
    found.next().is_none().then_some(track)
}
