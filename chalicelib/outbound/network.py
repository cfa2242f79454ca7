"""Where connections to strangers may lead: the public internet, never an address that could be our own network.

Names are resolved here, and what is connected to is the very address that was checked, so a name cannot lead elsewhere meanwhile.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from chalicelib.domain.public_addresses import is_public


class ForbiddenAddressError(Exception):
    """A name leads, or could lead, to an address that is not public."""


class UnknownHostError(Exception):
    """A name leads nowhere."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, IPv4 first, which is what functions can reach."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(host) from error
    addresses = dict.fromkeys(str(address[0]) for _family, _type, _protocol, _name, address in found)
    return sorted(addresses, key=lambda address: ":" in address)


@cache
def public_authorities() -> ssl.SSLContext:
    """Checks certificates by the authorities that the system trusts; made once, because reading them takes long."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What may be connected to. `also` are networks that count as public, for tests and local runs.

    `seconds` is the time for a whole exchange; `tls` makes what certificates are checked with.
    """

    ports: frozenset[int] = frozenset({443})
    also: tuple[IPv4Network | IPv6Network, ...] = ()
    resolve: Callable[[str, int], list[str]] = resolve
    tls: Callable[[], ssl.SSLContext] = public_authorities
    seconds: int = 15

    def find_addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host. Raises UnknownHostError; ForbiddenAddressError when any of them is not public."""
        found = self.resolve(host, port)
        if not found:
            raise UnknownHostError(host)
        if not all(self._is_allowed(address) for address in found):
            raise ForbiddenAddressError(host)
        return found

    def _is_allowed(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return is_public(address) or any(address in network for network in self.also)


INTERNET = Network()
"""The public internet, HTTPS only."""
