//! Bodies of the fuzz targets of `media/native/fuzz`; here, so that a change of a parser breaks them when it
//! is compiled. A test runs each over its stored corpus.

use crate::api::{Codec, MasterKey, Profile};
use crate::codec;
use crate::demux;
use crate::id::{Pt, Ssrc};
use crate::rtcp::{self, Packet, XrBlock};
use crate::rtp::extension::{parse_abs_send_time, parse_audio_level, parse_transport_cc, AbsCaptureTime};
use crate::rtp::{rtx as rtx_format, Fields, Header, HeaderWriter, View};
use crate::srtp::{master_key_len, Inbound, Outbound, MAX_RTCP_OVERHEAD};
use crate::stun::{fingerprint, IntegrityKey, Message};

/// Reads a datagram as STUN, as it is and with length and fingerprint made right, which no mutation finds.
pub fn stun(data: &[u8]) {
    let _ = demux::classify(data);
    read_stun(data);
    if let Some((header, attributes)) = data.split_first_chunk::<20>() {
        let mut framed = header.to_vec();
        framed.extend_from_slice(&attributes[..attributes.len().min(1400) / 4 * 4]);
        let len = (framed.len() - 20 + 8) as u16;
        framed[2..4].copy_from_slice(&len.to_be_bytes());
        let fingerprint = fingerprint(&framed);
        framed.extend_from_slice(&[0x80, 0x28, 0, 4]);
        framed.extend_from_slice(&fingerprint.to_be_bytes());
        read_stun(&framed);
    }
}

fn read_stun(data: &[u8]) {
    if let Ok(message) = Message::parse(data) {
        message.verify(&IntegrityKey::new("VOkJxbRl1RmTxUk/WvJxBt"));
        message.ufrags();
        assert!(message.unknown().iter().all(|kind| *kind < 0x8000));
    }
}

/// Takes an RTP packet apart; its parts must add up to the packet.
pub fn rtp_header(data: &[u8]) {
    if let Ok(view) = View::parse(data) {
        let header = view.header();
        let total = header.len() + view.payload().len() + usize::from(view.padding());
        assert_eq!(total, data.len());
        assert!(header.csrcs().count() <= 15);
        (1..=255).for_each(|id| assert_eq!(header.extension(id).is_some(), header.extensions().any(|e| e.0 == id)));
    }
}

/// Copies header extensions; what was written must read back.
pub fn header_extensions(data: &[u8]) {
    let Ok(header) = Header::parse(data) else { return };
    let fields = Fields {
        marker: header.marker(),
        pt: header.pt(),
        seq: header.seq(),
        timestamp: header.timestamp(),
        ssrc: header.ssrc(),
    };
    let mut buf = [0; 1500];
    let Ok(mut writer) = HeaderWriter::new(&mut buf, fields) else {
        return;
    };
    let mut kept = Vec::new();
    for (id, body) in header.extensions() {
        parse_abs_send_time(body);
        parse_audio_level(body);
        parse_transport_cc(body);
        AbsCaptureTime::parse(body);
        if writer.extension(id, body).is_ok() {
            kept.push((id, body));
        }
    }
    let len = writer.finish();
    match Header::parse(&buf[..len]) {
        Ok(copy) => assert!(copy.extensions().eq(kept)),
        Err(reason) => panic!("a written header is refused: {reason:?}"),
    }
}

/// Unwraps a retransmission and wraps it again.
pub fn rtx(data: &[u8]) {
    let Ok(view) = View::parse(data) else { return };
    if let Ok(Some((original, payload))) = rtx_format::unwrap(&view) {
        let mut copy = vec![0; rtx_format::OSN_LEN + payload.len()];
        if let Ok(at) = rtx_format::write_osn(&mut copy, original) {
            copy[at..].copy_from_slice(payload);
        }
        assert_eq!(copy, view.payload());
    }
}

/// Walks through a compound and everything in it.
pub fn rtcp(data: &[u8]) {
    for packet in rtcp::packets(data) {
        match packet {
            Ok(Packet::SenderReport(report)) => assert!(report.blocks.count() <= 31),
            Ok(Packet::ReceiverReport(report)) => assert!(report.blocks.count() <= 31),
            Ok(Packet::Sdes(sdes)) => assert!(sdes.cnames().count() <= 31),
            Ok(Packet::Bye(bye)) => assert!(bye.ssrcs().count() <= 31),
            Ok(Packet::Nack(nack)) => assert!(nack.missing().count() <= data.len() / 4 * 17),
            Ok(Packet::Fir(fir)) => assert!(fir.entries().count() <= data.len() / 8),
            Ok(Packet::Remb(remb)) => assert!(remb.ssrcs().count() <= 255),
            Ok(Packet::TransportFeedback(feedback)) => {
                assert!(feedback.statuses().count() <= usize::from(rtcp::transport_cc::MAX_STATUSES));
            }
            Ok(Packet::ExtendedReport(report)) => {
                let items = |block| match block {
                    XrBlock::Dlrr(items) => items.count(),
                    XrBlock::ReferenceTime(_) => 1,
                };
                assert!(report.blocks().map(items).sum::<usize>() <= data.len() / 12 + 1);
            }
            Ok(Packet::Pli(_) | Packet::Unknown { .. }) | Err(_) => {}
        }
    }
}

/// Inspects a payload: first byte the codec, second the length of the dependency descriptor.
pub fn payload(data: &[u8]) {
    let [kind, dd_len, rest @ ..] = data else { return };
    let kinds = [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1];
    let (dd, payload) = rest.split_at(usize::from(*dd_len).min(rest.len()));
    let inspection = codec::inspect(kinds[usize::from(*kind) % kinds.len()], payload, dd);
    let offsets = [inspection.tl0_pic_idx, inspection.key_idx];
    assert!(offsets
        .into_iter()
        .flatten()
        .all(|(offset, _)| usize::from(offset) < payload.len()));
    if let Some(id) = inspection.picture_id {
        assert!(usize::from(id.offset) + usize::from(id.bits / 8) < payload.len());
    }
}

/// Opens arbitrary bytes, which must fail, and seals them as payload, which must open again. The first byte
/// selects the profile.
pub fn srtp(data: &[u8]) {
    let [kind, bytes @ ..] = data else { return };
    let profiles = [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm, Profile::Aes128CmSha1_80];
    let profile = profiles[usize::from(*kind) % profiles.len()];
    let master = MasterKey((0..master_key_len(profile) as u8).collect());
    let (Ok(mut outbound), Ok(mut inbound)) = (Outbound::new(profile, &master), Inbound::new(profile, &master)) else {
        panic!("the key has the length of its profile")
    };
    assert!(inbound.unprotect_rtp(&mut bytes.to_vec()).is_err());
    assert!(inbound.unprotect_rtcp(&mut bytes.to_vec()).is_err());

    let bytes = &bytes[..bytes.len().min(1400)];
    let mut buf = [0; 1500];
    let fields = Fields {
        marker: false,
        pt: Pt(96),
        seq: 1,
        timestamp: 2,
        ssrc: Ssrc(3),
    };
    let header_len = HeaderWriter::new(&mut buf, fields).map_or(0, HeaderWriter::finish);
    buf[header_len..header_len + bytes.len()].copy_from_slice(bytes);
    let sealed = outbound
        .seal_rtp(&mut buf, header_len, bytes.len(), 1)
        .unwrap_or_default();
    assert_eq!(inbound.unprotect_rtp(&mut buf[..sealed]), Ok(header_len + bytes.len()));
    assert_eq!(&buf[header_len..header_len + bytes.len()], bytes);

    let compound = bytes.len().max(8);
    let mut buf = vec![0; compound + MAX_RTCP_OVERHEAD];
    buf[..bytes.len()].copy_from_slice(bytes);
    let sealed = outbound.seal_rtcp(&mut buf, compound).unwrap_or_default();
    assert_eq!(inbound.unprotect_rtcp(&mut buf[..sealed]), Ok(compound));
    assert_eq!(&buf[..bytes.len()], bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn run_corpus(target: &str, body: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz/corpus")
            .join(target);
        let mut inputs = 0;
        for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
            let path = entry.expect("a folder can be listed").path();
            body(&std::fs::read(path).expect("a corpus file can be read"));
            inputs += 1;
        }
        assert!(inputs >= 8, "{target} has {inputs} inputs");
    }

    #[test]
    fn stored_inputs_of_every_target_pass() {
        run_corpus("stun", stun);
        run_corpus("rtp_header", rtp_header);
        run_corpus("header_extensions", header_extensions);
        run_corpus("rtx", rtx);
        run_corpus("rtcp", rtcp);
        run_corpus("payload", payload);
        run_corpus("srtp", srtp);
    }
}
