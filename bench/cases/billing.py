"""Billing a chunk: own CPU, AWS requests and write units per invoice of 21 lines, from the queue's message to the documents.

The time is taken in runs of its own; the run that counts reads every written item before and after.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.figures import Figure, Size
from bench.sdk_apart import Apart, sdk_apart
from bench.stopwatch import cpu_seconds
from bench.world import deployment, empty, make_due
from bench.write_units import Index, WriteMeter, read_indexes
from chalicelib.services import billing
from chalicelib.store.acting import acting
from chalicelib.store.invoices import get_invoice
from tests.support.cloud import Cloud

TEMPLATE = Path(__file__).parents[2] / "infra" / "resources.yaml"
LINES = 21


@dataclass(frozen=True, slots=True)
class Billed:
    """A chunk that was billed."""

    seconds: float
    apart: Apart
    meter: WriteMeter


def run(size: Size) -> list[Figure]:
    """Figures per invoice of a chunk."""
    with deployment() as cloud:
        own, with_sdk = measure_cpu(cloud, size.chunk, tries=min(size.repeats, 3))
        counted = _bill(cloud, size.chunk, is_metered=True)
    calls, units = counted.apart.calls.total() / size.chunk, counted.meter.units / size.chunk
    parts = ", ".join(f"{name} {cost / size.chunk:.2f}" for name, cost in counted.meter.by_operation.items())
    return [
        Figure(name="own CPU", value=own, unit="ms per invoice", at_most=8, note="botocore and emulator apart"),
        Figure(name="CPU with the SDK", value=with_sdk, unit="ms per invoice", note="emulator apart"),
        Figure(name="AWS requests", value=calls, unit="per invoice", at_most=6, note=f"chunk of {size.chunk}"),
        Figure(name="write units", value=units, unit="per invoice", at_most=8, note=parts),
    ]


def measure_cpu(cloud: Cloud, customers: int, *, tries: int) -> tuple[float, float]:
    """Milliseconds of CPU per invoice, best of some tries: without botocore and emulator, and without the emulator only."""
    done = [_bill(cloud, customers) for _ in range(tries)]
    own = min(one.seconds - one.apart.inside for one in done)
    with_sdk = min(one.seconds - one.apart.emulator for one in done)
    return own / customers * 1000, with_sdk / customers * 1000


def _bill(cloud: Cloud, customers: int, *, is_metered: bool = False) -> Billed:
    """Bill one chunk in a process that has billed before."""
    empty(cloud)
    first = make_due(1)
    billing.bill_chunk(first.world.deps, first.run_id, 1)
    empty(cloud)
    due = make_due(customers)
    meter = WriteMeter(_indexes(cloud))
    gc.collect()
    gc.freeze()  # the emulator's heap is not the function's: without this, collections walk through it again and again
    with acting("system:generate_monthly"), sdk_apart(meter if is_metered else None) as apart:
        seconds = cpu_seconds(lambda: billing.bill_chunk(due.world.deps, due.run_id, 1))
    gc.unfreeze()
    invoice = get_invoice(f"customer-{customers - 1:04d}.20261101.R")
    assert (len(invoice.lines), bool(invoice.number)) == (LINES, True)
    return Billed(seconds, apart, meter)


def _indexes(cloud: Cloud) -> dict[str, tuple[Index, ...]]:
    resources = yaml.safe_load(TEMPLATE.read_text())["Resources"]
    return {cloud.outputs[name]: read_indexes(resources[name]) for name in ("BillingTable", "WorkTable")}
