"""How the platform brings events and messages otherwise than once and in order, and who has acted by the time they come again."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from chalicelib.store.books import load_books
from chalicelib.store.customers import list_customers
from tests.faults.flow import Flow
from tests.faults.people import a_payment
from tests.faults.stage import Stage

ALL = 200
SKEW = timedelta(minutes=15)
"""How far a clock is off: more than any lease lasts."""


class Delivery(StrEnum):
    """`doubled`: the event comes twice; `reordered`: what was sent last comes first, the next run before this one's messages.

    `skewed`: it comes to workers whose clocks are slow, then fast, before one is right. `late`: everything comes once more when
    all is done, and a clerk has paid and voided documents.
    """

    ONCE = "once"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    SKEWED = "skewed"
    LATE = "late"


def deliver(stage: Stage, flow: Flow, delivery: Delivery) -> None:
    """The act again, as the platform repeats it, until nothing is left to do; then what comes after the act."""
    if delivery is Delivery.SKEWED:
        _deliver_skewed(stage, flow)
    for _ in range(2 if delivery is Delivery.DOUBLED else 1):
        flow.act(stage)
    if delivery is Delivery.REORDERED:
        stage.receive()
        stage.newest_first = True
        flow.afterwards(stage)
    stage.settle()
    if delivery is not Delivery.REORDERED:
        flow.afterwards(stage)
        stage.settle()


def _deliver_skewed(stage: Stage, flow: Flow) -> None:
    for skew in (-SKEW, SKEW):
        stage.pass_time(skew)
        flow.act(stage)
        stage.work_off()
        stage.pass_time(-skew)


def let_clerk_act(stage: Stage) -> None:
    """Of every customer the first unpaid invoice is paid and the last one voided, where the rules let it be."""
    for customer in list_customers("", ALL, None, 1)[0]:
        unpaid = [one for one in load_books(customer.id).invoices if one.listed == "unpaid" and one.kind == "invoice"]
        if unpaid:
            pay = {"payment_id": a_payment(stage, customer.id, "1.00"), "amount": "1.00"}
            stage.ask("POST", f"/invoices/{unpaid[0].id}/payments", pay, key=f"clerk-{customer.id}")
            stage.ask("POST", f"/invoices/{unpaid[-1].id}/void", key=f"clerk-void-{customer.id}")
    stage.settle()


def deliver_all_again(stage: Stage, flow: Flow) -> None:
    """The act, and every message there ever was, the newest first."""
    flow.act(stage)
    stage.messages().extend(message for message in stage.delivered if message not in stage.messages())
    stage.newest_first = True
    stage.settle()
