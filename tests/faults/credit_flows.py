"""Flows that give credit: credit notes on request, and those that a run makes where a total is negative."""

from __future__ import annotations

from tests.faults.billing_flows import run_chunk
from tests.faults.flow import Flow
from tests.faults.money_flows import prepare_paid
from tests.faults.people import DUE, NEXT_MONTH, an_issued_invoice, customer
from tests.faults.stage import Stage


def _credit(stage: Stage) -> None:
    """7.00 of the 12.00 are paid, so part of the credit lowers what is due and the rest is the customer's."""
    body = {"reason": "Wrong price", "lines": [{"line_id": "1", "net": "8.00"}]}
    stage.ask("POST", f"/invoices/{stage.notes['invoices'][0]}/credit-notes", body, key="credit")


def _credit_rest(stage: Stage) -> None:
    """Another clerk credits the same invoice."""
    body = {"reason": "Order cancelled", "amount": "5.00"}
    stage.ask("POST", f"/invoices/{stage.notes['invoices'][0]}/credit-notes", body, key="other clerk")


def _pay_rest(stage: Stage) -> None:
    """The invoice is paid while it is credited."""
    pay = {"payment_id": stage.notes["payment"], "amount": "5.00"}
    stage.ask("POST", f"/invoices/{stage.notes['invoices'][0]}/payments", pay, key="other clerk")


def _unused(stage: Stage) -> None:
    """A package that was charged for November ends on the tenth: 20.00 are to come back with December."""
    customer(stage, "busy")
    package = {"name": "Line", "unit_price": "30.00", "match_days": [1], "prorate": True}
    made = stage.story.done(stage.api.post("/packages", package), 201)
    assigned = {"package_id": made["id"], "start_date": "2025-11-01"}
    one = stage.story.done(stage.api.post("/customers/busy/packages", assigned), 201)
    stage.fire("monthly", DUE)
    stage.work_off()
    stage.story.done(stage.api.patch(f"/customers/busy/packages/{one['id']}", {"end_date": "2025-11-10"}), 200)
    stage.notes["invoices"] = [an_issued_invoice(stage)]


def _run_gives_back(stage: Stage) -> None:
    """The run of December has cut its chunk, and the message is under way."""
    _unused(stage)
    stage.fire("monthly", NEXT_MONTH)
    stage.receive()
    stage.notes["messages"] = list(stage.messages())
    stage.messages().clear()


def _draft_gives_back(stage: Stage) -> None:
    """The run of December left its credit note as a draft."""
    _unused(stage)
    stage.story.done(stage.api.put("/settings", {"name": "Telco", "generated_invoices": "draft"}), 200)
    stage.fire("monthly", NEXT_MONTH)
    stage.work_off()
    (stage.notes["draft"],) = [one["id"] for one in stage.story.invoices("busy", kind="credit_note")]


def _issue(stage: Stage) -> None:
    stage.ask("POST", f"/invoices/{stage.notes['draft']}/issue", key="issue")


FLOWS = (
    Flow(name="credit", prepare=prepare_paid, act=_credit, rival=_credit_rest),
    Flow(name="credit_while_paid", prepare=prepare_paid, act=_credit, rival=_pay_rest, is_about_rival=True),
    Flow(name="credit_of_run", prepare=_run_gives_back, act=run_chunk, rival=_credit_rest),
    Flow(name="credit_of_draft", prepare=_draft_gives_back, act=_issue, rival=_issue),
)
