//! Waiting for several descriptors (epoll, level-triggered).

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

const EVENTS: usize = 128;

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The number given when it was added.
    pub token: u64,
    /// Data, an end of stream or an error waits to be read.
    pub read: bool,
    pub write: bool,
}

/// Owns an epoll descriptor; the watched ones stay with their owners and leave by being closed.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poller {
    /// Raises when the process has no descriptor left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so `fd` is open and nobody else owns it.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self {
            epoll,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS],
        })
    }

    /// Watches `fd` for reading; `token` comes back with its readiness.
    pub fn add(&self, fd: &impl AsFd, token: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, token, false)
    }

    /// Also watches for room to write, or ceases to.
    pub fn watch_write(&self, fd: &impl AsFd, token: u64, write: bool) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, token, write)
    }

    fn control(&self, operation: libc::c_int, fd: &impl AsFd, token: u64, write: bool) -> io::Result<()> {
        let write = if write { libc::EPOLLOUT } else { 0 };
        let mut event = libc::epoll_event {
            events: (libc::EPOLLIN | write) as u32,
            u64: token,
        };
        let fd = fd.as_fd().as_raw_fd();
        // SAFETY: both descriptors are open (borrowed), and the kernel copies `event` during the call.
        let result = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd, &mut event) };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Waits until something is ready or `timeout_us` passed (None = for ever) and appends it to `ready`. A signal
    /// ends the wait early with nothing. Needs Linux 5.11, for timeouts below a millisecond.
    pub fn wait(&mut self, timeout_us: Option<u64>, ready: &mut Vec<Ready>) -> io::Result<()> {
        let timeout = timeout_us.map(|us| libc::timespec {
            tv_sec: (us / 1_000_000) as libc::time_t,
            tv_nsec: (us % 1_000_000 * 1_000) as libc::c_long,
        });
        let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: `events` holds EVENTS initialised entries, which the kernel may overwrite during the call;
        // `timeout` is null or outlives the call, and no signal mask is given.
        let count = unsafe {
            libc::epoll_pwait2(
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                EVENTS as libc::c_int,
                timeout,
                ptr::null(),
            )
        };
        if count < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted {
                Ok(())
            } else {
                Err(error)
            };
        }
        let failed = libc::EPOLLERR | libc::EPOLLHUP;
        ready.extend(self.events[..count as usize].iter().map(|event| {
            let (events, token) = (event.events as i32, event.u64);
            Ready {
                token,
                read: events & (libc::EPOLLIN | failed) != 0,
                write: events & libc::EPOLLOUT != 0,
            }
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wake::Wake;

    #[test]
    fn a_notified_wake_is_ready_until_it_is_drained() {
        let wake = Wake::new().expect("a descriptor");
        let mut poller = Poller::new().expect("a descriptor");
        poller.add(&wake, 7).expect("an open descriptor");
        let mut ready = Vec::new();
        poller.wait(Some(0), &mut ready).expect("epoll works");
        assert!(ready.is_empty());
        wake.notify();
        wake.notify();
        poller.wait(Some(0), &mut ready).expect("epoll works");
        assert_eq!(
            ready,
            [Ready {
                token: 7,
                read: true,
                write: false
            }]
        );
        wake.drain();
        ready.clear();
        poller.wait(Some(0), &mut ready).expect("epoll works");
        assert!(ready.is_empty());
    }
}
