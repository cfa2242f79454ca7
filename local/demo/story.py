"""The demo from start to finish: set up, calls in, schedules, late calls, payments, PDFs, and an independent check of every sum.

Uses the public API, the bucket and the schedules; looks into no table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from local.children import start_child
from local.demo import books, setting_up
from local.demo.api import Api
from local.demo.calls import CallFiles, write_calls
from local.demo.check import check_sums
from local.demo.progress import Stages
from local.demo.report import Outcome, print_report
from local.demo.world import DemoCustomer, Month, last_full_month, read_customers
from local.home import Home, LocalError
from local.ministack import make_client
from local.tokens import make_token

PATIENCE = 90.0
"""Seconds without any progress after which the demo gives up."""
GENERATORS = {"generate_daily": "daily", "generate_weekly": "weekly", "generate_monthly": "monthly"}
SETTLED = timedelta(days=2)
"""How long ago a month must have ended: schedules do not fire in the future, and late calls come a day later."""
FIRST_AT, LATE_AT = time(12, tzinfo=UTC), timedelta(days=1)
"""Noon UTC: by then the month is over and settled in every zone of the demo, and the next day is not over in any."""


class Story:
    """What the stages share."""

    def __init__(self, home: Home, api: str, environment: Mapping[str, str]) -> None:
        """Prepare; nothing happens yet."""
        self.home, self.environment = home, environment
        self.api = Api(api, make_token(home, "admin"))
        self.stages = Stages()
        self.month: Month = last_full_month((datetime.now(UTC) - SETTLED).date())
        self.customers: list[DemoCustomer] = read_customers(self.month)
        self._s3 = make_client("s3", environment)
        self._bucket = environment["BUCKET"]

    def tell(self) -> Outcome:
        """All stages in order."""
        files = self._generate()
        setting_up.set_up(self.api, self.stages, self.customers, self.month)
        self._import(files.month, "Import calls")
        self._drop(files.month[0], "again-")
        as_of = datetime.combine(self.month.next_first, FIRST_AT)
        self._fire("Bill the month", as_of, GENERATORS)
        self._import((files.late,), "Import late calls")
        self._fire("Bill the late calls", as_of + LATE_AT, {"generate_daily": "daily"})
        paid = books.record_payments(self.api, self.stages)
        self._render()
        return self._check(files, paid)

    def _generate(self) -> CallFiles:
        with self.stages.stage("Generate calls", len(self.customers)):
            return write_calls(self.home.root / "demo", self.customers, self.month)

    def _import(self, files: tuple[Path, ...], name: str) -> None:
        before = self._finished_batches()
        for path in files:
            self._drop(path)
        self.stages.wait(name, len(files), lambda: self._finished_batches() - before, seconds=PATIENCE)

    def _drop(self, path: Path, prefix: str = "") -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"usage/incoming/{prefix}{path.name}", Body=path.read_bytes())

    def _finished_batches(self) -> int:
        return sum(batch["status"] in {"done", "refused"} for batch in self.api.pages("/usage/batches"))

    def _fire(self, name: str, as_of: datetime, functions: Mapping[str, str]) -> None:
        """Fire the schedules at that instant, and wait until their runs are done."""
        instant = as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
        log = self.home.logs / "schedules.log"
        child = start_child("schedules", ["local.fire", instant, *functions], self.environment, log)
        if child.process.wait() != 0:
            raise LocalError(f"A schedule failed; see {log}.")
        due = [run for run in self._runs(as_of) if run["frequency"] in functions.values()]
        total = sum(run["due"] for run in due)
        self.stages.wait(name, total, lambda: self._billed(as_of), seconds=PATIENCE)

    def _runs(self, as_of: datetime) -> list[dict[str, Any]]:
        return [run for run in self.api.pages("/billing-runs") if datetime.fromisoformat(run["as_of"]) == as_of]

    def _billed(self, as_of: datetime) -> int:
        runs = self._runs(as_of)
        if failures := [failure for run in runs for failure in run["failures"]]:
            raise LocalError(f"Customers could not be billed: {failures}")
        return sum(run["done"] for run in runs)

    def _render(self) -> None:
        total = self._count("documents/")
        self.stages.wait("Render PDFs", total, lambda: self._count("pdf/"), seconds=PATIENCE)

    def _count(self, prefix: str) -> int:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return sum(page["KeyCount"] for page in pages)

    def _check(self, files: CallFiles, paid: int) -> Outcome:
        with self.stages.stage("Check every sum", 1):
            invoices = books.read_invoices(self.api)
            check = check_sums(files, self.customers, invoices)
            batches = list(self.api.pages("/usage/batches"))
            links = books.download_samples(self.api, invoices, self.home.root / "demo")
        return Outcome(self.month, batches, invoices, check, links, paid, self.stages.seconds)


def tell(home: Home, api: str, environment: Mapping[str, str]) -> bool:
    """Run the demo, print its result on standard output, and note that it is loaded; True when every check holds."""
    story = Story(home, api, environment)
    with story.stages.progress:
        outcome = story.tell()
    print_report(outcome)
    home.demo_note.write_text(json.dumps({"month": outcome.month.label, "passed": outcome.passed}), encoding="utf-8")
    return outcome.passed
