//! The UDP sockets of the media port: one per worker on the same number, the kernel spreads remote ends over them.

use std::io;
use std::mem::size_of;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use crate::address::{Family, RawAddress};
use crate::egress::EgressBuffer;
use crate::receive::ReceiveBatch;
use crate::send::{Sender, Sent};

/// How a media socket is set up.
#[derive(Clone, Copy, Debug)]
pub struct SocketOptions {
    /// Bytes asked for; the kernel gives at most `net.core.rmem_max` unless the process may force more.
    pub receive_buffer: usize,
    pub send_buffer: usize,
    /// Let the kernel segment runs (UDP_SEGMENT); without effect where it cannot.
    pub gso: bool,
}

impl Default for SocketOptions {
    /// About 30 ms of 1 Gbit/s each way: a worker is never away for longer.
    fn default() -> Self {
        Self {
            receive_buffer: 4 << 20,
            send_buffer: 4 << 20,
            gso: true,
        }
    }
}

/// One worker's socket: batched, non-blocking, with kernel receive times.
pub struct UdpSocket {
    fd: OwnedFd,
    family: Family,
    sender: Sender,
}

/// Opens `count` sockets on one port; port 0 takes a free one. Raises what the system said, EADDRINUSE when
/// another program, or another server of this one, has the port.
pub fn bind(address: SocketAddr, count: usize, options: SocketOptions) -> io::Result<(u16, Vec<UdpSocket>)> {
    // SO_REUSEPORT would let a second server of the same user join in silence and take half of the clients.
    let probe = open(address, false)?;
    let port = local_port(&probe)?;
    drop(probe);
    let address = SocketAddr::new(address.ip(), port);
    let sockets = (0..count)
        .map(|_| UdpSocket::open(address, options))
        .collect::<io::Result<Vec<_>>>()?;
    Ok((port, sockets))
}

impl UdpSocket {
    fn open(address: SocketAddr, options: SocketOptions) -> io::Result<Self> {
        let fd = open(address, true)?;
        let family = Family::of(address.ip());
        // A smaller buffer than asked for still works, so refusals are ignored; the forced form needs privilege.
        for (option, forced, bytes) in [
            (libc::SO_RCVBUF, libc::SO_RCVBUFFORCE, options.receive_buffer),
            (libc::SO_SNDBUF, libc::SO_SNDBUFFORCE, options.send_buffer),
        ] {
            let bytes = bytes.min(1 << 30) as libc::c_int;
            if set_option(&fd, libc::SOL_SOCKET, forced, bytes).is_err() {
                let _ = set_option(&fd, libc::SOL_SOCKET, option, bytes);
            }
        }
        set_option(&fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        let gso = options.gso && set_option(&fd, libc::SOL_UDP, libc::UDP_SEGMENT, 0).is_ok();
        Ok(Self {
            fd,
            family,
            sender: Sender::new(gso),
        })
    }

    /// Takes what waits, up to one batch. Never blocks.
    pub fn receive<'a>(&self, batch: &'a mut ReceiveBatch) -> crate::receive::Datagrams<'a> {
        batch.receive(self.fd.as_raw_fd(), self.family)
    }

    /// Sends everything in `buffer` and empties it. A full socket is given one millisecond; what is left then is
    /// dropped and counted, as is what the system refuses.
    pub fn send(&mut self, buffer: &mut EgressBuffer) -> Sent {
        let sent = self.sender.send(self.fd.as_raw_fd(), self.family, buffer);
        buffer.clear();
        sent
    }

    /// Whether runs leave as one system call's message.
    pub fn gso(&self) -> bool {
        self.sender.gso()
    }

    pub fn port(&self) -> io::Result<u16> {
        local_port(&self.fd)
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn open(address: SocketAddr, reuse_port: bool) -> io::Result<OwnedFd> {
    bound(address, libc::SOCK_DGRAM, reuse_port)
}

/// A non-blocking socket bound to `address`; `::` also takes IPv4.
pub(crate) fn bound(address: SocketAddr, kind: libc::c_int, reuse_port: bool) -> io::Result<OwnedFd> {
    let family = Family::of(address.ip());
    // SAFETY: no pointers are passed.
    let fd = unsafe { libc::socket(family.domain(), kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so `fd` is open and nobody else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    if family == Family::V6 {
        let only_v6 = libc::c_int::from(!address.ip().is_unspecified());
        set_option(&fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, only_v6)?;
    }
    if kind == libc::SOCK_STREAM {
        set_option(&fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    }
    if reuse_port {
        set_option(&fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    }
    let mut raw = RawAddress::empty();
    let len = raw.write(address, family);
    // SAFETY: `raw` holds a complete address of `len` bytes.
    let result = unsafe { libc::bind(fd.as_raw_fd(), (&raw const raw).cast(), len) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(fd)
}

pub(crate) fn set_option(fd: &OwnedFd, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` is valid for the `size` bytes that the kernel reads.
    let result = unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, (&raw const value).cast(), size) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

pub(crate) fn local_port(fd: &OwnedFd) -> io::Result<u16> {
    let fd: RawFd = fd.as_raw_fd();
    let mut raw = RawAddress::empty();
    let mut len = RawAddress::SIZE;
    // SAFETY: `raw` has room for the `len` bytes announced, enough for both families.
    let result = unsafe { libc::getsockname(fd, (&raw mut raw).cast(), &mut len) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // The port stands at the same place in both forms.
    Ok(raw.read(Family::V4).port())
}
