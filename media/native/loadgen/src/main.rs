//! Load for the forwarding benchmark, as its own process. Three uses, each bounded in time:
//! `run PORT SUBSCRIBERS SECONDS`, `sink COUNT` and `control SECONDS SEGMENTS PORT...`.
#![forbid(unsafe_code)]

mod control;
mod endpoint;
mod latency;
mod publisher;
mod run;
mod subscriber;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match carry_out(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("loadgen: {message}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(arguments: &[String]) -> Result<(), String> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err("say run, sink or control".to_owned());
    };
    let numbers = rest
        .iter()
        .map(|text| text.parse::<u32>().map_err(|_| format!("{text:?} is not a number")))
        .collect::<Result<Vec<_>, _>>()?;
    match (command.as_str(), numbers.as_slice()) {
        ("run", &[port, subscribers, seconds]) => run::run(port as u16, subscribers, seconds.min(120)),
        ("sink", &[count]) => control::sink(count.min(1_000) as usize),
        ("control", [seconds, segments, ports @ ..]) if !ports.is_empty() => {
            control::control((*seconds).min(120), (*segments).max(1) as usize, ports)
        }
        _ => Err("run PORT SUBSCRIBERS SECONDS | sink COUNT | control SECONDS SEGMENTS PORT...".to_owned()),
    }
}

/// One line for the process that started us.
fn say(line: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}
