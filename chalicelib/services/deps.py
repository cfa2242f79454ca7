"""What use cases need from outside: the clock, ids, the deployment's settings, the network. Tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.config import Settings
from chalicelib.outbound.network import INTERNET, Network


@dataclass(frozen=True, slots=True)
class Deps:
    """`clock` gives an aware UTC instant, `new_id` a lower-case ULID; `network` is where connections to strangers may lead."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    settings: Settings
    network: Network = INTERNET
