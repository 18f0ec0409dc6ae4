//! RTP on the wire: header view and writer, header extensions, retransmission format.

pub mod extension;
pub mod header;
pub mod rtx;

pub use extension::{Extensions, HeaderWriter};
pub use header::{Fields, Header, Malformed, View};
