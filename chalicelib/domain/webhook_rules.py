"""What an endpoint's URL and events may be, as far as they say it by themselves. Where a name leads is found out elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.errors import Issue
from chalicelib.domain.events import EventType

MAX_URL = 2000
HTTPS_PORT = 443

_VISIBLE = re.compile(r"[!-~]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


def validate_url(url: str, ports: Collection[int]) -> list[Issue]:
    """Every issue of an endpoint's URL; `ports` are the ones that may be connected to."""
    fault = _fault(url, ports)
    return [Issue("url", "invalid_value", fault)] if fault else []


def validate_events(events: Sequence[str]) -> list[Issue]:
    """Every issue of the types an endpoint wants."""
    return [
        Issue(f"events.{position}", "invalid_value", f"{name!r} is not one of {', '.join(EventType)}.")
        for position, name in enumerate(events)
        if name not in set(EventType)
    ]


def target(url: str) -> tuple[str, int, str]:
    """(host, port, path with query) of a URL without issues; the host of an IPv6 address stands without brackets."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return parts.hostname or "", parts.port or HTTPS_PORT, f"{parts.path or '/'}{query}"


def _fault(url: str, ports: Collection[int]) -> str:
    """What is wrong first; everything is refused that two readers of URLs could read differently."""
    if len(url) > MAX_URL or not _VISIBLE.fullmatch(url) or "\\" in url:
        return "Send an ASCII URL of at most 2,000 characters; write other letters of a host as xn--…, of a path as %…."
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS_PORT
    except ValueError:
        return "This is not a URL."
    return _part_fault(parts) or ("" if port in ports else f"The port must be one of {sorted(ports)}.")


def _part_fault(parts: SplitResult) -> str:
    if parts.scheme != "https":
        return "The URL must begin with https://."
    if parts.username is not None or parts.password is not None:
        return "A URL with a user name or a password in it is not taken; messages are signed instead."
    if parts.fragment:
        return "A URL with a fragment is not taken."
    return "" if _is_host(parts) else "The URL names no host that could be on the internet."


def _is_host(parts: SplitResult) -> bool:
    """A name, an IPv4 address of four decimal numbers, or an IPv6 address in brackets."""
    host = parts.hostname or ""
    if "[" in parts.netloc:
        return "%" not in host and _is_address(IPv6Address, host)
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]):
        return _is_address(IPv4Address, host)
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)  # noqa: PLR2004  # RFC 1035


def _is_address(kind: type[IPv4Address | IPv6Address], host: str) -> bool:
    try:
        return str(kind(host)) == host or kind is IPv6Address
    except ValueError:
        return False
