"""Flows of bank entries that are decided anew: after their payment was cancelled, and where they were taken for seen before."""

from __future__ import annotations

from tests.faults.flow import Flow
from tests.faults.people import customer
from tests.faults.stage import Stage
from tests.support.statements import Row, csv_request

ROW = Row(amount="12.00", account="DE89", reference="R1")


def _cancelled(stage: Stage) -> None:
    """An entry that was confirmed for the wrong customer."""
    for name in ("busy", "wrong"):
        customer(stage, name)
    _note_entry(stage, ROW)
    booked = stage.story.done(stage.api.post(f"{stage.notes['entry']}/confirm", {"customer_id": "wrong"}), 200)
    stage.story.done(stage.api.patch(f"/payments/{booked['payment']['id']}", {"status": "cancelled"}), 200)


def _duplicate(stage: Stage) -> None:
    """An entry of a second file, and the one it was taken for, booked."""
    customer(stage, "busy")
    _note_entry(stage, ROW)
    stage.story.done(stage.api.post(f"{stage.notes['entry']}/confirm", {"customer_id": "busy"}), 200)
    _note_entry(stage, ROW, Row(amount="-1.00"))


def _note_entry(stage: Stage, *rows: Row) -> None:
    made = stage.story.done(stage.api.post("/bank-statements", csv_request(*rows)), 201)
    stage.notes["entry"] = f"/bank-statements/{made['id']}/entries/000002"


def _confirm(stage: Stage) -> None:
    stage.ask("POST", f"{stage.notes['entry']}/confirm", {"customer_id": "busy", "not_a_duplicate": True})


def _confirm_too(stage: Stage) -> None:
    """Another clerk thinks that it was right at first."""
    stage.ask("POST", f"{stage.notes['entry']}/confirm", {"customer_id": "wrong"})


def _booked_once(stage: Stage) -> list[str]:
    return _more_than(1, stage, "busy", "wrong")


def _booked_beside(stage: Stage) -> list[str]:
    return _more_than(2, stage, "busy")


def _more_than(most: int, stage: Stage, *customers: str) -> list[str]:
    """Payments that count, where there are more of them than entries of the bank."""
    found = [row for name in customers for row in stage.api.get(f"/customers/{name}/payments").json["items"]]
    counting = [row["id"] for row in found if row["status"] == "completed"]
    return [f"booked {len(counting)} times: {counting}"] if len(counting) > most else []


FLOWS = (
    Flow(name="confirm_again", prepare=_cancelled, act=_confirm, rival=_confirm_too, check=_booked_once),
    Flow(name="confirm_duplicate", prepare=_duplicate, act=_confirm, check=_booked_beside),
)
