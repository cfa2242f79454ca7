"""Runs the cases, each in a process of its own, prints a table and writes bench/results.json.

python -m bench [--small] [--results FILE] [case …]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import FULL, SMALL
from bench.machine import METHOD, describe_machine
from bench.stopwatch import reference_seconds

CASES = (
    "planning",
    "billing",
    "large_run",
    "reconcile",
    "import_usage",
    "usage_export",
    "pdf",
    "pdf_leak",
    "pdf_engines",
    "e_invoice",
    "api",
    "peer",
)
RESULTS = Path(__file__).with_name("results.json")
MARK = "figures: "


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a case as stored."""

    case: str
    reference_ms: float
    figures: list[dict[str, Any]]


def main(arguments: list[str]) -> int:
    """Run what is asked for; 1 when a target is missed."""
    options = _parse(arguments)
    if options.inside:
        _answer(options.inside, small=options.small)
        return 0
    results = [_run(case, small=options.small) for case in options.cases or CASES]
    Console(width=None if sys.stdout.isatty() else 160).print(_table(results))
    _write(options.results, results)
    missed = [figure for result in results for figure in result.figures if figure["is_met"] is False]
    return 1 if missed and not options.small else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("cases", nargs="*", metavar="case", help=", ".join(CASES), choices=[*CASES, []])
    parser.add_argument("--small", action="store_true", help="only see that every case runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--inside", choices=CASES, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _run(case: str, *, small: bool) -> Result:
    """A case in a process of its own, so that memory, imports and patches are its own."""
    command = [sys.executable, "-m", "bench", "--inside", case, *(["--small"] if small else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a fixed argument list
    if done.returncode:
        raise SystemExit(f"{case} failed:\n{done.stderr}")
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(MARK))
    return Result(case, **json.loads(line.removeprefix(MARK)))


def _answer(case: str, *, small: bool) -> None:
    size = SMALL if small else FULL
    figures = import_module(f"bench.cases.{case}").run(size)
    reference = round(reference_seconds(size.repeats) * 1000, 1)
    answer = {"reference_ms": reference, "figures": [figure.present() for figure in figures]}
    print(MARK + json.dumps(answer))


def _table(results: Iterable[Result]) -> Table:
    table = Table(
        "case", "figure", "value", "unit", "target", "met", "note", title="CPU seconds stretch under load: see the reference"
    )
    for result in results:
        for figure in result.figures:
            value = "–" if figure["value"] is None else f"{figure['value']:,.4g}"
            met = {True: "yes", False: "NO", None: ""}[figure["is_met"]]
            table.add_row(result.case, figure["name"], value, figure["unit"], figure["target"], met, figure["note"])
        table.add_row(result.case, "reference: a million additions", f"{result.reference_ms:,.4g}", "ms CPU", end_section=True)
    return table


def _write(path: Path, results: Iterable[Result]) -> None:
    """Replace the measured cases in the file and keep the others."""
    old = json.loads(path.read_text())["cases"] if path.exists() else {}
    machine = describe_machine()
    new = {
        result.case: {"machine": machine, "reference_ms": result.reference_ms, "figures": result.figures} for result in results
    }
    content = {"method": METHOD, "cases": {**old, **new}}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
