"""Puts the SDK's and the emulator's CPU time aside, and lets a meter look at every AWS call.

The edge is `BaseClient._make_api_call`, where PynamoDB and boto3 alike enter botocore. Within it, moto answers in
`BotocoreStubber.__call__`, so that the SDK's own share (checking, encoding, signing, parsing) is known as well.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from moto.core.botocore_stubber import BotocoreStubber

from tests.support.aws_calls import Watcher, watched

Ask = Callable[[str, dict[str, Any]], Any]
"""Makes an AWS call, given operation and parameters; calls made by a meter are neither counted nor metered."""
Meter = Callable[[Ask, str, dict[str, Any]], Any]
"""Stands between caller and AWS: makes the call and hands its answer on."""


@dataclass(slots=True)
class Apart:
    """CPU seconds inside botocore (the emulator included), inside the emulator, and calls by operation."""

    inside: float = 0.0
    emulator: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)


@contextmanager
def sdk_apart(meter: Meter | None = None) -> Iterator[Apart]:
    """Measure while the block runs; what the meter does is put aside too."""
    apart = Apart()
    real, stub = BaseClient._make_api_call, BotocoreStubber.__call__  # noqa: SLF001  # the edge to botocore

    def call(client: Any, name: str, params: dict[str, Any]) -> Any:
        apart.calls[name] += 1
        begun = time.process_time()
        try:
            return meter(partial(real, client), name, params) if meter else real(client, name, params)
        finally:
            apart.inside += time.process_time() - begun

    def answer(self: BotocoreStubber, *args: Any, **kwargs: Any) -> Any:
        begun = time.process_time()
        try:
            return stub(self, *args, **kwargs)
        finally:
            apart.emulator += time.process_time() - begun

    edges = patch.object(BaseClient, "_make_api_call", call), patch.object(BotocoreStubber, "__call__", answer)
    with watched(Watcher()), edges[0], edges[1]:  # calls that nobody watches are not sent in tests
        yield apart
