//! From shared `Packet`s to one subscriber's rewritten streams.

pub mod descriptor;
pub mod layer;
pub mod outgoing;
mod replay;
pub mod rtx;
pub mod seq_map;
pub mod slot;
pub mod timestamp;
pub mod vp8;
pub mod write;
