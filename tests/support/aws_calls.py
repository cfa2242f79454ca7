"""Counts the AWS calls that the code under test makes, whoever makes them: PynamoDB's private sessions included.

Importing it is enough: sessions made afterwards report their calls, and test modules are imported before the first test runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore
import botocore.session

_listeners: list[Counter[str]] = []


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts calls by operation name ("PutItem") while the block runs, threads included."""
    counter: Counter[str] = Counter()
    _listeners.append(counter)
    try:
        yield counter
    finally:
        _listeners.remove(counter)


def _watch(session: botocore.session.Session) -> None:
    session.register("before-call.*.*", _count)


def _count(model: Any, **_event: Any) -> None:
    for counter in _listeners:
        counter[model.name] += 1


botocore.register_initializer(_watch)
