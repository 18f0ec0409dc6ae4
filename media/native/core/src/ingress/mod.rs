//! From a publisher's packets to shared `Packet`s, and the feedback that its streams need.

pub mod audio;
pub mod binding;
pub mod bitrate;
pub mod clock;
pub mod layer;
pub mod nack;
pub mod rate;
pub mod receive_stats;
pub mod track;
pub mod twcc;
