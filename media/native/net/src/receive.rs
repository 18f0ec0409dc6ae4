//! Receiving datagrams in batches with the kernel's receive times (recvmmsg, SO_TIMESTAMPNS).

use std::mem::{size_of, zeroed};
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::ptr;

use crate::address::{Family, RawAddress};

/// Datagrams taken by one system call.
pub const BATCH: usize = 64;
/// Room of each: more than the packet path accepts, so that a longer one is seen as such.
const ROOM: usize = 2_048;
const CONTROL: usize = 64;

/// Control messages must begin where a cmsghdr may stand.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL]);

/// The memory of one batch, used again and again.
pub struct ReceiveBatch {
    bytes: Box<[[u8; ROOM]]>,
    names: Box<[RawAddress]>,
    controls: Box<[Control]>,
    headers: Box<[libc::mmsghdr]>,
}

/// One received datagram.
pub struct Datagram<'a> {
    pub from: SocketAddr,
    /// The kernel's receive time, wall clock, nanoseconds since 1970.
    pub wall_ns: Option<i64>,
    /// Longer ones are cut at 2,048 bytes. May be overwritten, as decryption does.
    pub data: &'a mut [u8],
}

// SAFETY: the pointers in `headers` lead only into the boxes beside them, are written before each use
// and mean nothing between calls.
unsafe impl Send for ReceiveBatch {}

impl Default for ReceiveBatch {
    fn default() -> Self {
        // SAFETY: an all-zero mmsghdr is valid: null pointers with zero lengths.
        let header: libc::mmsghdr = unsafe { zeroed() };
        Self {
            bytes: vec![[0; ROOM]; BATCH].into_boxed_slice(),
            names: vec![RawAddress::empty(); BATCH].into_boxed_slice(),
            controls: vec![Control([0; CONTROL]); BATCH].into_boxed_slice(),
            headers: vec![header; BATCH].into_boxed_slice(),
        }
    }
}

impl ReceiveBatch {
    /// Errors are nothing received: they tell of earlier sends (ICMP), and epoll reports a broken socket.
    pub(crate) fn receive(&mut self, fd: RawFd, family: Family) -> Datagrams<'_> {
        let mut vectors = [libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        }; BATCH];
        for (index, header) in self.headers.iter_mut().enumerate() {
            vectors[index] = libc::iovec {
                iov_base: self.bytes[index].as_mut_ptr().cast(),
                iov_len: ROOM,
            };
            header.msg_hdr.msg_name = (&raw mut self.names[index]).cast();
            header.msg_hdr.msg_namelen = RawAddress::SIZE;
            header.msg_hdr.msg_iov = &raw mut vectors[index];
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_control = self.controls[index].0.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = CONTROL as _;
            header.msg_hdr.msg_flags = 0;
        }
        // SAFETY: each header points to a name, one vector and a control buffer of the lengths it announces;
        // all of them outlive the call and nobody else touches them.
        let count = unsafe {
            libc::recvmmsg(
                fd,
                self.headers.as_mut_ptr(),
                BATCH as u32,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        Datagrams {
            batch: self,
            family,
            count: count.max(0) as usize,
        }
    }
}

/// What one call received.
pub struct Datagrams<'a> {
    batch: &'a mut ReceiveBatch,
    family: Family,
    count: usize,
}

impl Datagrams<'_> {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The datagram at `index`, which must be below `len`.
    pub fn get(&mut self, index: usize) -> Datagram<'_> {
        assert!(index < self.count, "the caller counts to len");
        let header = &self.batch.headers[index];
        let length = (header.msg_len as usize).min(ROOM);
        Datagram {
            from: self.batch.names[index].read(self.family),
            wall_ns: receive_time(&header.msg_hdr),
            data: &mut self.batch.bytes[index][..length],
        }
    }
}

fn receive_time(header: &libc::msghdr) -> Option<i64> {
    // SAFETY: the kernel wrote `msg_controllen` bytes of well-formed control messages into our aligned buffer,
    // and the macros stay within that length.
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while !message.is_null() {
            if (*message).cmsg_level == libc::SOL_SOCKET
                && (*message).cmsg_type == libc::SCM_TIMESTAMPNS
                && (*message).cmsg_len as usize >= libc::CMSG_LEN(size_of::<libc::timespec>() as u32) as usize
            {
                let time = ptr::read_unaligned(libc::CMSG_DATA(message).cast::<libc::timespec>());
                return Some(time.tv_sec * 1_000_000_000 + time.tv_nsec);
            }
            message = libc::CMSG_NXTHDR(header, message);
        }
    }
    None
}
