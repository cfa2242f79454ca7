"""Doing it again on fresh state when somebody else was faster: the one loop around load, plan and commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from chalicelib.domain.errors import Unavailable

T = TypeVar("T")

ATTEMPTS = 12
_jitter = wait_random_exponential(multiplier=0.05, max=0.5)


class OvertakenError(Exception):
    """What a plan was made on has changed; nothing of the plan has happened."""


def replanned(step: Callable[[], T]) -> T:
    """Run a step that loads, plans and commits, again while it is overtaken; bounded, full jitter, then Unavailable."""

    def give_up(_state: Any) -> T:
        raise Unavailable("overtaken again and again")

    again = retry_if_exception_type(OvertakenError)
    result: T = Retrying(stop=stop_after_attempt(ATTEMPTS), wait=_jitter, retry=again, retry_error_callback=give_up)(step)
    return result
