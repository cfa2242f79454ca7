"""The one retry policy of the store.

Bounded, full jitter, for what the SDK does not repeat itself (transaction conflicts) and what it gave up on.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from random import uniform
from typing import ParamSpec, TypeVar

from chalicelib.domain.errors import Unavailable
from chalicelib.store.failures import AWS_ERRORS, CONDITION, ConditionFailedError, error_codes, is_condition_failure, is_transient

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 6
FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
"""Seconds: the most that is waited after the first try, doubled after each further one, and the most after any."""


class TransientError(Exception):
    """A failure worth repeating; never leaves this module."""


def retried(call: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that makes ONE AWS call: repeat it while it fails in passing, then raise Unavailable.

    A condition that does not hold raises ConditionFailedError at once. Everything else is a bug and passes through.
    """

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        # a plain loop: every AWS call passes here, and a retry library's bookkeeping would cost more than our share of most calls
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _translated(call, *args, **kwargs)
            except TransientError as failure:
                if attempt == ATTEMPTS:
                    raise Unavailable(str(failure)) from failure.__cause__
                time.sleep(_jitter(attempt))
        raise AssertionError("the last attempt returns or raises")

    return wrapper


def _jitter(attempt: int) -> float:
    """Seconds to wait after an attempt, counted from 1."""
    return uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)))  # noqa: S311  # no secret


def _translated(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return call(*args, **kwargs)
    except AWS_ERRORS as error:
        if is_condition_failure(error):
            raise ConditionFailedError(_failed(error)) from error
        if is_transient(error):
            raise TransientError(str(error)) from error
        raise


def _failed(error: Exception) -> tuple[bool, ...]:
    return tuple(code in CONDITION for code in error_codes(error))
