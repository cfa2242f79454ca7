"""Keeps tests on this machine: what moto does not catch must fail, not call AWS."""

from __future__ import annotations

import sys
from typing import Any

LOCAL_ADDRESSES = frozenset({"127.0.0.1", "::1", "localhost"})


def refuse_network() -> None:
    """Let nothing in this process connect to another machine, for good: an audit hook cannot be taken away."""
    sys.addaudithook(_refuse_foreign_address)


def _refuse_foreign_address(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in LOCAL_ADDRESSES:
        raise RuntimeError(f"a test tried to reach {args[1]}")
