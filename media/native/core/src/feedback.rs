//! Key frame requests to a publisher: merged over all who need one, throttled, repeated until the frame comes.

use crate::id::Layer;

/// Layers of one track that are told apart; higher ones share the last.
const LAYERS: usize = 8;

/// Time between two requests for one layer.
#[derive(Clone, Copy, Debug)]
pub struct KeyFrameConfig {
    /// For the lowest layer, whose key frames are small, microseconds.
    pub lowest_interval_us: u64,
    /// For the others, microseconds.
    pub upper_interval_us: u64,
}

impl Default for KeyFrameConfig {
    fn default() -> Self {
        Self {
            lowest_interval_us: 500_000,
            upper_interval_us: 1_000_000,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Request {
    wanted: bool,
    sent_us: Option<u64>,
}

/// Requests of one publisher's track, one state for each layer.
#[derive(Clone, Debug)]
pub struct KeyFrameRequests {
    config: KeyFrameConfig,
    layers: [Request; LAYERS],
}

impl KeyFrameRequests {
    /// Nothing is wanted yet.
    pub fn new(config: KeyFrameConfig) -> Self {
        Self {
            config,
            layers: [Request::default(); LAYERS],
        }
    }

    /// Somebody needs a key frame. True = send a PLI now; false = merged with one under way, `poll` repeats it.
    pub fn request(&mut self, now_us: u64, layer: Layer) -> bool {
        let due = self.due_us(index(layer)).is_none_or(|due| due <= now_us);
        let request = &mut self.layers[index(layer)];
        request.wanted = true;
        if due {
            request.sent_us = Some(now_us);
        }
        due
    }

    /// A key frame of the layer arrived.
    pub fn on_key_frame(&mut self, layer: Layer) {
        self.layers[index(layer)].wanted = false;
    }

    /// Nobody watches the layer any more.
    pub fn cancel(&mut self, layer: Layer) {
        self.layers[index(layer)].wanted = false;
    }

    /// Layers to send a PLI for now, bit n = layer n.
    pub fn poll(&mut self, now_us: u64) -> u8 {
        let mut mask = 0;
        for at in 0..LAYERS {
            if self.layers[at].wanted && self.due_us(at).is_none_or(|due| due <= now_us) {
                self.layers[at].sent_us = Some(now_us);
                mask |= 1 << at;
            }
        }
        mask
    }

    /// When `poll` has something to do next, monotonic microseconds.
    pub fn next_timeout(&self) -> Option<u64> {
        let waiting = (0..LAYERS).filter(|&at| self.layers[at].wanted);
        waiting.map(|at| self.due_us(at).unwrap_or(0)).min()
    }

    fn due_us(&self, at: usize) -> Option<u64> {
        let interval = if at == 0 {
            self.config.lowest_interval_us
        } else {
            self.config.upper_interval_us
        };
        self.layers[at].sent_us.map(|sent| sent + interval)
    }
}

fn index(layer: Layer) -> usize {
    usize::from(layer.0).min(LAYERS - 1)
}

/// Tells a new full intra request from a repeated one by its command number (RFC 5104 section 4.3.1.2).
#[derive(Clone, Copy, Debug, Default)]
pub struct FirDedup {
    last: Option<u8>,
}

impl FirDedup {
    /// True when the command number was not seen just before.
    pub fn is_new(&mut self, command: u8) -> bool {
        self.last.replace(command) != Some(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests() -> KeyFrameRequests {
        KeyFrameRequests::new(KeyFrameConfig::default())
    }

    #[test]
    fn many_requests_are_one_and_it_is_repeated_until_the_frame_comes() {
        let mut requests = requests();
        assert!(requests.request(1_000_000, Layer(0)));
        assert!(!requests.request(1_000_001, Layer(0)));
        assert_eq!(requests.poll(1_499_999), 0);
        assert_eq!(requests.next_timeout(), Some(1_500_000));
        assert_eq!(requests.poll(1_500_000), 1);
        assert_eq!(requests.poll(2_000_000), 1);
        requests.on_key_frame(Layer(0));
        assert_eq!(requests.poll(9_000_000), 0);
        assert_eq!(requests.next_timeout(), None);
    }

    #[test]
    fn upper_layers_are_asked_once_a_second_and_apart() {
        let mut requests = requests();
        assert!(requests.request(0, Layer(1)));
        assert!(requests.request(0, Layer(2)));
        assert_eq!(requests.poll(999_999), 0);
        requests.on_key_frame(Layer(1));
        assert_eq!(requests.poll(1_000_000), 0b100);
    }

    #[test]
    fn a_new_wish_right_after_a_key_frame_waits_for_the_interval() {
        let mut requests = requests();
        requests.request(0, Layer(0));
        requests.on_key_frame(Layer(0));
        assert!(!requests.request(100_000, Layer(0)));
        assert_eq!(requests.poll(500_000), 1);
    }

    #[test]
    fn a_repeated_fir_is_ignored() {
        let mut fir = FirDedup::default();
        assert!(fir.is_new(255));
        assert!(!fir.is_new(255));
        assert!(fir.is_new(0));
    }
}
