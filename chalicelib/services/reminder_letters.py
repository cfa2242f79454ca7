"""A reminder of an unpaid invoice as a letter: what is due on a day, in words of a step, drawn when somebody asks, or a mail."""

from __future__ import annotations

import re
from datetime import date

from chalicelib.domain.customer import Customer
from chalicelib.domain.designs import design_of
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.periods import local_date
from chalicelib.domain.reminder_letter import ReminderLetter, plan_letter
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.services.deps import Deps
from chalicelib.services.papers import PaperFile, ask_for_paper, draw_paper, find_paper
from chalicelib.store import codec
from chalicelib.store.customers import get_customer
from chalicelib.store.invoices import get_invoice
from chalicelib.store.objects import PaperKind
from chalicelib.store.settings import get_settings

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def find_letter(deps: Deps, invoice_id: str, step: ReminderTemplate) -> PaperFile:
    """A link to today's letter of a step, without url while it is being drawn.

    Raises NotFound, Conflict `wrong_state` where the step does not fit, `template_failed` when it could not be drawn.
    """
    invoice = get_invoice(invoice_id)
    today = local_date(deps.clock(), invoice.customer.timezone)
    letter = _plan(invoice, get_customer(invoice.customer_id), step, today)
    return find_paper(deps, PaperKind.REMINDERS, letter, letter_name(invoice, step, today))


def ask_for_letter(deps: Deps, invoice: Invoice, customer: Customer, step: ReminderTemplate, on: date) -> str | None:
    """Where the PDF of a step's letter of the customer's day lies; None while it is being drawn. Raises Conflict as above."""
    return ask_for_paper(deps, PaperKind.REMINDERS, _plan(invoice, customer, step, on))


def letter_name(invoice: Invoice, step: ReminderTemplate, on: date) -> str:
    """What the file is called, without its ending."""
    return f"reminder-{_UNSAFE.sub('-', invoice.number or '')}-{step}-{on}"


def render_letter(deps: Deps, key: str) -> None:
    """Draw the frozen letter under a key, or note why not; nothing for keys that are no letters."""
    from chalicelib.render.papers import render_reminder_pdf  # noqa: PLC0415  # only the render function pays for it

    draw_paper(deps, PaperKind.REMINDERS, key, lambda frozen: render_reminder_pdf(codec.load(ReminderLetter, frozen)))


def _plan(invoice: Invoice, customer: Customer, step: ReminderTemplate, on: date) -> ReminderLetter:
    return plan_letter(invoice, step, on, design_of(customer, get_settings()))
