"""A real emulator process with the stack in it, and a crew of real processes on it; the data lies in a folder of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.children import Child
from local.home import Home
from local.ministack import await_emulator, client_environment, make_client, start_emulator
from local.stack import ensure_stack

ROOT = Path(__file__).parents[2]
CREW = 10
FUNCTIONS = {
    "JWT_ISSUER": "i",
    "JWT_AUDIENCE": "a",
    "JWT_PUBLIC_KEY": "k",
    "STAGE": "test",
    "CHUNK_SIZE": "50",
    "DUE_SHARDS": "2",
}


@dataclass(slots=True)
class Crew:
    """Processes that take orders. What they met is added up in `met`: AWS calls, and refusals by code."""

    processes: list[subprocess.Popen[str]]
    met: dict[str, int]

    def each(self, orders: Sequence[dict[str, Any]]) -> list[Any]:
        """Give one order to each process, all at once; what came of them."""
        busy = self.processes[: len(orders)]
        for process, order in zip(busy, orders, strict=True):
            assert process.stdin
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        answers = [_read(process) for process in busy]
        return [self._result(answer) for answer in answers]

    def one(self, do: str, **order: Any) -> Any:
        """Give an order to one process."""
        return self.each([{"do": do, **order}])[0]

    def _result(self, answer: dict[str, Any]) -> Any:
        for code, times in answer["seen"].items():
            self.met[code] = self.met.get(code, 0) + times
        assert "error" not in answer, answer["error"]
        return answer["result"]


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Ten processes on an emulator of their own."""
    home = Home(tmp_path_factory.mktemp("emulator"))
    emulator, endpoint = start_emulator(home)
    with ExitStack() as stack:
        stack.callback(_stop, emulator)
        await_emulator(emulator, endpoint)
        access = client_environment(endpoint)
        outputs = ensure_stack(make_client("cloudformation", access))
        environment = {**os.environ, **access, **outputs, **FUNCTIONS}
        processes = [stack.enter_context(_start(environment)) for _ in range(CREW)]
        stack.callback(_dismiss, processes)
        assert all(_read(process) == {"ready": True} for process in processes)
        yield Crew(processes, {})


def _start(environment: dict[str, str]) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.e2e.crew"]
    return subprocess.Popen(  # noqa: S603  # a fixed argument list
        arguments, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _stop(emulator: Child) -> None:
    emulator.stop(30)
    if emulator.process.stdin:
        emulator.process.stdin.close()


def _dismiss(processes: list[subprocess.Popen[str]]) -> None:
    """They stop when their standard input ends."""
    for process in processes:
        assert process.stdin
        process.stdin.close()


def _read(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    assert line, f"a process of the crew ended with {process.poll()}"
    answer: dict[str, Any] = json.loads(line)
    return answer
