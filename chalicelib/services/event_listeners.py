"""Everybody who is told of an event: the event bus first, then each listener, a line in `LISTENERS`.

Telling is at least once: a listener makes a repeated id harmless, and does no slow work of its own (it sends messages).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.events import Event
from chalicelib.services import mailing, webhooks
from chalicelib.services.deps import Deps
from chalicelib.store.event_bus import put_events


class Listener(Protocol):
    """Somebody who is told of the events of a batch, in their order."""

    def __call__(self, deps: Deps, *events: Event) -> None:
        """Make ready what each event brings; telling it again is harmless."""


LISTENERS: tuple[Listener, ...] = (mailing.announce, webhooks.announce)


def announce(deps: Deps, events: Sequence[Event]) -> None:
    """Tell the bus and every listener; raises what one of them raises, and then the caller tells all of it again."""
    put_events(events)
    for listen in LISTENERS:
        listen(deps, *events)
