//! A wake-up of one thread by others, readable like any descriptor (eventfd).

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Readable from `notify` until `drain`.
#[derive(Debug)]
pub struct Wake(OwnedFd);

impl Wake {
    /// Raises when the process has no descriptor left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so `fd` is open and nobody else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Wakes the reader. Failure would mean a counter at its end, and then it is readable anyway.
    pub fn notify(&self) {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: `one` is valid for its 8 bytes.
        unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Forgets earlier notifications.
    pub fn drain(&self) {
        let mut count = [0_u8; 8];
        // SAFETY: `count` is valid for its 8 bytes; "nothing to read" is not an error here.
        unsafe { libc::read(self.0.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }

    pub fn raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
