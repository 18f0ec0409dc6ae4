//! Events as Python tuples, and packets as bytes for recorders.

use muster_core::api::{Event, GoneReason, Transport};
use muster_core::packet::Packet;
use muster_core::stats::{Counters, PeerStats, SlotStats, Snapshot, TrackStats};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

/// The tuple of one event; its form is in media/_native.pyi.
pub(crate) fn event(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyTuple>> {
    match event {
        Event::PathSelected { peer, tuple } => {
            let transport = match tuple.transport {
                Transport::Udp => "udp",
                Transport::Tcp(_) => "tcp",
            };
            let address = tuple.remote.ip().to_string();
            ("path_selected", peer.0, transport, address, tuple.remote.port()).into_pyobject(py)
        }
        Event::Dtls { peer, data } => ("dtls", peer.0, PyBytes::new(py, &data)).into_pyobject(py),
        Event::PeerGone { peer, reason } => {
            let reason = match reason {
                GoneReason::ConsentExpired => "consent_expired",
                GoneReason::Removed => "removed",
            };
            ("peer_gone", peer.0, reason).into_pyobject(py)
        }
        Event::Speaking { track, active } => ("speaking", track.0, active).into_pyobject(py),
        Event::LayerActive { track, layer, active } => ("layer_active", track.0, layer.0, active).into_pyobject(py),
        Event::LayersWanted { track, mask } => ("layers_wanted", track.0, mask).into_pyobject(py),
        Event::SlotFilled { peer, slot, track } => {
            ("slot_filled", peer.0, slot.0, track.map(|track| track.0)).into_pyobject(py)
        }
        Event::SlotLayer { peer, slot, layer } => {
            ("slot_layer", peer.0, slot.0, layer.map(|layer| layer.0)).into_pyobject(py)
        }
        Event::Stats(snapshot) => ("stats", stats(py, &snapshot)?).into_pyobject(py),
    }
}

/// Names and values of `counters`.
pub(crate) fn counters<'py>(py: Python<'py>, counters: &Counters) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in counters.entries() {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}

fn stats<'py>(py: Python<'py>, snapshot: &Snapshot) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("worker", snapshot.worker.0)?;
    dict.set_item("counters", counters(py, &snapshot.counters)?)?;
    dict.set_item("peers", list(&snapshot.peers, |stats| peer(py, stats))?)?;
    dict.set_item("tracks", list(&snapshot.tracks, |stats| track(py, stats))?)?;
    dict.set_item("slots", list(&snapshot.slots, |stats| slot(py, stats))?)?;
    Ok(dict)
}

fn list<'py, T>(items: &[T], one: impl Fn(&T) -> PyResult<Bound<'py, PyDict>>) -> PyResult<Vec<Bound<'py, PyDict>>> {
    items.iter().map(one).collect()
}

fn peer<'py>(py: Python<'py>, stats: &PeerStats) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("peer", stats.peer.0)?;
    dict.set_item("rtt_ms", stats.rtt_ms)?;
    dict.set_item("loss_down", stats.loss_down)?;
    dict.set_item("loss_up", stats.loss_up)?;
    dict.set_item("bitrate_in_bps", stats.bitrate_in_bps)?;
    dict.set_item("bitrate_out_bps", stats.bitrate_out_bps)?;
    dict.set_item("consent_age_ms", stats.consent_age_ms)?;
    dict.set_item("tcp", stats.tcp)?;
    Ok(dict)
}

fn track<'py>(py: Python<'py>, stats: &TrackStats) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("track", stats.track.0)?;
    dict.set_item("layer_bps", stats.layer_bps.clone())?;
    dict.set_item("subscribers", stats.subscribers)?;
    Ok(dict)
}

fn slot<'py>(py: Python<'py>, stats: &SlotStats) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("peer", stats.peer.0)?;
    dict.set_item("slot", stats.slot.0)?;
    dict.set_item("bitrate_bps", stats.bitrate_bps)?;
    Ok(dict)
}

/// The packet with the fixed header of its publisher (RFC 3550 section 5.1); header extensions are left out,
/// since their ids mean something in the publisher's session only.
pub(crate) fn rtp(packet: &Packet) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(12 + packet.payload.len());
    bytes.push(2 << 6);
    bytes.push(u8::from(packet.marker) << 7 | packet.pt.0 & 0x7F);
    bytes.extend_from_slice(&(packet.seq as u16).to_be_bytes());
    bytes.extend_from_slice(&packet.rtp_ts.to_be_bytes());
    bytes.extend_from_slice(&packet.ssrc.0.to_be_bytes());
    bytes.extend_from_slice(&packet.payload);
    bytes
}
