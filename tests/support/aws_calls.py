"""Watches the AWS calls of the code under test, whoever makes them: PynamoDB's private sessions included.

Importing it is enough: sessions made afterwards report their calls, and test modules are imported before the first test runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore
import botocore.session

Listener = Callable[[str], None]
_listeners: list[Listener] = []


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts calls by operation name ("PutItem") while the block runs, threads included."""
    counter: Counter[str] = Counter()
    with _listening(lambda operation: counter.update([operation])):
        yield counter


@contextmanager
def meanwhile(operation: str, number: int, act: Callable[[], object]) -> Iterator[None]:
    """Somebody else acts right before the `number`-th call of an operation that the block makes."""
    seen = 0

    def listen(name: str) -> None:
        nonlocal seen
        seen += name == operation
        if seen == number and name == operation:
            seen += 1  # what `act` itself calls does not count
            act()

    with _listening(listen):
        yield


@contextmanager
def _listening(listener: Listener) -> Iterator[None]:
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _watch(session: botocore.session.Session) -> None:
    session.register("before-call.*.*", _report)


def _report(model: Any, **_event: Any) -> None:
    for listener in tuple(_listeners):
        listener(model.name)


botocore.register_initializer(_watch)
