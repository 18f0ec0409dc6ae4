"""Our own ICE candidates: one UDP and one passive TCP host candidate for each announced address."""

from collections.abc import Sequence

_UDP_TYPE_PREFERENCE = 126  # host (RFC 8445 section 5.1.2.2)
_TCP_TYPE_PREFERENCE = 90  # below every UDP candidate (RFC 6544 section 4.2)
_PASSIVE_PREFERENCE = 4  # direction preference of a passive host candidate (RFC 6544 section 4.2)


def host_candidates(addresses: Sequence[str], port: int, tcp: bool) -> tuple[str, ...]:
    """Values of `a=candidate`, the most preferred address first."""
    found: list[str] = []
    for place, address in enumerate(addresses):
        local = 65_535 - place
        priority = (_UDP_TYPE_PREFERENCE << 24) | (local << 8) | 255
        found.append(f"{len(found) + 1} 1 udp {priority} {address} {port} typ host")
        if tcp:
            local = (_PASSIVE_PREFERENCE << 13) | (8_191 - place)
            priority = (_TCP_TYPE_PREFERENCE << 24) | (local << 8) | 255
            found.append(f"{len(found) + 1} 1 tcp {priority} {address} {port} typ host tcptype passive")
    return tuple(found)
