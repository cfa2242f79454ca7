"""The one check of an expected version before a change; the store repeats it as a condition of the write."""

from __future__ import annotations

from chalicelib.domain.errors import Conflict


def check_version(present: int, expected: int | None) -> None:
    """Raise Conflict `stale_version` unless nothing was expected or it is what is there."""
    if expected is not None and expected != present:
        raise Conflict("stale_version")
