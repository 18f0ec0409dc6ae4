//! Payload inspection, once for each packet. A payload that cannot be read gives an empty inspection: it is
//! forwarded with its stream, but nobody begins there.

pub mod av1;
pub mod h264;
pub mod opus;
pub mod vp8;
pub mod vp9;

use crate::api::Codec;
use crate::packet::Inspection;

/// Facts of one payload without padding; `dd` is the body of the dependency descriptor, empty = none.
pub fn inspect(codec: Codec, payload: &[u8], dd: &[u8]) -> Inspection {
    match codec {
        Codec::Opus => opus::inspect(payload),
        Codec::Vp8 => vp8::inspect(payload),
        Codec::Vp9 => vp9::inspect(payload),
        Codec::H264 => h264::inspect(payload),
        Codec::Av1 => av1::inspect(payload, dd),
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arbitrary_payloads_never_panic(
            payload in prop::collection::vec(any::<u8>(), 0..64),
            dd in prop::collection::vec(any::<u8>(), 0..16),
        ) {
            for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
                let inspection = inspect(codec, &payload, &dd);
                prop_assert!(!inspection.key_frame || !payload.is_empty());
                if let Some(id) = inspection.picture_id {
                    prop_assert!(usize::from(id.offset) + usize::from(id.bits / 8) < payload.len());
                }
            }
        }
    }
}
