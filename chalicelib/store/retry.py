"""The one retry policy of the store.

Bounded, full jitter, for what the SDK does not repeat itself (transaction conflicts) and what it gave up on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from chalicelib.domain.errors import Unavailable
from chalicelib.store.failures import AWS_ERRORS, CONDITION, ConditionFailedError, error_codes, is_condition_failure, is_transient

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 6


class TransientError(Exception):
    """A failure worth repeating; never leaves this module."""


_POLICY = Retrying(
    stop=stop_after_attempt(ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    retry=retry_if_exception_type(TransientError),
    reraise=True,
)
"""Built once: every AWS call passes here, and its state is kept per thread."""


def retried(call: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that makes ONE AWS call: repeat it while it fails in passing, then raise Unavailable.

    A condition that does not hold raises ConditionFailedError at once. Everything else is a bug and passes through.
    """

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            answer: T = _POLICY(_translated, call, *args, **kwargs)
        except TransientError as failure:
            raise Unavailable(str(failure)) from failure.__cause__
        return answer

    return wrapper


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
