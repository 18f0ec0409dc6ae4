//! From a publisher's packets to shared `Packet`s, and the feedback that its streams need.

pub mod audio;
pub mod bitrate;
pub mod nack;
pub mod receive_stats;
pub mod twcc;
