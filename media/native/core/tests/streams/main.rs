//! The streams of the packet path in simulated time: publisher, slot, and the path between them.

mod lossy_path;
mod slot;
mod slot_bytes;
mod source;
mod track;
