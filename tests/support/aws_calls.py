"""Watches the AWS calls of the code under test, whoever makes them: PynamoDB's private sessions included. The only hook there is.

Importing it is enough: sessions made afterwards report their calls, and test modules are imported before the first test runs.
What goes over the wire is reported by `moto_patches`, around moto itself.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import botocore
import botocore.session

READS = ("Get", "BatchGet", "Head", "List", "Query", "Describe")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client; the SDK may send it several times. `request` is what botocore is about to send."""

    service: str
    operation: str
    request: dict[str, Any]

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.operation.startswith(READS)


class Watcher:
    """Sees every call; whatever it raises reaches the code under test."""

    def lets_pass(self, operation: str, params: dict[str, Any]) -> bool:
        """Whether nothing is to happen to a call: it may take a short way, and only `passed` is told of it."""
        del operation, params
        return False

    def passed(self, call: Call, answer: dict[str, Any]) -> None:
        """A call that took the short way was answered; its `request` is what the code asked for."""

    def before(self, call: Call) -> None:
        """Nothing of the call has happened yet."""

    def on_wire(self, call: Call, request: Any, send: Callable[[], Any]) -> Any:
        """One try of the SDK: the response of the service, which is only asked by `send`."""
        del call, request
        return send()

    def after(self, call: Call, parsed: dict[str, Any]) -> None:
        """The call was answered; `parsed` may be changed."""


@dataclass(slots=True)
class _Listener(Watcher):
    listen: Callable[[str], None]

    def before(self, call: Call) -> None:
        self.listen(call.operation)


_watchers: list[Watcher] = []
_here = threading.local()


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Show the watcher every call while the block runs, threads included."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def may_pass(operation: str, params: dict[str, Any]) -> bool:
    """Whether nobody minds that a call takes the short way."""
    return all(watcher.lets_pass(operation, params) for watcher in tuple(_watchers))


def tell_passed(call: Call, answer: dict[str, Any]) -> None:
    """Tell everybody of a call that took the short way."""
    for watcher in tuple(_watchers):
        watcher.passed(call, answer)


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts calls by operation name ("PutItem") while the block runs, threads included."""
    counter: Counter[str] = Counter()
    with watched(_Listener(lambda operation: counter.update([operation]))):
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

    with watched(_Listener(listen)):
        yield


def over_wire(request: Any, send: Callable[[], Any]) -> Any:
    """Let every watcher have its way with one try of the call under way."""
    call = getattr(_here, "call", None)
    if call is not None:
        for watcher in tuple(_watchers):
            send = partial(watcher.on_wire, call, request, send)
    return send()


def _watch(session: botocore.session.Session) -> None:
    session.register("before-call.*.*", _before)
    session.register("after-call.*.*", _after)


def _before(model: Any, params: dict[str, Any], **_event: Any) -> None:
    call = Call(model.service_model.service_name, model.name, params)
    for watcher in tuple(_watchers):
        watcher.before(call)
    _here.call = call  # after the watchers: what they call themselves is over by now


def _after(parsed: dict[str, Any], **_event: Any) -> None:
    call = getattr(_here, "call", None)
    if call is not None:
        for watcher in tuple(_watchers):
            watcher.after(call, parsed)


botocore.register_initializer(_watch)
