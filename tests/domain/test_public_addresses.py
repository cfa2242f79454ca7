"""Which addresses are public: every special-purpose network of IANA's registries is not, whatever form it is written in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.public_addresses import is_public

OURS = [
    "0.0.0.0",  # noqa: S104  # an address to be refused
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "2001:4860:4860::8888",
    "2a00:1450::1",
]


@pytest.mark.parametrize("text", OURS)
def test_special_networks_are_not_public(text: str) -> None:
    """Private, loopback, link-local, carrier-grade NAT, multicast, documentation, and what carries such an address inside."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_neighbours_of_special_networks_are_public(text: str) -> None:
    """The limits are where the registries have them."""
    assert is_public(ip_address(text))


@given(st.integers(0, 2**32 - 1))
def test_nothing_the_standard_library_knows_as_ours_is_public(number: int) -> None:
    """Whatever Python calls private, reserved, link-local or multicast is refused, also inside an IPv6 address."""
    address = IPv4Address(number)
    if is_public(address):
        assert address.is_global
        assert not any((address.is_private, address.is_multicast, address.is_reserved, address.is_link_local))
    assert not is_public(IPv6Address(f"::ffff:{address}"))
