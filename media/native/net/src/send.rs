//! Sending an egress buffer in batches (sendmmsg), a run as one message where the kernel segments (UDP_SEGMENT).

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::RawFd;
use std::ptr;

use crate::address::{Family, RawAddress};
use crate::egress::{EgressBuffer, Run};

/// Messages given to one system call.
const BATCH: usize = 64;
/// CMSG_SPACE of one u16 on 64-bit Linux.
const CONTROL: usize = 24;

/// What became of a buffer, in datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub datagrams: u64,
    /// The socket stayed full.
    pub dropped_full: u64,
    /// The system refused the destination or the size.
    pub dropped_error: u64,
}

/// The memory of one sendmmsg call.
pub(crate) struct Sender {
    gso: bool,
    /// A full socket is waited for once in a buffer, not once in a batch.
    patient: bool,
    names: Box<[RawAddress]>,
    controls: Box<[Control]>,
    vectors: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
}

#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL]);

// SAFETY: the pointers in `headers` and `vectors` lead into the boxes beside them or into the buffer of the
// current call, are written before each use and mean nothing between calls.
unsafe impl Send for Sender {}

impl Sender {
    pub(crate) fn new(gso: bool) -> Self {
        // SAFETY: an all-zero mmsghdr is valid: null pointers with zero lengths.
        let header: libc::mmsghdr = unsafe { zeroed() };
        let vector = libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        Self {
            gso,
            patient: true,
            names: vec![RawAddress::empty(); BATCH].into_boxed_slice(),
            controls: vec![Control([0; CONTROL]); BATCH].into_boxed_slice(),
            vectors: vec![vector; BATCH].into_boxed_slice(),
            headers: vec![header; BATCH].into_boxed_slice(),
        }
    }

    pub(crate) fn gso(&self) -> bool {
        self.gso
    }

    pub(crate) fn send(&mut self, fd: RawFd, family: Family, buffer: &EgressBuffer) -> Sent {
        let (bytes, runs) = (buffer.bytes(), buffer.runs());
        let mut sent = Sent::default();
        self.patient = true;
        if self.gso {
            let mut next = 0;
            while next < runs.len() && self.gso {
                let batch = &runs[next..runs.len().min(next + BATCH)];
                next += self.send_batch(fd, family, bytes, batch, true, &mut sent);
            }
            self.send_single(fd, family, bytes, &runs[next..], &mut sent);
        } else {
            self.send_single(fd, family, bytes, runs, &mut sent);
        }
        sent
    }

    /// Sends each datagram of `runs` as its own message.
    fn send_single(&mut self, fd: RawFd, family: Family, bytes: &[u8], runs: &[Run], sent: &mut Sent) {
        let mut singles = runs.iter().flat_map(Run::datagrams);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let free = BATCH - batch.len();
            batch.extend(singles.by_ref().take(free));
            if batch.is_empty() {
                return;
            }
            let done = self.send_batch(fd, family, bytes, &batch, false, sent);
            batch.drain(..done);
        }
    }

    /// One system call; returns how many of `runs` are done with, at least one unless GSO was just switched off.
    fn send_batch(
        &mut self,
        fd: RawFd,
        family: Family,
        bytes: &[u8],
        runs: &[Run],
        gso: bool,
        sent: &mut Sent,
    ) -> usize {
        for (index, run) in runs.iter().enumerate() {
            self.prepare(index, run, family, bytes);
        }
        loop {
            // SAFETY: `prepare` pointed the first `runs.len()` headers (at most BATCH) at names, vectors and
            // controls of the announced lengths; all outlive the call and the kernel only reads the payload.
            let result =
                unsafe { libc::sendmmsg(fd, self.headers.as_mut_ptr(), runs.len() as u32, libc::MSG_DONTWAIT) };
            if result > 0 {
                let done = result as usize;
                sent.datagrams += count(&runs[..done]);
                return done;
            }
            match io::Error::last_os_error().raw_os_error().unwrap_or(0) {
                libc::EINTR => {}
                libc::EAGAIN | libc::ENOBUFS if self.patient => {
                    self.patient = false;
                    wait_writable(fd);
                }
                libc::EAGAIN | libc::ENOBUFS => {
                    sent.dropped_full += count(runs);
                    return runs.len();
                }
                // The route's device cannot segment: from now on nobody tries.
                libc::EIO if gso && runs[0].count > 1 => {
                    self.gso = false;
                    return 0;
                }
                // The segment is larger than this route's MTU; alone, each datagram may be fragmented.
                libc::EINVAL | libc::EMSGSIZE if gso && runs[0].count > 1 => {
                    self.send_single(fd, family, bytes, &runs[..1], sent);
                    return 1;
                }
                _ => {
                    sent.dropped_error += count(&runs[..1]);
                    return 1;
                }
            }
        }
    }

    fn prepare(&mut self, index: usize, run: &Run, family: Family, bytes: &[u8]) {
        let payload = &bytes[run.start..run.start + run.len];
        self.vectors[index] = libc::iovec {
            iov_base: payload.as_ptr().cast_mut().cast(),
            iov_len: payload.len(),
        };
        let header = &mut self.headers[index].msg_hdr;
        // An address that the family cannot reach has length 0, and the system refuses the message.
        header.msg_namelen = self.names[index].write(run.to, family);
        header.msg_name = (&raw mut self.names[index]).cast();
        header.msg_iov = &raw mut self.vectors[index];
        header.msg_iovlen = 1;
        header.msg_flags = 0;
        if run.count > 1 {
            header.msg_control = self.controls[index].0.as_mut_ptr().cast();
            header.msg_controllen = CONTROL as _;
            // SAFETY: the control buffer is aligned and CONTROL bytes long, which is the space of this one message.
            unsafe {
                let message = libc::CMSG_FIRSTHDR(header);
                (*message).cmsg_level = libc::SOL_UDP;
                (*message).cmsg_type = libc::UDP_SEGMENT;
                (*message).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
                ptr::write_unaligned(libc::CMSG_DATA(message).cast::<u16>(), run.segment as u16);
            }
        } else {
            header.msg_control = ptr::null_mut();
            header.msg_controllen = 0;
        }
    }
}

fn count(runs: &[Run]) -> u64 {
    runs.iter().map(|run| u64::from(run.count)).sum()
}

fn wait_writable(fd: RawFd) {
    let mut entry = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one entry, valid for the call.
    unsafe { libc::poll(&mut entry, 1, 1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_buffer_is_the_space_of_one_segment_size() {
        // SAFETY: pure arithmetic.
        assert_eq!(unsafe { libc::CMSG_SPACE(size_of::<u16>() as u32) } as usize, CONTROL);
    }
}
