//! Load for the board benchmark, as its own process: real WebSocket clients of Muster, Hocuspocus or y-websocket.
//! `fanout SERVER ADDRESS PAGE RECEIVERS RATE SECONDS` and `storm SERVER ADDRESS PAGE STROKES CLIENTS FILE`; session tokens come on standard input, one a line.
#![forbid(unsafe_code)]

mod clients;
mod dialect;
mod fanout;
mod socket;
mod storm;
mod update;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clients::Clients;
use dialect::Dialect;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match carry_out(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loadgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(arguments: &[String]) -> io::Result<()> {
    let usage = || io::Error::other("fanout|storm SERVER ADDRESS PAGE ...");
    let [command, server, address, page, rest @ ..] = arguments else {
        return Err(usage());
    };
    let dialect = Dialect::named(server).ok_or_else(usage)?;
    let address: SocketAddr = address.parse().map_err(|_| usage())?;
    let page = page.parse().map_err(|_| usage())?;
    let tokens: Vec<String> = io::stdin().lines().collect::<io::Result<_>>()?;
    let clients = || Clients::new(dialect, address, page, tokens.clone());
    let number = |at: usize| rest.get(at).and_then(|text| text.parse::<u64>().ok()).ok_or_else(usage);
    match command.as_str() {
        "fanout" => fanout::run(
            clients()?,
            number(0)?.min(2_000) as usize,
            number(1)?.max(1),
            number(2)?.min(60),
        ),
        "storm" => {
            let file = rest.get(2).ok_or_else(usage)?;
            storm::run(clients()?, clients()?, number(0)?, number(1)?.min(1_000) as usize, file)
        }
        _ => Err(usage()),
    }
}

/// One line for the process that started us.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
