"""Everybody who is told of an event: the event bus first, then each listener, a line in `LISTENERS`.

Telling is at least once: a listener makes a repeated id harmless, and does no slow work of its own (it sends messages).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.domain.events import Event
from chalicelib.services import mailing, webhooks
from chalicelib.services.deps import Deps
from chalicelib.store.event_bus import put_events

Listener = Callable[[Deps, Event], None]

LISTENERS: tuple[Listener, ...] = (mailing.announce, webhooks.announce)


def announce(deps: Deps, events: Sequence[Event]) -> None:
    """Tell the bus and every listener; raises what one of them raises, and then the caller tells all of it again."""
    put_events(events)
    for event in events:
        for listen in LISTENERS:
            listen(deps, event)
