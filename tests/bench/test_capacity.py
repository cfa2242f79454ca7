"""The model of large runs, with numbers that were worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import simulate
from bench.capacity import Measured, Model, Setup, advise, run_units

MEASURED = Measured(bill_cpu_ms=10, bill_requests=5, write_units=7, render_cpu_ms=200, check_cpu_ms=10, check_requests=8)
AWS: dict[str, dict[str, float]] = {
    "limits": {
        "lambda_concurrency": 100,
        "lambda_mib_per_vcpu": 1024,
        "sqs_functions_per_minute": 300,
        "partition_write_units": 1000,
        "table_write_units": 4500,
        "s3_puts_per_prefix": 3500,
    },
    "latency_ms": {"request": 10, "transaction": 15, "queue": 10},
    "prices": {
        "gb_second": 0.00002,
        "lambda_requests": 0.2,
        "write_units": 0.5,
        "read_units": 0.1,
        "s3_puts": 5,
        "s3_gets": 0.4,
        "sqs_requests": 0.5,
    },
}


@pytest.fixture
def model() -> Model:
    """One processor per GiB, everything else as in AWS; chunks of 100 by 20 workers."""
    return Model(MEASURED, Setup(bill_memory=1024, render_memory=1024), AWS)


def test_a_chunk_takes_its_cpu_and_its_waiting(model: Model) -> None:
    """100 × (10 ms CPU + 5 × 10 ms) = 6 s; with half a processor 7 s. A document: 200 ms + 3 × 10 ms."""
    assert model.chunk_seconds == pytest.approx(6)
    assert replace(model, setup=replace(model.setup, bill_memory=512)).chunk_seconds == pytest.approx(7)
    assert model.render_seconds == pytest.approx(0.23)


def test_each_part_takes_what_its_limit_allows(model: Model) -> None:
    """Customers a second, from the limits by hand."""
    assert model.capacities() == pytest.approx(
        {
            "Lambda concurrency of billing": 20 * 100 / 6,
            "counter transactions": 100 / 0.025,
            "partition of the run": 100_000 / 18,
            "partitions of the list": 16_000,
            "partitions of due customers": 32_000,
            "table throughput": 4500 / 9,
            "S3 PUT under documents/": 3500,
            "dispatcher and SQS": 100 / 0.011,
            "render CPU": 80 / 0.23,
        }
    )
    assert model.bottleneck()[0] == "Lambda concurrency of billing"


@pytest.mark.parametrize("size, units", [(1, 1 + 2 + 1 + 1), (50, 2 + 4 + 4 + 1), (100, 3 + 6 + 8 + 1)])
def test_a_chunk_costs_its_runs_partition(size: int, units: int) -> None:
    """Recorded, numbered at double price, finished with task and outcome, tallied; by the begun KiB."""
    assert run_units(size) == units


@pytest.mark.parametrize("customers, seconds", [(1_000, 1 + 6 + 0.23), (100_000, 2 + 300 + 0.23)])
def test_a_run_is_as_fast_as_its_slowest_part(model: Model, customers: int, seconds: float) -> None:
    """1,000 customers are ten chunks at once; 100,000 keep 20 workers busy for 300 s; before, half of the workers' start."""
    assert model.seconds(customers) == pytest.approx(seconds)


def test_the_nightly_check_takes_the_longer_of_cpu_and_waiting(model: Model) -> None:
    """10 ms CPU beside 8 × 10 ms of waiting, eight at a time: 10 ms a customer, in five lanes; with half a processor, 20."""
    assert model.check_seconds(100_000) == pytest.approx(200)
    assert replace(model, setup=replace(model.setup, bill_memory=512)).check_seconds(100_000) == pytest.approx(400)
    assert replace(model, setup=replace(model.setup, list_shards=1)).check_seconds(100_000) == pytest.approx(1000)


def test_a_run_costs_list_prices(model: Model) -> None:
    """A million customers: 10,000 chunks of 6 s, a million documents of 0.23 s, nine write units and four read units each."""
    assert model.dollars(1_000_000) == pytest.approx(
        {
            "Lambda": 290_000 * 0.00002 + 1.01 * 0.2,
            "DynamoDB": 9 * 0.5 + 4 * 0.1,
            "S3": 2.02 * 5 + 0.4,
            "SQS": 0.021 * 0.5,
        }
    )


def test_advice_makes_the_run_fit_the_time(model: Model) -> None:
    """A million in 1,000 s: 60 workers, one shard of the list, two of the due customers, 9,000 write units a second."""
    advised = advise(model, 1_000_000, 1_000)
    assert (advised.workers, advised.list_shards, advised.due_shards, advised.warm) == (60, 1, 2, 9_000)
    rates = replace(model, setup=advised).capacities()
    assert min(rate for part, rate in rates.items() if part != "render CPU") >= 1_000


def test_measured_cpu_is_brought_to_the_speed_of_lambda() -> None:
    """A machine whose reference loop takes twice as long counts half; calls and units stay."""
    case = {"reference_ms": 100.0}
    billing = {"CPU with the SDK": 30.0, "AWS requests": 5.0, "write units": 7.0}
    check = {"CPU with the SDK": 20.0, "AWS requests": 8.0}
    results = {
        "cases": {
            "billing": {**case, "figures": [{"name": name, "value": value} for name, value in billing.items()]},
            "pdf": {**case, "figures": [{"name": "one page, warm", "value": 400.0}]},
            "reconcile": {**case, "figures": [{"name": name, "value": value} for name, value in check.items()]},
        }
    }
    expected = replace(MEASURED, bill_cpu_ms=15, render_cpu_ms=200, check_cpu_ms=10, check_requests=8)
    assert simulate.read_measured(results, 50) == expected


def test_what_was_not_measured_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the figures there is nothing to reckon with; with those of the repository there are three tables."""
    empty = tmp_path / "results.json"
    empty.write_text(json.dumps({"cases": {}}))
    assert simulate.main(["--results", str(empty)]) == 1
    assert "python -m bench billing pdf reconcile" in capsys.readouterr().err
    assert simulate.main([]) == 0
    shown = capsys.readouterr().out
    assert all(words in shown for words in ("1,000,000", "counter transactions", "slowest part"))
