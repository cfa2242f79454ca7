"""Flows of a payment itself: recorded, completed, cancelled; what it pays is in the flows that move money."""

from __future__ import annotations

from tests.faults.flow import Flow
from tests.faults.people import customer
from tests.faults.stage import Stage

PAID = {"customer_id": "busy", "amount": "24.00", "date": "2025-11-16"}


def _somebody(stage: Stage) -> None:
    customer(stage, "busy")


def _pending(stage: Stage) -> None:
    """A payment that was announced and has not arrived."""
    customer(stage, "busy")
    _note(stage, {**PAID, "status": "pending"})


def _pending_prepaid(stage: Stage) -> None:
    """The same; when it arrives it brings the invoice that it pays."""
    customer(stage, "busy", create_invoice_on_payment=True)
    _note(stage, {**PAID, "status": "pending"})


def _completed(stage: Stage) -> None:
    customer(stage, "busy")
    _note(stage, PAID)


def _note(stage: Stage, body: dict[str, str]) -> None:
    made = stage.api.post("/payments", body, headers={"Idempotency-Key": "prepared"})
    stage.notes["payment"] = f"/payments/{stage.story.done(made, 201)['id']}"


def _refunded(stage: Stage) -> None:
    """4.00 of 24.00 went back by mistake."""
    _completed(stage)
    made = stage.api.post(f"{stage.notes['payment']}/refund", {"amount": "4.00"}, headers={"Idempotency-Key": "mistake"})
    stage.notes["refund"] = f"{stage.notes['payment']}/refunds/{stage.story.done(made, 200)['refunds'][0]['id']}"


def _record(stage: Stage) -> None:
    stage.ask("POST", "/payments", PAID, key="record")


def _complete(stage: Stage) -> None:
    """Without key and version, as a clerk clicks."""
    stage.ask("PATCH", stage.notes["payment"], {"status": "completed"})


def _cancel(stage: Stage) -> None:
    stage.ask("PATCH", stage.notes["payment"], {"status": "cancelled"})


def _refund(stage: Stage) -> None:
    """Another clerk gives part of it back, so that it cannot be cancelled any more."""
    stage.ask("POST", f"{stage.notes['payment']}/refund", {"amount": "4.00"}, key="other clerk")


def _take_refund_back(stage: Stage) -> None:
    """Without version, as a clerk clicks."""
    stage.ask("DELETE", stage.notes["refund"])


FLOWS = (
    Flow(name="record_payment", prepare=_somebody, act=_record, rival=_record),
    Flow(name="complete_payment", prepare=_pending, act=_complete, rival=_cancel),
    Flow(name="complete_prepaid", prepare=_pending_prepaid, act=_complete, rival=_cancel),
    Flow(name="cancel_payment", prepare=_completed, act=_cancel, rival=_refund),
    Flow(name="refund_reversed", prepare=_refunded, act=_take_refund_back, rival=_refund),
)
