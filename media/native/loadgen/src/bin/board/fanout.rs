//! Updates at a steady rate from a few authors to many receivers: how many arrive, and how late.

use std::io;
use std::time::{Duration, Instant};

use memchr::memmem::Finder;

use crate::clients::Clients;
use crate::say;
use crate::update::MARK;

const WARM_UP: Duration = Duration::from_secs(2);
/// No author draws faster than a hand may.
const RATE_OF_AN_AUTHOR: u64 = 50;

/// Prints `begin`, `end` and then one line of JSON: deliveries expected and seen of what was sent between the two, what arrived
/// between them whenever it was sent, p50 and p99 in milliseconds.
pub(crate) fn run(mut clients: Clients, receivers: usize, rate: u64, seconds: u64) -> io::Result<()> {
    let authors = rate.div_ceil(RATE_OF_AN_AUTHOR) as usize;
    clients.connect_calmly(authors + receivers)?;
    let finder = Finder::new(MARK);
    let start = Instant::now();
    let period = Duration::from_secs(1) / rate as u32;
    let (begin, end) = (start + WARM_UP, start + WARM_UP + Duration::from_secs(seconds));
    let (mut due, mut author, mut sent, mut arrived) = (start, 0, 0_u64, 0_u64);
    let (mut began, mut ended) = (false, false);
    let mut late: Vec<u32> = Vec::with_capacity((rate * seconds) as usize * receivers);
    loop {
        let now = Instant::now();
        if !began && now >= begin {
            began = true;
            say("begin")?;
        }
        if !ended && now >= end {
            ended = true;
            say("end")?;
        }
        if ended && now >= end + Duration::from_secs(2) {
            break;
        }
        while !ended && due <= now {
            if due >= begin && due < end {
                sent += 1;
            }
            clients.draw(author, 1, (due - start).as_nanos() as u64)?;
            author = (author + 1) % authors;
            due += period;
        }
        let wait = if ended {
            Duration::from_millis(20)
        } else {
            due.saturating_duration_since(Instant::now())
        };
        clients.pump(wait, |number, message| {
            if number < authors {
                return;
            }
            let at_ns = start.elapsed().as_nanos() as u64;
            for at in finder.find_iter(message) {
                arrived += u64::from(began && !ended);
                if let Some(stamp) = stamp(&message[at + MARK.len()..]) {
                    let stamp_at = start + Duration::from_nanos(stamp);
                    if stamp_at >= begin && stamp_at < end {
                        late.push((at_ns.saturating_sub(stamp) / 1_000) as u32);
                    }
                }
            }
        })?;
    }
    late.sort_unstable();
    let quantile = |share: f64| {
        let at = ((late.len() as f64 * share) as usize).min(late.len().saturating_sub(1));
        late.get(at).map_or(0.0, |us| f64::from(*us) / 1_000.0)
    };
    say(&format!(
        r#"{{"sent":{sent},"expected":{},"delivered":{},"arrived":{arrived},"p50_ms":{},"p99_ms":{}}}"#,
        sent * receivers as u64,
        late.len(),
        quantile(0.5),
        quantile(0.99),
    ))
}

fn stamp(after_mark: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(after_mark.get(..16)?).ok()?, 16).ok()
}
