//! Sans-IO packet path of Muster: no sockets, no clock, no unsafe; time is an argument.
#![forbid(unsafe_code)]

pub mod api;
pub mod cache;
pub mod codec;
pub mod demux;
pub mod egress;
pub mod feedback;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod id;
pub mod ingress;
pub mod loudest;
pub mod packet;
pub mod rtcp;
pub mod rtp;
pub mod seq;
pub mod srtp;
pub mod stats;
pub mod stun;
#[cfg(test)]
mod vectors;
mod wire;
pub mod worker;
