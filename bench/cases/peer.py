"""Generation compared with django-silver 0.11.1, in the same run: CPU per invoice of 21 lines, theirs over ours.

The peer lives in an environment of its own, made by `make bench-peer`; without it the case says so and measures nothing. Its
figure holds its ORM and SQLite in memory; ours is given with and without the SDK. docs/performance.md says what the two do and
do not do.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.cases import billing
from bench.figures import Figure, Size
from bench.world import deployment

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "build" / "peer" / "bin" / "python"
SCRIPT = ROOT / "bench" / "peer" / "generate.py"
CUSTOMERS = 50


def run(size: Size) -> list[Figure]:
    """The peer's CPU per invoice and its ratio to ours."""
    if not PYTHON.exists():
        return [
            Figure(name="django-silver, generation", value=None, unit="ms per invoice", note="not installed: run make bench-peer")
        ]
    customers = min(CUSTOMERS, size.chunk)
    theirs = min((_generate(customers) for _ in range(min(size.repeats, 3))), key=lambda done: done["cpu_seconds"])
    assert (theirs["issued"], theirs["lines"]) == (customers, customers * billing.LINES)
    per_invoice = theirs["cpu_seconds"] / customers * 1000
    with deployment() as cloud:
        own, with_sdk = billing.measure_cpu(cloud, customers, tries=min(size.repeats, 3))
    note = f"Python {theirs['python']}, Django {theirs['django']}, SQLite in memory"
    return [
        Figure(name="django-silver, generation", value=per_invoice, unit="ms per invoice", note=note),
        Figure(name="ours with the SDK, emulator apart", value=with_sdk, unit="ms per invoice", note=f"chunk of {customers}"),
        Figure(name="django-silver / ours with the SDK", value=per_invoice / with_sdk, unit="times our CPU"),
        Figure(name="django-silver / ours without the SDK", value=per_invoice / own, unit="times our CPU"),
    ]


def _generate(customers: int) -> dict[str, Any]:
    command = [str(PYTHON), "-W", "ignore", str(SCRIPT), str(customers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # a fixed argument list
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
