"""The addresses under which this machine can be reached, for an operator who named none."""

import ipaddress
import socket
from collections.abc import Callable

SourceAddress = Callable[[str], str | None]

_ELSEWHERE = {4: "192.0.2.1", 6: "2001:db8::1"}
"""Documentation addresses (RFC 5737, RFC 3849): routed by default like the rest of the world, and nobody's."""

_LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def announced_addresses(host: str, source: SourceAddress | None = None) -> tuple[str, ...]:
    """
    What clients are told when `host` is bound: `host` itself, or for a wildcard the address that this machine
    sends from and loopback, so that a test on the same machine works without a network. `source` gives the
    sending address towards a destination (only tests give another). Raises ValueError unless `host` is an IP address.
    """
    bound = ipaddress.ip_address(host)
    if not bound.is_unspecified:
        return (host,)
    # The IPv6 wildcard takes IPv4 as well (media/native/net).
    families = (6, 4) if bound.version == 6 else (4,)
    sources = [(source or _source_address)(_ELSEWHERE[family]) for family in families]
    own = [address for address in sources if address is not None and _is_reachable(address)]
    return (*own, *(_LOOPBACK[family] for family in families))


def _is_reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)


def _source_address(destination: str) -> str | None:
    """The address that the kernel would send from; connecting a UDP socket sends nothing."""
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((destination, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None
