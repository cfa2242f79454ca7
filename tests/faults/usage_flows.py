"""Flows that take usage in: a file with new, repeated, late and bad rows, beside billing and beside another file."""

from __future__ import annotations

from tests.faults.flow import Flow
from tests.faults.people import DUE, NEXT_MONTH, call, three_customers, usage_file
from tests.faults.stage import Stage

FILE = (
    call("3", "busy", "2025-11-30T23:59:59Z", "0.005", "France"),
    call("6", "busy", "2025-11-30T10:00:00Z", "0.25"),
    call("7", "busy", "2025-12-01T10:00:00Z", "0.50"),
    call("8", "tardy", "2025-10-30T10:00:00Z", "0.125"),
    call("9", "nobody", "2025-11-05T10:00:00Z", "1.00"),
    call("10", "quiet", "2025-11-05T10:00:00Z", "one"),
)
OTHER = (call("6", "busy", "2025-11-30T10:00:00Z", "0.25"), call("11", "busy", "2025-11-30T11:00:00Z", "0.75"))


def _dropped(stage: Stage) -> None:
    three_customers(stage)
    stage.notes["file"] = usage_file(stage, "second.csv", *FILE)
    stage.notes["other"] = usage_file(stage, "other.csv", *OTHER)


def _import(stage: Stage) -> None:
    stage.upload(stage.notes["file"])


def _import_other(stage: Stage) -> None:
    stage.upload(stage.notes["other"])


def _bill(stage: Stage) -> None:
    stage.fire("monthly", DUE)
    stage.work_off()


def _bill_next_month(stage: Stage) -> None:
    stage.fire("monthly", NEXT_MONTH)
    stage.work_off()


FLOWS = (
    Flow(name="import", prepare=_dropped, act=_import, rival=_import_other),
    Flow(
        name="import_beside_billing",
        prepare=_dropped,
        act=_import,
        rival=_bill,
        is_about_rival=True,
        afterwards=_bill_next_month,
    ),
)
