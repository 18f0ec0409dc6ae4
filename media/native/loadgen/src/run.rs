//! One run: connect everybody, warm up, measure.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use muster_net::{Clock, EgressBuffer, Poller, ReceiveBatch};

use crate::endpoint::Endpoint;
use crate::publisher::Publisher;
use crate::say;
use crate::subscriber::{Seen, Subscriber};

const PUBLISHER: u64 = u64::MAX;
const FEEDBACK_US: u64 = 100_000;
const CHECK_US: u64 = 5_000_000;
const RETRY_US: u64 = 200_000;
const CONNECT_US: u64 = 10_000_000;
const WARM_UP_US: u64 = 2_000_000;
const NAP_US: u64 = 1_000;

struct Load {
    publisher: Publisher,
    subscribers: Vec<Subscriber>,
    poller: Poller,
    batch: ReceiveBatch,
    buffer: EgressBuffer,
    seen: Seen,
    /// Subscribers in the order of their next feedback and check; each has one period for all.
    feedback: VecDeque<(u64, usize)>,
    checks: VecDeque<(u64, usize)>,
}

/// Says `begin` and `end` around the measured time, then the figures as JSON.
pub(crate) fn run(port: u16, subscribers: u32, seconds: u32) -> Result<(), String> {
    let mut load = Load::new(SocketAddr::from(([127, 0, 0, 1], port)), subscribers)?;
    load.connect()?;
    load.play(WARM_UP_US)?;
    let mut bad = std::mem::take(&mut load.seen).bad;
    let sent = load.publisher.sent;
    say("begin")?;
    load.play(u64::from(seconds) * 1_000_000)?;
    say("end")?;
    let seen = &load.seen;
    bad += seen.bad;
    let sent = load.publisher.sent - sent;
    say(&format!(
        "{{\"received\": {}, \"sent\": {sent}, \"expected\": {}, \"bytes\": {}, \"bad\": {bad}, \"feedback\": {}, \
         \"p50_ms\": {:.3}, \"p99_ms\": {:.3}}}",
        seen.rtp,
        sent * u64::from(subscribers),
        seen.bytes,
        seen.feedback,
        seen.latencies.quantile_ms(0.5),
        seen.latencies.quantile_ms(0.99),
    ))
}

impl Load {
    fn new(server: SocketAddr, subscribers: u32) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        let poller = Poller::new().map_err(text)?;
        let publisher = Publisher::new(Endpoint::new(0, server)?);
        poller.add(&publisher.endpoint.socket, PUBLISHER).map_err(text)?;
        let mut all = Vec::new();
        for peer in 1..=subscribers {
            let subscriber = Subscriber::new(Endpoint::new(peer, server)?);
            poller
                .add(&subscriber.endpoint.socket, all.len() as u64)
                .map_err(text)?;
            all.push(subscriber);
        }
        Ok(Self {
            publisher,
            subscribers: all,
            poller,
            batch: ReceiveBatch::default(),
            buffer: EgressBuffer::new(64 << 10, 64),
            seen: Seen::default(),
            feedback: VecDeque::new(),
            checks: VecDeque::new(),
        })
    }

    fn connect(&mut self) -> Result<(), String> {
        let until_us = Clock.read().mono_us + CONNECT_US;
        while !self.connected() {
            let now_us = Clock.read().mono_us;
            if now_us >= until_us {
                return Err("the server did not answer every check".to_owned());
            }
            let Self {
                publisher,
                subscribers,
                buffer,
                ..
            } = self;
            let endpoints = subscribers.iter_mut().map(|subscriber| &mut subscriber.endpoint);
            for endpoint in endpoints
                .chain([&mut publisher.endpoint])
                .filter(|endpoint| !endpoint.connected)
            {
                endpoint.check(buffer);
            }
            while Clock.read().mono_us < now_us + RETRY_US && !self.connected() {
                self.receive(now_us + RETRY_US)?;
            }
        }
        let now_us = Clock.read().mono_us;
        let count = self.subscribers.len() as u64;
        self.feedback = (0..count)
            .map(|i| (now_us + FEEDBACK_US * i / count, i as usize))
            .collect();
        self.checks = (0..count)
            .map(|i| (now_us + CHECK_US * i / count, i as usize))
            .collect();
        self.publisher.begin(now_us);
        Ok(())
    }

    fn connected(&self) -> bool {
        let mut endpoints = self.subscribers.iter().map(|subscriber| &subscriber.endpoint);
        self.publisher.endpoint.connected && endpoints.all(|endpoint| endpoint.connected)
    }

    /// Publishes, receives and reports for `duration_us`.
    fn play(&mut self, duration_us: u64) -> Result<(), String> {
        let until_us = Clock.read().mono_us + duration_us;
        let mut publisher_check_us = 0;
        loop {
            let now_us = Clock.read().mono_us;
            if now_us >= until_us {
                return Ok(());
            }
            if now_us >= publisher_check_us {
                publisher_check_us = now_us + CHECK_US;
                self.publisher.endpoint.check(&mut self.buffer);
            }
            if now_us >= self.publisher.next_us() {
                self.publisher.send(now_us, &mut self.buffer);
            }
            while let Some(index) = due(&mut self.feedback, now_us, FEEDBACK_US) {
                self.subscribers[index].feedback(&mut self.buffer, &mut self.seen);
            }
            while let Some(index) = due(&mut self.checks, now_us, CHECK_US) {
                self.subscribers[index].endpoint.check(&mut self.buffer);
            }
            let feedback_us = self.feedback.front().map_or(until_us, |next| next.0);
            self.receive(until_us.min(self.publisher.next_us()).min(feedback_us))?;
        }
    }

    /// Naps and then reads what came. Whoever waits in epoll is woken by every arrival, at the expense of the
    /// sender: on loopback that would be the server. Latencies are the kernel's and do not see the nap.
    fn receive(&mut self, until_us: u64) -> Result<(), String> {
        let nap_us = until_us.saturating_sub(Clock.read().mono_us).min(NAP_US);
        std::thread::sleep(Duration::from_micros(nap_us));
        let mut ready = Vec::new();
        self.poller
            .wait(Some(0), &mut ready)
            .map_err(|error| error.to_string())?;
        let now_us = Clock.read().mono_us;
        for event in ready {
            match self.subscribers.get_mut(event.token as usize) {
                Some(subscriber) if event.token != PUBLISHER => {
                    subscriber.receive(now_us, &mut self.batch, &mut self.seen);
                }
                _ => self.publisher.receive(&mut self.batch),
            }
        }
        Ok(())
    }
}

/// The next whose time has come; its next turn is one period later.
fn due(queue: &mut VecDeque<(u64, usize)>, now_us: u64, period_us: u64) -> Option<usize> {
    let (time_us, index) = *queue.front()?;
    if time_us > now_us {
        return None;
    }
    queue.rotate_left(1);
    if let Some(back) = queue.back_mut() {
        back.0 = time_us + period_us;
    }
    Some(index)
}
