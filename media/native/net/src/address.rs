//! Socket addresses between Rust and the kernel's form.

use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Which addresses a socket speaks: an IPv6 one carries IPv4 in mapped form (RFC 4291 section 2.5.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    pub(crate) fn domain(self) -> libc::c_int {
        match self {
            Self::V4 => libc::AF_INET,
            Self::V6 => libc::AF_INET6,
        }
    }
}

/// Room for an address of either family.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) union RawAddress {
    pub(crate) v4: libc::sockaddr_in,
    pub(crate) v6: libc::sockaddr_in6,
}

impl RawAddress {
    pub(crate) const SIZE: libc::socklen_t = size_of::<Self>() as libc::socklen_t;

    pub(crate) fn empty() -> Self {
        Self {
            v6: libc::sockaddr_in6 {
                sin6_family: 0,
                sin6_port: 0,
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: [0; 16] },
                sin6_scope_id: 0,
            },
        }
    }

    /// Writes `address` for a socket of `family`; returns its length, 0 when such a socket cannot reach it.
    pub(crate) fn write(&mut self, address: SocketAddr, family: Family) -> libc::socklen_t {
        match (family, address) {
            (Family::V4, SocketAddr::V4(v4)) => {
                self.v4 = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(v4.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
                size_of::<libc::sockaddr_in>() as libc::socklen_t
            }
            (Family::V4, SocketAddr::V6(_)) => 0,
            (Family::V6, SocketAddr::V4(v4)) => {
                self.write_v6(SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0))
            }
            (Family::V6, SocketAddr::V6(v6)) => self.write_v6(v6),
        }
    }

    fn write_v6(&mut self, address: SocketAddrV6) -> libc::socklen_t {
        self.v6 = libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as libc::sa_family_t,
            sin6_port: address.port().to_be(),
            sin6_flowinfo: address.flowinfo(),
            sin6_addr: libc::in6_addr {
                s6_addr: address.ip().octets(),
            },
            sin6_scope_id: address.scope_id(),
        };
        size_of::<libc::sockaddr_in6>() as libc::socklen_t
    }

    /// The address that the kernel wrote for a socket of `family`; mapped IPv4 comes out as IPv4, so that one
    /// remote end has one form.
    pub(crate) fn read(&self, family: Family) -> SocketAddr {
        match family {
            Family::V4 => {
                // SAFETY: every bit pattern is a valid sockaddr_in, and the union is never smaller.
                let v4 = unsafe { self.v4 };
                let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
                SocketAddr::from((ip, u16::from_be(v4.sin_port)))
            }
            Family::V6 => {
                // SAFETY: every bit pattern is a valid sockaddr_in6, which is the union's largest member.
                let v6 = unsafe { self.v6 };
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                let port = u16::from_be(v6.sin6_port);
                match ip.to_ipv4_mapped() {
                    Some(v4) => SocketAddr::from((v4, port)),
                    None => SocketAddr::V6(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_kernels_form() {
        for (text, family) in [
            ("192.0.2.7:5004", Family::V4),
            ("192.0.2.7:5004", Family::V6),
            ("[2001:db8::1]:65535", Family::V6),
        ] {
            let address: SocketAddr = text.parse().expect("a literal address");
            let mut raw = RawAddress::empty();
            assert!(raw.write(address, family) > 0);
            assert_eq!(raw.read(family), address);
        }
    }

    #[test]
    fn an_ipv4_socket_cannot_reach_ipv6() {
        let address: SocketAddr = "[2001:db8::1]:1".parse().expect("a literal address");
        assert_eq!(RawAddress::empty().write(address, Family::V4), 0);
    }
}
