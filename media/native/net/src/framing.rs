//! Frames on a TCP stream: two bytes of length, then one datagram (RFC 4571 section 2).

/// Longest frame in bytes, as long as the longest datagram that the packet path looks at.
pub const MAX_FRAME: usize = 1_500;
const PREFIX: usize = 2;

/// A peer announced a frame of no bytes or of too many; the stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLength(pub usize);

/// Cuts a stream into frames, however TCP splits it.
#[derive(Debug, Default)]
pub struct Deframer {
    /// Prefix and body of a frame whose end has not arrived; at most PREFIX + MAX_FRAME bytes.
    partial: Vec<u8>,
}

impl Deframer {
    /// Gives every complete frame to `on_frame`, which may overwrite it, and keeps the rest for the next call.
    pub fn feed(&mut self, mut bytes: &mut [u8], on_frame: &mut dyn FnMut(&mut [u8])) -> Result<(), FrameLength> {
        while !bytes.is_empty() {
            if self.partial.is_empty() && bytes.len() >= PREFIX {
                let end = PREFIX + frame_length(bytes)?;
                if bytes.len() >= end {
                    let (frame, rest) = bytes.split_at_mut(end);
                    on_frame(&mut frame[PREFIX..]);
                    bytes = rest;
                    continue;
                }
            }
            bytes = self.gather(bytes, on_frame)?;
        }
        Ok(())
    }

    fn gather<'a>(
        &mut self,
        bytes: &'a mut [u8],
        on_frame: &mut dyn FnMut(&mut [u8]),
    ) -> Result<&'a mut [u8], FrameLength> {
        let wanted = if self.partial.len() < PREFIX {
            PREFIX
        } else {
            PREFIX + frame_length(&self.partial)?
        };
        let (taken, rest) = bytes.split_at_mut(bytes.len().min(wanted - self.partial.len()));
        self.partial.extend_from_slice(taken);
        if self.partial.len() > PREFIX && self.partial.len() == wanted {
            on_frame(&mut self.partial[PREFIX..]);
            self.partial.clear();
        }
        Ok(rest)
    }
}

/// Length announced by the first two of `bytes`.
fn frame_length(bytes: &[u8]) -> Result<usize, FrameLength> {
    let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    if (1..=MAX_FRAME).contains(&length) {
        Ok(length)
    } else {
        Err(FrameLength(length))
    }
}

/// The prefix of a frame of `length` bytes, at most MAX_FRAME.
pub(crate) fn prefix(length: usize) -> [u8; PREFIX] {
    (length as u16).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(frames: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for frame in frames {
            bytes.extend_from_slice(&prefix(frame.len()));
            bytes.extend_from_slice(frame);
        }
        bytes
    }

    #[test]
    fn frames_come_out_whole_wherever_the_stream_is_split() {
        let long = vec![7; MAX_FRAME];
        let frames: [&[u8]; 4] = [b"a", b"stun", &long, b"end"];
        let bytes = stream(&frames);
        for step in [1, 2, 3, 5, 7, 100, 1_501, 1_502, bytes.len()] {
            let mut deframer = Deframer::default();
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for part in bytes.clone().chunks_mut(step) {
                deframer
                    .feed(part, &mut |frame| seen.push(frame.to_vec()))
                    .expect("valid lengths");
            }
            assert_eq!(seen, frames, "split every {step} bytes");
        }
    }

    #[test]
    fn a_frame_of_no_bytes_or_too_many_is_refused() {
        for (bytes, length) in [([0, 0, 1], 0), ([0x05, 0xDD, 1], 1_501), ([b'G', b'E', b'T'], 0x4745)] {
            for step in [1, 3] {
                let mut deframer = Deframer::default();
                let result = bytes
                    .clone()
                    .chunks_mut(step)
                    .try_for_each(|part| deframer.feed(part, &mut |_| {}));
                assert_eq!(result, Err(FrameLength(length)));
            }
        }
    }
}
