//! Batched UDP and framed TCP for the packet path. The only crate of the workspace with unsafe code.
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks)]

mod address;
mod clock;
mod egress;
mod framing;
mod poll;
mod receive;
mod send;
mod streams;
mod tcp;
mod udp;
mod wake;

pub use clock::{Clock, Reading};
pub use egress::EgressBuffer;
pub use framing::{Deframer, FrameLength, MAX_FRAME};
pub use poll::{Poller, Ready};
pub use receive::{Datagram, ReceiveBatch, BATCH};
pub use send::Sent;
pub use streams::{StreamCounters, StreamLimits, Streams};
pub use tcp::listen;
pub use udp::{bind, SocketOptions, UdpSocket};
pub use wake::Wake;
