//! Opus (RFC 7587): every packet stands for itself.

use crate::packet::Inspection;

/// None for an empty payload.
pub fn inspect(payload: &[u8]) -> Option<Inspection> {
    payload.first()?;
    Some(Inspection {
        key_frame: true,
        frame_start: true,
        switching_point: true,
        ..Inspection::default()
    })
}
