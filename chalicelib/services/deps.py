"""What use cases need from outside: the clock, ids and the deployment's settings. Tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.config import Settings


@dataclass(frozen=True, slots=True)
class Deps:
    """`clock` gives an aware UTC instant, `new_id` a lower-case ULID."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    settings: Settings
