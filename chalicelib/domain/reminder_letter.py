"""A reminder of an unpaid invoice as a letter: frozen with what is due on its day. Values and the rule who gets one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.reminders import ReminderTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetter:
    """All that is printed; `made_on` is the customer's day. The invoice stands in it without its lines."""

    invoice: Invoice
    step: ReminderTemplate
    made_on: date
    design: Design

    @property
    def days_overdue(self) -> int:
        """Days since the due date; 0 up to it."""
        return max(0, (self.made_on - self.invoice.due_date).days)


def plan_letter(invoice: Invoice, step: ReminderTemplate, on: date, design: Design) -> ReminderLetter:
    """The letter of a step on the customer's day.

    Raises Conflict wrong_state where nothing is owed, for `upcoming` once the invoice is overdue, and for the others before.
    """
    is_owed = invoice.status is InvoiceStatus.ISSUED and invoice.kind is InvoiceKind.INVOICE and invoice.amount_due > 0
    if not is_owed:
        raise Conflict("wrong_state", "Nothing is due on this document.")
    if (step is ReminderTemplate.UPCOMING) == (invoice.due_date < on):
        fits = "while it is not overdue" if step is ReminderTemplate.UPCOMING else "once it is overdue"
        raise Conflict("wrong_state", f"An invoice gets {step!s} {fits}; this one is due on {invoice.due_date}.")
    return ReminderLetter(invoice=_as_printed(invoice), step=step, made_on=on, design=design)


def _as_printed(invoice: Invoice) -> Invoice:
    """The invoice without what changes, or is long, and is not on the letter: the same letter is the same value."""
    return replace(invoice, lines=(), days=(), version=1, change_id="", pdf_status=PdfStatus.READY, pdf_error="")
