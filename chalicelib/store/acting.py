"""On whose behalf the process acts: set once by the door that something came through, written on every item of the books.

A name for the record, like `user:<subject>`, `key:<name>` or `system:<function>`. It allows nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST = 255
"""Characters that are kept of a name: what a subject may have by OpenID Connect, so that no token can make items large."""
NOBODY = "system"
"""Who acts where no door was passed: a test, or an operator's script."""

_actor: ContextVar[str] = ContextVar("actor", default=NOBODY)


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Act on behalf of somebody inside the block, or inside the function that this decorates."""
    token = _actor.set(name[:LONGEST])
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> str:
    """Who acts."""
    return _actor.get()
