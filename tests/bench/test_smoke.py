"""The cases of the bench run; their figures at this size mean nothing. Peers are left out: they need not be installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import CASES
from bench.figures import Figure

ROOT = Path(__file__).parents[2]
OURS = [case for case in CASES if case not in {"peer", "pdf_engines"}]


def test_every_case_runs_and_writes_its_figures(tmp_path: Path) -> None:
    """Run small, as `python -m bench` runs them, into a file of results."""
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", *OURS, "--small", "--results", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed argument list
    assert done.returncode == 0, done.stderr
    written = json.loads(results.read_text())["cases"]
    assert set(written) == set(OURS)
    assert all(case["figures"] and case["reference_ms"] for case in written.values())
    assert all({"processor", "python", "date"} <= set(case["machine"]) for case in written.values())


@pytest.mark.parametrize(
    "figure, met",
    [
        (Figure(name="x", value=8.0, unit="ms", at_most=8), True),
        (Figure(name="x", value=8.1, unit="ms", at_most=8), False),
        (Figure(name="x", value=999, unit="per s", at_least=1000), False),
        (Figure(name="x", value=None, unit="ms", at_most=8), None),
        (Figure(name="x", value=1.0, unit="ms"), None),
    ],
)
def test_a_target_is_met_missed_or_not_asked(figure: Figure, met: bool | None) -> None:
    """Limits belong to the target; what was not measured meets nothing."""
    assert figure.is_met is met
