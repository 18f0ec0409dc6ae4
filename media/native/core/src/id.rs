//! Numbers from the wire and from the control side, each with its own type.

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);
    };
}

number!(
    /// Synchronisation source of an RTP stream (RFC 3550 section 3).
    Ssrc, u32
);
number!(
    /// RTP payload type, 0..=127 (RFC 3550 section 5.1).
    Pt, u8
);
number!(
    /// One connection of a participant. Chosen by the control side, never reused.
    PeerId, u64
);
number!(
    /// Peers of one group can hear and see each other; the control side maps a room's session to it.
    GroupId, u64
);
number!(
    /// One published source (microphone, camera, screen). Chosen by the control side, never reused.
    TrackId, u64
);
number!(
    /// One fixed receive position of a subscriber: the index of its media section in the answer.
    SlotId, u16
);
number!(
    /// One encoding of a track, 0 is the lowest (simulcast rid order of the offer).
    Layer, u8
);
number!(
    /// A worker thread.
    WorkerId, u16
);
number!(
    /// A recorder or another reader of decrypted packets.
    TapId, u32
);
