//! Yjs updates (format v1) as a browser makes them: new keys of the root map `e`, each with one stroke of 40 points.

/// Begins a stroke's key; 16 hexadecimal digits follow, the time of sending in nanoseconds. Receivers look for it in whatever
/// frames a server makes.
pub(crate) const MARK: &[u8; 6] = b"q7ZxTm";

const POINTS: usize = 40;
const BINARY_WITH_KEY: u8 = 0x20 | 3;

/// Writes the strokes of one author, clock after clock.
pub(crate) struct Author {
    client: u64,
    clock: u64,
}

impl Author {
    /// `client`: the Yjs client id.
    pub(crate) fn new(client: u64) -> Self {
        Self { client, clock: 0 }
    }

    /// An update with `count` new strokes, stamped with `now_ns` and the nanoseconds after it; no two calls may share one.
    pub(crate) fn strokes(&mut self, count: u64, now_ns: u64) -> Vec<u8> {
        let mut update = Vec::with_capacity(200 * count as usize);
        varuint(&mut update, 1);
        varuint(&mut update, count);
        varuint(&mut update, self.client);
        varuint(&mut update, self.clock);
        for drawn in 0..count {
            update.extend([BINARY_WITH_KEY, 1, 1, b'e']);
            varuint(&mut update, 22);
            update.extend(MARK);
            update.extend(format!("{:016x}", now_ns + drawn).as_bytes());
            let blob = stroke(self.client ^ (now_ns + drawn));
            varuint(&mut update, blob.len() as u64);
            update.extend(blob);
        }
        self.clock += count;
        update.push(0);
        update
    }
}

/// A shape of type ink (docs/protocol.md section 3.4).
fn stroke(seed: u64) -> Vec<u8> {
    let mut blob = vec![1, 1, 0, 8, 0, 6, 255];
    text(&mut blob, "a0");
    varuint(&mut blob, 640);
    varuint(&mut blob, POINTS as u64);
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for point in 0..POINTS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let reach = if point == 0 { 6_400 } else { 24 };
        zigzag(&mut blob, (random % (2 * reach)) as i64 - reach as i64);
        zigzag(&mut blob, (random >> 20) as i64 % reach as i64);
        zigzag(&mut blob, (random >> 40) as i64 % 5);
    }
    blob
}

pub(crate) fn varuint(into: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        into.push(value as u8 | 128);
        value >>= 7;
    }
    into.push(value as u8);
}

pub(crate) fn text(into: &mut Vec<u8>, text: &str) {
    varuint(into, text.len() as u64);
    into.extend(text.as_bytes());
}

fn zigzag(into: &mut Vec<u8>, value: i64) {
    varuint(into, ((value << 1) ^ (value >> 63)) as u64);
}
