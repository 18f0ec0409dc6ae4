//! Limits of the shell and of the packet path, set by name.

use std::collections::BTreeMap;

use muster_core::worker::WorkerConfig;
use muster_net::{SocketOptions, StreamLimits};

/// Every limit of a forwarder beside those in its constructor.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) worker: WorkerConfig,
    pub(crate) socket: SocketOptions,
    pub(crate) streams: StreamLimits,
    /// Commands that wait for one worker; a caller that finds no room waits a second at most.
    pub(crate) command_capacity: usize,
    /// Messages of the other workers that wait for one worker; media leaves an eighth to the rest.
    pub(crate) share_capacity: usize,
    /// Bytes of datagrams that are sealed before they are sent: few enough to stay in the second-level cache.
    pub(crate) egress_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            worker: WorkerConfig::default(),
            socket: SocketOptions::default(),
            streams: StreamLimits::default(),
            command_capacity: 4_096,
            share_capacity: 4_096,
            egress_bytes: 256 << 10,
        }
    }
}

impl Config {
    /// The defaults with `overrides`; the error names a limit that does not exist or a value out of range.
    pub(crate) fn with(overrides: &BTreeMap<String, u64>) -> Result<Self, String> {
        let mut config = Self::default();
        for (name, &value) in overrides {
            if !config.set(name, value)? && !config.worker.set(name, value) {
                return Err(format!("config: there is no limit named {name:?}"));
            }
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: u64) -> Result<bool, String> {
        let within = |low: u64, high: u64| {
            if (low..=high).contains(&value) {
                Ok(value as usize)
            } else {
                Err(format!("config: {name} is {value}, allowed are {low} to {high}"))
            }
        };
        match name {
            "receive_buffer_bytes" => self.socket.receive_buffer = within(1, 1 << 30)?,
            "send_buffer_bytes" => self.socket.send_buffer = within(1, 1 << 30)?,
            "gso" => self.socket.gso = within(0, 1)? == 1,
            "tcp_connections_per_ip" => self.streams.per_address = within(1, 1 << 16)?,
            "tcp_connections" => self.streams.total = within(1, 1 << 16)?,
            "tcp_outbound_bytes" => self.streams.outbound_bytes = within(4_096, 1 << 26)?,
            "tcp_first_answer_us" => self.streams.first_answer_us = within(1, 1 << 40)? as u64,
            "tcp_idle_us" => self.streams.idle_us = within(1, 1 << 40)? as u64,
            "command_capacity" => self.command_capacity = within(1, 1 << 20)?,
            "share_capacity" => self.share_capacity = within(8, 1 << 20)?,
            "egress_bytes" => self.egress_bytes = within(4_096, 1 << 26)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: u64) -> Result<Config, String> {
        Config::with(&BTreeMap::from([(name.to_owned(), value)]))
    }

    #[test]
    fn limits_of_the_shell_and_of_the_worker_are_set_by_name() {
        assert!(!with("gso", 0).expect("a known name").socket.gso);
        assert_eq!(with("rtx_tries", 5).expect("a known name").worker.rtx_tries, 5);
    }

    #[test]
    fn an_unknown_name_and_a_value_out_of_range_are_refused_by_name() {
        assert!(with("no_such_limit", 1)
            .expect_err("no such name")
            .contains("no_such_limit"));
        assert!(with("gso", 2).expect_err("out of range").contains("allowed are 0 to 1"));
    }
}
