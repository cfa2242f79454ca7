"""PDFs that are drawn when somebody asks: frozen then, and noted as open, so that the sweep finds those whose event was lost.

Noted before it is frozen, so that nothing is frozen that nobody remembers. The sweep closes what is drawn, or failed.
"""

from __future__ import annotations

from chalicelib.services.deps import Deps
from chalicelib.store import objects
from chalicelib.store.open_documents import close_wanted, note_wanted


def want(deps: Deps, key: str, frozen: bytes) -> None:
    """Put what is to be drawn under its key, once: its creation is the event that draws it."""
    if not objects.has_object(key):
        note_wanted(key, deps.clock())
        objects.put_object_once(key, frozen)


def drive_wanted(key: str) -> None:
    """Put it once more unless it was drawn, or failed, or never was frozen: then whoever asks again begins anew."""
    frozen = objects.find_object(key)
    if frozen is None or any(objects.has_object(each) for each in objects.outcome_keys(key)):
        close_wanted(key)
    else:
        objects.put_object(key, frozen, "application/json")
