//! Which SSRC of a publisher is which layer of which track (RFC 8843 section 9.2, RFC 8852).

use std::collections::HashMap;

use crate::api::ReceiveSpec;
use crate::id::{Layer, Pt, Ssrc};
use crate::rtp::Header;

/// The layer that an SSRC carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Index in the publisher's list of tracks.
    pub track: usize,
    pub layer: Layer,
    /// Its packets are retransmissions (RFC 4588).
    pub rtx: bool,
}

/// What an SSRC is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Bound(Binding),
    /// A browser's bandwidth probe: counted for transport feedback, else ignored.
    Probe,
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    binding: Binding,
    announced: bool,
    seen_us: u64,
}

/// The SSRCs of one peer, announced ones and those learned from header extensions.
#[derive(Clone, Debug)]
pub struct SsrcTable {
    known: HashMap<Ssrc, Known>,
    limit: usize,
}

impl SsrcTable {
    /// Learns at most `limit` SSRCs; the one silent for longest gives way.
    pub fn new(limit: usize) -> Self {
        Self {
            known: HashMap::with_capacity(limit),
            limit,
        }
    }

    /// Replaces the tracks. What was learned is learned again from the next packets.
    pub fn configure(&mut self, tracks: &[ReceiveSpec]) {
        self.reconfigure(tracks, &[]);
    }

    /// Replaces the tracks; the one that was at index `n` is now at `moved[n]`, and its learned SSRCs stay: browsers
    /// cease to name the layer once it was reported.
    pub fn reconfigure(&mut self, tracks: &[ReceiveSpec], moved: &[Option<usize>]) {
        self.known.retain(|_, known| match moved.get(known.binding.track) {
            Some(Some(track)) if !known.announced => {
                known.binding.track = *track;
                true
            }
            _ => false,
        });
        for (track, spec) in tracks.iter().enumerate() {
            for (list, rtx) in [(&spec.ssrcs, false), (&spec.rtx_ssrcs, true)] {
                for (layer, ssrc) in list.iter().enumerate().take(8) {
                    let binding = Binding {
                        track,
                        layer: Layer(layer as u8),
                        rtx,
                    };
                    self.known.insert(
                        *ssrc,
                        Known {
                            binding,
                            announced: true,
                            seen_us: 0,
                        },
                    );
                }
            }
        }
    }

    /// Finds the layer of an authenticated packet and remembers it.
    pub fn resolve(&mut self, now_us: u64, header: &Header<'_>, tracks: &[ReceiveSpec]) -> Source {
        if header.ssrc() == Ssrc(0) {
            return Source::Probe;
        }
        if let Some(known) = self.known.get_mut(&header.ssrc()) {
            known.seen_us = now_us;
            return Source::Bound(known.binding);
        }
        let Some(binding) = by_extensions(header, tracks).or_else(|| by_payload_type(header.pt(), tracks)) else {
            return Source::Unknown;
        };
        self.remember(now_us, header.ssrc(), binding);
        Source::Bound(binding)
    }

    /// Track index and layer of an SSRC that carries media.
    pub fn media(&self, ssrc: Ssrc) -> Option<(usize, Layer)> {
        let binding = self.known.get(&ssrc)?.binding;
        (!binding.rtx).then_some((binding.track, binding.layer))
    }

    fn remember(&mut self, now_us: u64, ssrc: Ssrc, binding: Binding) {
        if self.known.len() >= self.limit {
            let learned = self.known.iter().filter(|(_, known)| !known.announced);
            let Some(oldest) = learned.min_by_key(|(_, known)| known.seen_us).map(|(ssrc, _)| *ssrc) else {
                return;
            };
            self.known.remove(&oldest);
        }
        self.known.insert(
            ssrc,
            Known {
                binding,
                announced: false,
                seen_us: now_us,
            },
        );
    }
}

fn by_extensions(header: &Header<'_>, tracks: &[ReceiveSpec]) -> Option<Binding> {
    // One bundle gives an id one meaning (RFC 9143 section 9), but only a section that uses an extension lists it:
    // browsers leave rids out of their audio sections.
    let mid_id = tracks.iter().map(|spec| spec.extensions.mid).find(|id| *id != 0)?;
    let mid = header.extension(mid_id)?;
    let track = tracks.iter().position(|spec| spec.mid.as_bytes() == mid)?;
    let spec = &tracks[track];
    let ids = &spec.extensions;
    let rtx = is_rtx(spec, header.pt());
    if spec.rids.is_empty() {
        return Some(Binding {
            track,
            layer: Layer(0),
            rtx,
        });
    }
    let rid = header.extension(if rtx { ids.repaired_rid } else { ids.rid })?;
    let layer = spec.rids.iter().position(|known| known.as_bytes() == rid)?;
    Some(Binding {
        track,
        layer: Layer(layer as u8),
        rtx,
    })
}

/// The last resort, for a track of one encoding whose payload type is its own.
fn by_payload_type(pt: Pt, tracks: &[ReceiveSpec]) -> Option<Binding> {
    let carries = |spec: &ReceiveSpec| is_rtx(spec, pt) || spec.codecs.iter().any(|codec| codec.pt == pt);
    let mut candidates = tracks.iter().enumerate().filter(|(_, spec)| carries(spec));
    let (track, spec) = candidates.next()?;
    if candidates.next().is_some() || spec.rids.len() > 1 {
        return None;
    }
    Some(Binding {
        track,
        layer: Layer(0),
        rtx: is_rtx(spec, pt),
    })
}

fn is_rtx(spec: &ReceiveSpec, pt: Pt) -> bool {
    spec.codecs.iter().any(|codec| codec.rtx_pt == Some(pt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Codec, CodecSpec, ExtensionIds, Kind};
    use crate::id::TrackId;
    use crate::rtp::{Fields, HeaderWriter};

    const IDS: ExtensionIds = ExtensionIds {
        mid: 1,
        rid: 2,
        repaired_rid: 3,
        audio_level: 0,
        abs_send_time: 0,
        transport_cc: 0,
        abs_capture_time: 0,
        video_orientation: 0,
        playout_delay: 0,
        dependency_descriptor: 0,
    };

    fn spec(mid: &str, rids: &[&str], pt: u8, rtx_pt: u8) -> ReceiveSpec {
        ReceiveSpec {
            track: TrackId(1),
            kind: Kind::Video,
            mid: mid.into(),
            rids: rids.iter().map(|rid| (*rid).into()).collect(),
            ssrcs: vec![],
            rtx_ssrcs: vec![],
            codecs: vec![CodecSpec {
                codec: Codec::Vp8,
                pt: Pt(pt),
                rtx_pt: Some(Pt(rtx_pt)),
            }],
            extensions: IDS,
            screen: false,
        }
    }

    fn resolve(table: &mut SsrcTable, tracks: &[ReceiveSpec], ssrc: u32, pt: u8, extensions: &[(u8, &str)]) -> Source {
        let mut buf = [0; 64];
        let fields = Fields {
            marker: false,
            pt: Pt(pt),
            seq: 1,
            timestamp: 2,
            ssrc: Ssrc(ssrc),
        };
        let mut writer = HeaderWriter::new(&mut buf, fields).unwrap();
        for (id, body) in extensions {
            writer.extension(*id, body.as_bytes()).unwrap();
        }
        let len = writer.finish();
        table.resolve(0, &Header::parse(&buf[..len]).unwrap(), tracks)
    }

    fn bound(track: usize, layer: u8, rtx: bool) -> Source {
        Source::Bound(Binding {
            track,
            layer: Layer(layer),
            rtx,
        })
    }

    #[test]
    fn announced_ssrcs_come_first_and_rids_are_remembered() {
        let mut tracks = [spec("0", &["q", "h"], 96, 97), spec("1", &[], 96, 97)];
        tracks[1].ssrcs = vec![Ssrc(50)];
        tracks[1].rtx_ssrcs = vec![Ssrc(51)];
        let mut table = SsrcTable::new(8);
        table.configure(&tracks);
        assert_eq!(
            resolve(&mut table, &tracks, 50, 96, &[(1, "0"), (2, "h")]),
            bound(1, 0, false)
        );
        assert_eq!(resolve(&mut table, &tracks, 51, 97, &[]), bound(1, 0, true));
        assert_eq!(resolve(&mut table, &tracks, 7, 96, &[]), Source::Unknown);
        assert_eq!(
            resolve(&mut table, &tracks, 7, 96, &[(1, "0"), (2, "h")]),
            bound(0, 1, false)
        );
        assert_eq!(resolve(&mut table, &tracks, 7, 96, &[]), bound(0, 1, false));
        assert_eq!(
            resolve(&mut table, &tracks, 8, 97, &[(1, "0"), (3, "q")]),
            bound(0, 0, true)
        );
        assert_eq!(resolve(&mut table, &tracks, 9, 96, &[(1, "0")]), Source::Unknown);
        assert_eq!(
            resolve(&mut table, &tracks, 9, 96, &[(1, "0"), (2, "x")]),
            Source::Unknown
        );
        assert_eq!(resolve(&mut table, &tracks, 0, 96, &[]), Source::Probe);
    }

    #[test]
    fn rids_are_read_by_the_ids_of_their_own_section() {
        let mut tracks = [spec("0", &[], 111, 112), spec("1", &["q", "h", "f"], 96, 97)];
        tracks[0].extensions.rid = 0;
        tracks[0].extensions.repaired_rid = 0;
        let mut table = SsrcTable::new(8);
        let media = resolve(&mut table, &tracks, 7, 96, &[(1, "1"), (2, "h")]);
        assert_eq!(media, bound(1, 1, false));
        let repair = resolve(&mut table, &tracks, 8, 97, &[(1, "1"), (3, "f")]);
        assert_eq!(repair, bound(1, 2, true));
    }

    #[test]
    fn a_payload_type_of_one_track_alone_binds_it() {
        let tracks = [spec("0", &[], 96, 97), spec("1", &[], 98, 99), spec("2", &[], 98, 99)];
        let mut table = SsrcTable::new(8);
        table.configure(&tracks);
        assert_eq!(resolve(&mut table, &tracks, 1, 97, &[]), bound(0, 0, true));
        assert_eq!(resolve(&mut table, &tracks, 2, 98, &[]), Source::Unknown);
    }

    #[test]
    fn what_is_learned_is_bounded() {
        let mut tracks = [spec("0", &[], 96, 97)];
        tracks[0].ssrcs = vec![Ssrc(1)];
        let mut table = SsrcTable::new(4);
        table.configure(&tracks);
        for ssrc in 10..1000 {
            assert_eq!(resolve(&mut table, &tracks, ssrc, 96, &[]), bound(0, 0, false));
        }
        assert_eq!(table.known.len(), 4);
        assert!(table.known.contains_key(&Ssrc(1)));
    }
}
