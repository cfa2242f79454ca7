"""Flows of bank statements and of many at once: take in, confirm, one payment on many invoices, many payments on one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from chalicelib.domain.allocation import MAX_ALLOCATIONS
from chalicelib.services.allocations import job_message
from tests.faults.flow import Flow
from tests.faults.people import a_payment, an_issued_invoice, customer
from tests.faults.stage import Stage
from tests.support.http import Reply
from tests.support.statements import Row, csv_request
from tests.support.story import raw_event

ROWS = (Row(amount="12.00", name="Busy", account="DE89", reference="R1"), Row(amount="-3.00"), Row(amount="5.00", name="Busy"))


def _owing(stage: Stage) -> None:
    customer(stage, "busy")
    stage.notes["invoice"] = an_issued_invoice(stage)


def _take_in(stage: Stage) -> None:
    """Without a key: the file itself says that it is the same."""
    stage.ask("POST", "/bank-statements", csv_request(*ROWS))


def _take_in_overlap(stage: Stage) -> None:
    """Another clerk is faster with a file that has one of the rows too."""
    stage.ask("POST", "/bank-statements", csv_request(ROWS[0], Row(amount="1.00")))


def _confirm_all(stage: Stage) -> None:
    """Book whatever waits: each entry of the rows once."""
    for statement in stage.story.done(stage.api.get("/bank-statements"), 200)["items"]:
        path = f"/bank-statements/{statement['id']}/entries"
        for entry in stage.story.done(stage.api.get(path), 200)["items"]:
            if entry["status"] == "pending":
                stage.story.done(stage.api.post(f"{path}/{entry['id']}/confirm", {"customer_id": "busy"}), 200)


def _waiting(stage: Stage) -> None:
    _owing(stage)
    _note_entry(stage)


def _waiting_prepaid(stage: Stage) -> None:
    customer(stage, "busy", create_invoice_on_payment=True)
    _note_entry(stage)


def _note_entry(stage: Stage) -> None:
    made = stage.story.done(stage.api.post("/bank-statements", csv_request(*ROWS)), 201)
    stage.notes["entry"] = f"/bank-statements/{made['id']}/entries/000002"


def _confirm(stage: Stage) -> None:
    """Without a key: an entry is confirmed once by what it is."""
    lines = [{"invoice_id": stage.notes["invoice"], "amount": "10.00"}]
    stage.ask("POST", f"{stage.notes['entry']}/confirm", {"customer_id": "busy", "allocations": lines})


def _confirm_prepaid(stage: Stage) -> None:
    stage.ask("POST", f"{stage.notes['entry']}/confirm", {"customer_id": "busy"})


def _dismiss(stage: Stage) -> None:
    """Another clerk thinks otherwise."""
    stage.ask("POST", f"{stage.notes['entry']}/dismiss", {})


def _owing_much(stage: Stage) -> None:
    customer(stage, "busy")
    stage.notes["invoices"] = [an_issued_invoice(stage, price="2.00") for _ in range(MAX_ALLOCATIONS + 2)]
    stage.notes["payment"], stage.notes["other"] = a_payment(stage, "busy", "90.00"), a_payment(stage, "busy", "2.00")


def _begin(stage: Stage) -> Reply | None:
    lines: list[dict[str, Any]] = [{"invoice_id": one, "amount": "1.00"} for one in stage.notes["invoices"]]
    return stage.ask("POST", f"/payments/{stage.notes['payment']}/allocate", {"allocations": lines}, key="steps")


def _pay_all(stage: Stage) -> None:
    _begin(stage)
    stage.work_off()


def _pay_elsewhere(stage: Stage) -> None:
    """Another clerk pays the last invoice from other money, so that its step does not fit as a whole."""
    body = {"payment_id": stage.notes["other"], "amount": "2.00"}
    paid = stage.ask("POST", f"/invoices/{stage.notes['invoices'][-1]}/payments", body, key="elsewhere")
    stage.notes["elsewhere"] = paid.json.get("id") if paid else None


def _owing_beside(stage: Stage) -> None:
    """The job is begun; its second step does not fit as a whole any more."""
    _owing_much(stage)
    begun = _begin(stage)
    assert begun is not None
    stage.notes["job"] = stage.story.done(begun, 202)["id"]
    _pay_elsewhere(stage)


def _drive(stage: Stage) -> None:
    """The job's message comes."""
    event = raw_event("queue_message")
    body = json.dumps(job_message(stage.notes["payment"], stage.notes["job"]))
    event["Records"][0].update(messageId="job", body=body)
    stage.invoke("bill_customers", event)


def _take_back(stage: Stage) -> None:
    """The other clerk takes it back: by now the step would fit as a whole."""
    stage.ask("DELETE", f"/invoices/{stage.notes['invoices'][-1]}/payments/{stage.notes['elsewhere']}")


def _paid_twice(stage: Stage) -> list[str]:
    """Invoices that got the same line of the job more than once."""
    shown = stage.story.done(stage.api.get(f"/payments/{stage.notes['payment']}"), 200)
    paid = Counter(row["invoice_id"] for row in shown["allocations"])
    return [f"paid {count} times: {invoice}" for invoice, count in paid.items() if count > 1]


def _owing_jointly(stage: Stage) -> None:
    _owing(stage)
    stage.notes["payments"] = [a_payment(stage, "busy", amount) for amount in ("6.00", "7.00")]


def _pay_jointly(stage: Stage) -> None:
    parts = [{"payment_id": one, "amount": "5.00"} for one in stage.notes["payments"]]
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/payments", {"payments": parts}, key="jointly")


def _refund_one(stage: Stage) -> None:
    """Another clerk gives part of a payment back."""
    stage.ask("POST", f"/payments/{stage.notes['payments'][0]}/refund", {"amount": "2.00"}, key="other clerk")


FLOWS = (
    Flow(name="take_statement_in", prepare=_owing, act=_take_in, rival=_take_in_overlap, afterwards=_confirm_all),
    Flow(name="confirm_entry", prepare=_waiting, act=_confirm, rival=_dismiss),
    Flow(name="confirm_prepaid", prepare=_waiting_prepaid, act=_confirm_prepaid, rival=_dismiss),
    Flow(name="allocate_in_steps", prepare=_owing_much, act=_pay_all, check=_paid_twice),
    Flow(
        name="allocate_line_by_line",
        prepare=_owing_beside,
        act=_drive,
        between=_take_back,
        has_own_result=False,
        check=_paid_twice,
    ),
    Flow(name="pay_jointly", prepare=_owing_jointly, act=_pay_jointly, rival=_refund_one),
)
