"""Flows that move money: allocate, take back, refund, and the invoice that a payment creates."""

from __future__ import annotations

from tests.faults.flow import Flow
from tests.faults.people import a_payment, an_issued_invoice, customer
from tests.faults.stage import Stage


def _owing(stage: Stage) -> None:
    customer(stage, "busy")
    stage.notes["invoices"] = [an_issued_invoice(stage), an_issued_invoice(stage, price="20.00")]
    stage.notes["payment"] = a_payment(stage, "busy", "15.00")


def prepare_paid(stage: Stage) -> None:
    """Two invoices of 12.00 and 24.00, the first paid in part."""
    _owing(stage)
    first, _second = stage.notes["invoices"]
    pay = {"payment_id": stage.notes["payment"], "amount": "7.00"}
    made = stage.api.post(f"/invoices/{first}/payments", pay, headers={"Idempotency-Key": "a"})
    stage.notes["allocation"] = stage.story.done(made, 201)["id"]


def _allocate(stage: Stage) -> None:
    stage.ask("POST", f"/payments/{stage.notes['payment']}/allocate", {"strategy": "oldest_first"}, key="allocate")


def _pay_second(stage: Stage) -> None:
    """Another clerk is faster."""
    pay = {"payment_id": stage.notes["payment"], "amount": "9.00"}
    stage.ask("POST", f"/invoices/{stage.notes['invoices'][1]}/payments", pay, key="other clerk")


def _reverse(stage: Stage) -> None:
    stage.ask("DELETE", f"/invoices/{stage.notes['invoices'][0]}/payments/{stage.notes['allocation']}")


def _refund(stage: Stage) -> None:
    stage.ask("POST", f"/payments/{stage.notes['payment']}/refund", {"amount": "4.00"}, key="refund")


def _prepaid(stage: Stage) -> None:
    customer(stage, "busy", create_invoice_on_payment=True)


def _pay_in_advance(stage: Stage) -> None:
    body = {"customer_id": "busy", "amount": "24.00", "date": "2025-11-16"}
    stage.ask("POST", "/payments", body, key="advance")


FLOWS = (
    Flow(name="allocate", prepare=_owing, act=_allocate, rival=_pay_second),
    Flow(name="reverse", prepare=prepare_paid, act=_reverse, rival=_pay_second),
    Flow(name="refund", prepare=prepare_paid, act=_refund, rival=_pay_second),
    Flow(name="invoice_on_payment", prepare=_prepaid, act=_pay_in_advance, rival=_pay_in_advance),
)
