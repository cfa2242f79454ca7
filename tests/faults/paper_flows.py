"""Flows over single documents: issue, revise, void, delete, render; and what the sweep finds."""

from __future__ import annotations

from datetime import timedelta

from tests.faults.billing_flows import prepare_chunk, run_chunk
from tests.faults.faults import Fault, Kind, Plan
from tests.faults.flow import Flow
from tests.faults.people import DUE, an_issued_invoice, customer, three_customers
from tests.faults.stage import Stage, attempt
from tests.support.aws_calls import watched
from tests.support.story import raw_event

ETAG = "etag"


def _draft(stage: Stage) -> None:
    customer(stage, "busy")
    an_issued_invoice(stage)
    _note(stage, an_issued_invoice(stage, price="12.50", issue=False))


def _issued(stage: Stage) -> None:
    customer(stage, "busy")
    _note(stage, an_issued_invoice(stage))


def _billed(stage: Stage) -> None:
    three_customers(stage)
    stage.fire("monthly", DUE)
    stage.work_off()
    _note(stage, stage.story.invoices("busy")[0]["id"])


def _note(stage: Stage, invoice_id: str) -> None:
    stage.notes["invoice"] = invoice_id
    stage.notes[ETAG] = stage.api.get(f"/invoices/{invoice_id}").headers["etag"]


def _issue(stage: Stage) -> None:
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/issue", key="issue")


def _issue_without_key(stage: Stage) -> None:
    """Again it is refused: the invoice is issued. Its document must come all the same."""
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/issue")


def _revise(stage: Stage) -> None:
    change = {"lines": [{"description": "More work", "quantity": "2", "unit_price": "10.00"}]}
    stage.ask("PATCH", f"/invoices/{stage.notes['invoice']}", change, headers={"If-Match": stage.notes[ETAG]})


def _revise_otherwise(stage: Stage) -> None:
    stage.ask("PATCH", f"/invoices/{stage.notes['invoice']}", {"notes": "Thank you"}, headers={"If-Match": stage.notes[ETAG]})


def _void(stage: Stage) -> None:
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/void", key="void")


def _bill_again(stage: Stage) -> None:
    stage.fire("monthly", "2025-12-01T08:15:00Z")
    stage.work_off()


def _drafts(stage: Stage) -> None:
    etag = stage.api.get("/settings").headers["etag"]
    stage.story.done(stage.api.put("/settings", {"generated_invoices": "draft"}, headers={"If-Match": etag}), 200)
    _billed(stage)


def _delete(stage: Stage) -> None:
    stage.ask("DELETE", f"/invoices/{stage.notes['invoice']}")


def _render(stage: Stage) -> None:
    stage.upload(f"documents/{stage.notes['invoice']}/0.json")


def _render_accessible(stage: Stage) -> None:
    stage.ask("GET", f"/invoices/{stage.notes['invoice']}/pdf?variant=ua")
    stage.upload(f"documents/{stage.notes['invoice']}/0.ua.json")


def _no_accessible_pdf(stage: Stage) -> list[str]:
    """It is there, and the next one who asks gets it."""
    reply = stage.ask("GET", f"/invoices/{stage.notes['invoice']}/pdf?variant=ua")
    return [] if reply and reply.status == 200 else [f"no accessible PDF: {reply}"]


def _neglected(stage: Stage) -> None:
    """A chunk that died when it had its numbers, another run nobody dispatched, and a document nobody rendered."""
    prepare_chunk(stage)
    an_issued_invoice(stage, "quiet")
    before = stage.save()
    count = Plan()
    with watched(count):
        run_chunk(stage)
    numbered = next(
        at for at, seen in enumerate(count.seen, 1) if seen.operation == "TransactWriteItems" and at > len(count.seen) / 2
    )
    stage.load(before)
    with watched(Plan([Fault(numbered, Kind.DIE_AFTER)])):
        assert not attempt(run_chunk, stage)
    stage.messages().clear()
    stage.notes["messages"] = []
    with watched(Plan([Fault(3, Kind.DIE_AFTER)])):
        attempt(lambda stage: stage.fire("monthly", "2025-12-01T07:15:00Z"), stage)
    stage.pass_time(timedelta(minutes=11))


def _sweep(stage: Stage) -> None:
    stage.invoke("sweep", raw_event("scheduled"))
    stage.receive()
    stage.deliver()


FLOWS = (
    Flow(name="issue", prepare=_draft, act=_issue, rival=_issue_without_key),
    Flow(name="issue_without_key", prepare=_draft, act=_issue_without_key),
    Flow(name="revise", prepare=_issued, act=_revise, rival=_revise_otherwise),
    Flow(name="void", prepare=_billed, act=_void, rival=_revise_otherwise, afterwards=_bill_again),
    Flow(name="delete_draft", prepare=_drafts, act=_delete, afterwards=_bill_again),
    Flow(name="render", prepare=_issued, act=_render, keeps_paper=True),
    Flow(name="render_accessible", prepare=_issued, act=_render_accessible, check=_no_accessible_pdf),
    Flow(name="sweep", prepare=_neglected, act=_sweep, keeps_paper=True),
)
