"""Which addresses a server announces that was told none."""

import ipaddress

import pytest

from media.addresses import announced_addresses


def test_a_named_host_is_announced_alone() -> None:
    assert announced_addresses("192.0.2.7") == ("192.0.2.7",)
    assert announced_addresses("::1") == ("::1",)


def test_a_wildcard_announces_the_machines_own_address_before_loopback() -> None:
    assert announced_addresses("0.0.0.0", lambda _: "10.0.0.5") == ("10.0.0.5", "127.0.0.1")


def test_the_ipv6_wildcard_announces_both_families() -> None:
    own = {True: "fd00::5", False: "10.0.0.5"}
    announced = announced_addresses("::", lambda destination: own[":" in destination])
    assert announced == ("fd00::5", "10.0.0.5", "::1", "127.0.0.1")


@pytest.mark.parametrize("own", [None, "127.0.0.1", "169.254.3.4", "0.0.0.0"])
def test_a_machine_without_a_network_announces_loopback(own: str | None) -> None:
    assert announced_addresses("0.0.0.0", lambda _: own) == ("127.0.0.1",)


def test_the_kernel_is_asked_without_a_packet() -> None:
    addresses = announced_addresses("0.0.0.0")
    assert addresses[-1] == "127.0.0.1"
    assert all(ipaddress.ip_address(address).version == 4 for address in addresses)
    assert len(set(addresses)) == len(addresses)
