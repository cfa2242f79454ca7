"""Flows that send mails: by hand, and the daily reminders. Whatever happens, no mail arrives twice, and none is left lying."""

from __future__ import annotations

from chalicelib.store import objects
from tests.faults.flow import Flow
from tests.faults.people import an_issued_invoice, customer
from tests.faults.stage import Stage
from tests.support.mailroom import PDF, SENDER, Mailroom, attached_names
from tests.support.story import raw_event

LOOK = "2025-12-10T08:30:00Z"
"""Eleven days after the invoice was due."""


def _owing(stage: Stage) -> None:
    steps = [{"days_after_due": 7, "template": "first"}]
    stage.story.done(stage.api.put("/settings", {"email_from": SENDER, "reminders": steps}), 200)
    customer(stage, "busy", email="ap@busy.example")
    stage.notes["invoice"] = an_issued_invoice(stage)
    objects.put_object(objects.pdf_key(stage.notes["invoice"], 0), PDF)


def _click(stage: Stage) -> None:
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/email", {}, key="mail")
    stage.work_off()


def _remind(stage: Stage) -> None:
    """The mail waits for its letter, so it is the sweep that has it sent."""
    stage.invoke("remind_customers", {**raw_event("scheduled"), "time": LOOK})
    stage.work_off()


def _without_letter(stage: Stage) -> list[str]:
    """What arrived brings the letter, unless the invoice was taken back."""
    names = [attached_names(message) for message in Mailroom().sent]
    return [f"no letter: {some}" for some in names if len(some) != len(("letter", "invoice"))]


def _void(stage: Stage) -> None:
    """Another clerk takes the invoice back."""
    stage.ask("POST", f"/invoices/{stage.notes['invoice']}/void", key="other clerk")


FLOWS = (
    Flow(name="mail_by_hand", prepare=_owing, act=_click, rival=_void),
    Flow(name="remind", prepare=_owing, act=_remind, rival=_void, check=_without_letter),
)
