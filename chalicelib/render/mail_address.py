"""Addresses as mail servers take them. Apart from the making of mails, which takes much to load."""

from __future__ import annotations

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]{{1,63}}\.)+[A-Za-z0-9-]{{1,63}}")
"""RFC 5321 without quoted local parts, address literals and lone host names."""


def ascii_address(address: str) -> str | None:
    """The address as mail servers take it, the domain in its ASCII form; None for one that they do not.

    >>> ascii_address("ap@bücher.example"), ascii_address("ä@example.com"), ascii_address("ap@localhost")
    ('ap@xn--bcher-kva.example', None, None)
    """
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    return plain if _PLAIN.fullmatch(plain) else None
