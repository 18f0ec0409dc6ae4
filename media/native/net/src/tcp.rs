//! The TCP listeners of the media port, one per worker on the same number.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;

use crate::udp::{bound, local_port};

/// Connections that wait to be accepted.
const BACKLOG: libc::c_int = 256;

/// Opens `count` non-blocking listeners on one port; raises what the system said, EADDRINUSE when it is taken.
pub fn listen(address: SocketAddr, count: usize) -> io::Result<(u16, Vec<TcpListener>)> {
    // As for UDP: sharing the port is for our own workers only.
    let probe = bound(address, libc::SOCK_STREAM, false)?;
    let port = local_port(&probe)?;
    drop(probe);
    let address = SocketAddr::new(address.ip(), port);
    let listeners = (0..count).map(|_| open(address)).collect::<io::Result<Vec<_>>>()?;
    Ok((port, listeners))
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let fd = bound(address, libc::SOCK_STREAM, true)?;
    // SAFETY: no pointers are passed.
    if unsafe { libc::listen(fd.as_raw_fd(), BACKLOG) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(TcpListener::from(fd))
}
