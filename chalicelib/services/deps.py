"""What use cases need from outside: the clock, ids, the deployment's settings, the network. Tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.config import Settings
from chalicelib.outbound.network import INTERNET, Network


@dataclass(frozen=True, slots=True)
class Deps:
    """`clock` gives an aware UTC instant, `new_id` a lower-case ULID; `network` is where connections to strangers may lead.

    Where a request is executed again, `clock` stands at its first try, from which ids and default days follow; `books` gives
    the real instant, at which what it does now gets known (None: they are the same).
    """

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    settings: Settings
    network: Network = INTERNET
    books: Callable[[], datetime] | None = None

    def entry_instant(self) -> datetime:
        """When an entry that is written now enters the books; what was entered by an earlier try keeps its own instant."""
        return (self.books or self.clock)()
