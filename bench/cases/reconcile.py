"""The daily reconciliation: AWS requests and CPU per customer with an invoice of 21 lines and a month of usage.

Customers one after the other, so that CPU can be told apart; in the function they are looked at side by side.
"""

from __future__ import annotations

from bench.figures import Figure, Size
from bench.sdk_apart import Apart, sdk_apart
from bench.stopwatch import cpu_seconds
from bench.world import deployment, make_due
from chalicelib.services import billing
from chalicelib.services.reconcile import reconcile_customer


def run(size: Size) -> list[Figure]:
    """Figures per customer, best of some tries."""
    with deployment():
        due = make_due(size.chunk)
        billing.bill_chunk(due.world.deps, due.run_id, 1)
        done = [_check(size.chunk) for _ in range(min(size.repeats, 3))]
    seconds = min(seconds - apart.emulator for seconds, apart in done)
    calls = done[0][1].calls.total()
    return [
        Figure(name="AWS requests", value=calls / size.chunk, unit="per customer", at_most=9, note="with one invoice"),
        Figure(name="CPU with the SDK", value=seconds / size.chunk * 1000, unit="ms per customer", note="emulator apart"),
    ]


def _check(customers: int) -> tuple[float, Apart]:
    with sdk_apart() as apart:
        seconds = cpu_seconds(lambda: [reconcile_customer(f"customer-{number:04d}") for number in range(customers)])
    return seconds, apart
