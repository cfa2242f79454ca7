"""The model behind bench/simulate.py: how many customers a second each part of the system can take, and what a run costs.

Pure arithmetic over measured figures, limits and prices; no part of it is fitted. A run is as fast as its slowest part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from chalicelib.services.checkup import LANES
from chalicelib.services.reconcile import READERS

TASK_BYTES, OUTCOME_BYTES = 30, 50
"""What a customer takes in a chunk's item: its id in the task, its invoice's id in the outcome."""
LIST_UNITS, DUE_UNITS = 1, 2
"""Write units of an invoice in the list index, and of a clock that moves in the due index."""
READ_UNITS = 4
"""Of a customer: account, a month of roll-ups, a share of the rest."""
RENDER_REQUESTS = 3
"""Of a document: read the frozen one, put the PDF, note it on the invoice."""
RENDER_UNITS = 2
"""Of noting it: the item of an invoice of 21 lines, which is in two units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Per customer, or document: CPU milliseconds of a processor of Lambda, AWS requests, write units."""

    bill_cpu_ms: float
    bill_requests: float
    write_units: float
    render_cpu_ms: float
    check_cpu_ms: float
    check_requests: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What an operator sets: maximum concurrency of bill_customers, write units a second kept `warm`, memory in MiB."""

    chunk_size: int = 100
    workers: int = 20
    list_shards: int = 16
    due_shards: int = 64
    warm: int = 0
    bill_memory: int = 1024
    render_memory: int = 1536


@dataclass(frozen=True, slots=True)
class Model:
    """Measured figures, a setup, and the contents of aws.toml."""

    measured: Measured
    setup: Setup
    aws: Mapping[str, Mapping[str, float]]

    @property
    def chunk_seconds(self) -> float:
        """How long one function bills one chunk: CPU and waiting add up, for it does one thing at a time."""
        cpu = self.measured.bill_cpu_ms / self._processors(self.setup.bill_memory)
        wait = self.measured.bill_requests * self.aws["latency_ms"]["request"]
        return self.setup.chunk_size * (cpu + wait) / 1000

    @property
    def render_seconds(self) -> float:
        """How long one function draws one document."""
        cpu = self.measured.render_cpu_ms / self._processors(self.setup.render_memory)
        return (cpu + RENDER_REQUESTS * self.aws["latency_ms"]["request"]) / 1000

    @property
    def renderers(self) -> int:
        """Functions left for drawing while all workers bill."""
        return int(self.aws["limits"]["lambda_concurrency"]) - self.setup.workers

    def capacities(self) -> dict[str, float]:
        """Customers a second that each part can take."""
        size, limits, latency = self.setup.chunk_size, self.aws["limits"], self.aws["latency_ms"]
        partition = limits["partition_write_units"]
        return {
            "Lambda concurrency of billing": self.setup.workers * size / self.chunk_seconds,
            "counter transactions": size * 1000 / (latency["request"] + latency["transaction"]),
            "partition of the run": size * partition / run_units(size),
            "partitions of the list": self.setup.list_shards * partition / LIST_UNITS,
            "partitions of due customers": self.setup.due_shards * partition / DUE_UNITS,
            "table throughput": max(limits["table_write_units"], self.setup.warm) / (self.measured.write_units + RENDER_UNITS),
            "S3 PUT under documents/": limits["s3_puts_per_prefix"],
            "dispatcher and SQS": size * 1000 / (latency["request"] + latency["queue"] / 10),
            "render CPU": self.renderers / self.render_seconds,
        }

    def bottleneck(self) -> tuple[str, float]:
        """The slowest part, and the customers a second that it takes."""
        return min(self.capacities().items(), key=lambda part: part[1])

    def seconds(self, customers: int) -> float:
        """From the schedule to the last PDF: the slowest part, the first functions' start, one chunk and one document."""
        workers = min(self.setup.workers, ceil(customers / self.setup.chunk_size))
        billing = customers / min(self.bottleneck()[1], workers * self.setup.chunk_size / self.chunk_seconds)
        ramp = workers / self.aws["limits"]["sqs_functions_per_minute"] * 60 / 2
        return ramp + max(billing, self.chunk_seconds) + self.render_seconds

    def dollars(self, customers: int) -> dict[str, float]:
        """What the run costs, by service."""
        prices, chunks = self.aws["prices"], ceil(customers / self.setup.chunk_size)
        gigabytes = self.setup.bill_memory / 1024, self.setup.render_memory / 1024
        busy = chunks * self.chunk_seconds * gigabytes[0] + customers * self.render_seconds * gigabytes[1]
        million = customers / 1e6
        return {
            "Lambda": busy * prices["gb_second"] + (chunks + customers) / 1e6 * prices["lambda_requests"],
            "DynamoDB": million
            * ((self.measured.write_units + RENDER_UNITS) * prices["write_units"] + READ_UNITS * prices["read_units"]),
            "S3": (2 * million + 2 * chunks / 1e6) * prices["s3_puts"] + million * prices["s3_gets"],
            "SQS": chunks / 1e6 * 2.1 * prices["sqs_requests"],
        }

    def check_seconds(self, customers: int) -> float:
        """How long the nightly reconciliation takes, a function for each lane: some customers wait while others use its CPU."""
        cpu = self.measured.check_cpu_ms / self._processors(self.setup.bill_memory)
        wait = self.measured.check_requests * self.aws["latency_ms"]["request"] / READERS
        return customers / min(LANES, self.setup.list_shards) * max(cpu, wait) / 1000

    def _processors(self, memory: int) -> float:
        return min(1.0, memory / self.aws["limits"]["lambda_mib_per_vcpu"])


def run_units(chunk_size: int) -> int:
    """Write units that a chunk costs in the partition of its run: recorded, numbered in a transaction, finished, tallied."""
    task, whole = ceil(chunk_size * TASK_BYTES / 1024), ceil(chunk_size * (TASK_BYTES + OUTCOME_BYTES) / 1024)
    return task + 2 * task + whole + 1


def advise(model: Model, customers: int, seconds: float) -> Setup:
    """The least that has every customer billed and every document drawn in the time, as far as settings can help."""
    rate, partition = customers / seconds, model.aws["limits"]["partition_write_units"]
    units = model.measured.write_units + RENDER_UNITS
    return Setup(
        chunk_size=model.setup.chunk_size,
        workers=max(2, ceil(rate * model.chunk_seconds / model.setup.chunk_size)),
        list_shards=max(1, ceil(rate * LIST_UNITS / partition)),
        due_shards=max(1, ceil(rate * DUE_UNITS / partition)),
        warm=ceil(rate * units) if rate * units > model.aws["limits"]["table_write_units"] else 0,
        bill_memory=model.setup.bill_memory,
        render_memory=model.setup.render_memory,
    )
