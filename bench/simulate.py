"""Simulation on paper: how long a monthly run takes and what it costs, from measured figures, AWS limits and list prices.

python -m bench.simulate [--minutes 30] [--results FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.capacity import RENDER_UNITS, Measured, Model, Setup, advise

CENT = 0.005
SIZES = (1_000, 100_000, 1_000_000)
AWS = Path(__file__).with_name("aws.toml")
RESULTS = Path(__file__).with_name("results.json")
WANTED = {
    "bill_cpu_ms": ("billing", "CPU with the SDK"),
    "bill_requests": ("billing", "AWS requests"),
    "write_units": ("billing", "write units"),
    "render_cpu_ms": ("pdf", "one page, warm"),
    "check_cpu_ms": ("reconcile", "CPU with the SDK"),
    "check_requests": ("reconcile", "AWS requests"),
}
"""Where the measured figures stand in the results: case and figure."""


def main(arguments: list[str]) -> int:
    """Print the tables; 1 when something was not measured yet."""
    parser = argparse.ArgumentParser(prog="python -m bench.simulate")
    parser.add_argument("--minutes", type=float, default=30, help="in which a run is to be done, for the advice")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    aws = tomllib.loads(AWS.read_text(encoding="utf-8"))
    try:
        measured = read_measured(json.loads(options.results.read_text(encoding="utf-8")), aws["processor"]["reference_ms"])
    except KeyError as missing:
        print(f"Not measured yet: {missing}; run `python -m bench billing pdf reconcile` first.", file=sys.stderr)
        return 1
    console = Console(width=None if sys.stdout.isatty() else 172)
    model = Model(measured, Setup(), aws)
    console.print(describe(measured))
    console.print(runs_table("As set for production", dict.fromkeys(SIZES, model)))
    advised = {size: replace(model, setup=advise(model, size, options.minutes * 60)) for size in SIZES}
    console.print(runs_table(f"Set for a run in {options.minutes:g} minutes", advised))
    console.print(describe_check(model))
    console.print(parts_table(model, advised[SIZES[-1]]))
    return 0


def read_measured(results: dict[str, Any], reference_ms: float) -> Measured:
    """The figures of the bench; CPU brought to the speed of Lambda by the reference loop that ran beside it."""
    found: dict[str, float] = {}
    for name, (case, figure) in WANTED.items():
        values = {one["name"]: one["value"] for one in results["cases"][case]["figures"]}
        speed = reference_ms / results["cases"][case]["reference_ms"] if name.endswith("_ms") else 1
        found[name] = values[figure] * speed
    return Measured(**found)


def describe(measured: Measured) -> str:
    """What everything else is reckoned from."""
    return (
        f"Measured, at the speed of a processor of Lambda. A customer billed: {measured.bill_cpu_ms:.1f} ms CPU, "
        f"{measured.bill_requests:.2f} requests, {measured.write_units:.2f} write units. "
        f"A document drawn: {measured.render_cpu_ms:.0f} ms CPU."
    )


def describe_check(model: Model) -> str:
    """How long the nightly reconciliation takes."""
    times = ", ".join(f"{present_time(model.check_seconds(size))} for {size:,} customers" for size in SIZES)
    return f"Nightly reconciliation: {times}."


def runs_table(title: str, models: dict[int, Model]) -> Table:
    """One row a size: settings, time, load, cost, and what holds it up."""
    table = Table(title=title)
    for name in ("customers", "workers", "list / due shards", "warm units/s", "time", "write units/s", "cost"):
        table.add_column(name, justify="right")
    for name in ("of it", "slowest part"):
        table.add_column(name)
    for customers, model in models.items():
        table.add_row(*_run_row(customers, model))
    return table


def _run_row(customers: int, model: Model) -> tuple[str, ...]:
    setup, costs, seconds = model.setup, model.dollars(customers), model.seconds(customers)
    return (
        f"{customers:,}",
        str(setup.workers),
        f"{setup.list_shards} / {setup.due_shards}",
        f"{setup.warm:,}" if setup.warm else "–",
        present_time(seconds),
        f"{customers / seconds * (model.measured.write_units + RENDER_UNITS):,.0f}",
        f"${sum(costs.values()):,.2f}",
        ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items() if cost >= CENT),
        model.bottleneck()[0],
    )


def parts_table(now: Model, advised: Model) -> Table:
    """What each part can take, as set for production and as advised for the largest run."""
    table = Table(title="Customers a second that each part can take")
    for name in ("part", "production", f"advised for {SIZES[-1]:,}"):
        table.add_column(name, justify="left" if name == "part" else "right")
    for name, capacity in sorted(now.capacities().items(), key=lambda part: part[1]):
        table.add_row(name, f"{capacity:,.0f}", f"{advised.capacities()[name]:,.0f}")
    return table


def present_time(seconds: float) -> str:
    """Seconds as people say it.

    >>> present_time(59.6), present_time(3725)
    ('60 s', '1 h 02 min')
    """
    if seconds < 120:  # noqa: PLR2004  # two minutes
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"  # noqa: PLR2004  # an hour


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
