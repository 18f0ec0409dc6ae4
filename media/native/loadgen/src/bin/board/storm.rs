//! A page with many strokes, and a class that opens it at the same moment.

use std::io;
use std::time::{Duration, Instant};

use crate::clients::Clients;
use crate::say;

const AUTHORS: usize = 10;
const STROKES_OF_AN_UPDATE: u64 = 50;
/// Between two updates of all authors together: slow enough that no server's limit on an author is met.
const PACE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);

/// Left between the filling and the storm, so that whoever started us can look at the server's memory.
const REST: Duration = Duration::from_secs(2);

/// Draws `strokes`, prints `filled` once another client has seen them all, and then, with the authors still there, lets `count`
/// clients connect at once and open the page. Prints when the middle and the last one of them had it all, counted from the
/// first connect, and writes what one of them got to `file`.
pub(crate) fn run(mut authors: Clients, mut class: Clients, strokes: u64, count: usize, file: &str) -> io::Result<()> {
    fill(&mut authors, strokes)?;
    say("filled")?;
    let rested = Instant::now() + REST;
    while Instant::now() < rested {
        authors.pump(Duration::from_millis(50), |_, _| {})?;
    }
    storm(&mut class, count, file)
}

fn fill(clients: &mut Clients, strokes: u64) -> io::Result<()> {
    clients.connect_calmly(AUTHORS + 1)?;
    let start = Instant::now();
    let mut drawn = 0;
    let mut seen = 0;
    let finder = memchr::memmem::Finder::new(crate::update::MARK);
    while seen < strokes {
        if drawn < strokes {
            let count = STROKES_OF_AN_UPDATE.min(strokes - drawn);
            let author = (drawn / STROKES_OF_AN_UPDATE) as usize % AUTHORS;
            clients.draw(author, count, start.elapsed().as_nanos() as u64)?;
            drawn += count;
        }
        let next = Instant::now() + PACE;
        while Instant::now() < next {
            clients.pump(next.saturating_duration_since(Instant::now()), |number, message| {
                if number == AUTHORS {
                    seen += finder.find_iter(message).count() as u64;
                }
            })?;
        }
        if start.elapsed() > PATIENCE {
            return Err(io::Error::other(format!(
                "{seen} of {drawn} strokes came within a minute"
            )));
        }
    }
    Ok(())
}

fn storm(clients: &mut Clients, count: usize, file: &str) -> io::Result<()> {
    say("begin")?;
    let start = Instant::now();
    for _ in 0..count {
        clients.connect()?;
    }
    while !clients.all.iter().all(|client| client.whole_at.is_some()) {
        clients.pump(Duration::from_millis(50), |_, _| {})?;
        if start.elapsed() > PATIENCE {
            return Err(io::Error::other("not every client had the page within a minute"));
        }
    }
    say("end")?;
    let mut times: Vec<f64> = (clients.all.iter())
        .filter_map(|client| client.whole_at)
        .map(|at| (at - start).as_secs_f64() * 1_000.0)
        .collect();
    times.sort_by(f64::total_cmp);
    std::fs::write(file, &clients.all[0].brought)?;
    say(&format!(
        r#"{{"p50_ms":{:.1},"last_ms":{:.1},"bytes":{}}}"#,
        times[times.len() / 2],
        times[times.len() - 1],
        clients.all[0].brought.len()
    ))
}
