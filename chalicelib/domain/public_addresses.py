"""Which network addresses belong to the public internet: everything else may be our own network. No name is resolved here."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

RESERVED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also used inside clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata of machines and functions
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""Networks of IANA's special-purpose registry that no public server has."""
GLOBAL_IPV6 = ip_network("2000::/3")
"""All that was ever given out; loopback, private, link-local, multicast and IPv4-mapped addresses lie outside."""
RESERVED_IPV6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID and other protocols, which carry addresses inside
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries an IPv4 address inside
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether a server on the public internet can have the address.

    >>> is_public(IPv4Address("169.254.169.254")), is_public(IPv6Address("::ffff:127.0.0.1")), is_public(IPv4Address("8.8.8.8"))
    (False, False, True)
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in RESERVED)
    return address in GLOBAL_IPV6 and not any(address in network for network in RESERVED_IPV6)
