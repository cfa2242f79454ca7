"""A reminder of an unpaid invoice as a letter: what is due today, in words of a step, drawn when somebody asks for it."""

from __future__ import annotations

import re

from chalicelib.domain.designs import design_of
from chalicelib.domain.periods import local_date
from chalicelib.domain.reminder_letter import ReminderLetter, plan_letter
from chalicelib.domain.reminders import ReminderTemplate
from chalicelib.render.papers import render_reminder_pdf
from chalicelib.services.deps import Deps
from chalicelib.services.papers import PaperFile, draw_paper, find_paper
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
    design = design_of(get_customer(invoice.customer_id), get_settings())
    letter = plan_letter(invoice, step, today, design)
    return find_paper(deps, PaperKind.REMINDERS, letter, f"reminder-{_UNSAFE.sub('-', invoice.number or '')}-{step}-{today}")


def render_letter(deps: Deps, key: str) -> None:
    """Draw the frozen letter under a key, or note why not; nothing for keys that are no letters."""
    draw_paper(deps, PaperKind.REMINDERS, key, lambda frozen: render_reminder_pdf(codec.load(ReminderLetter, frozen)))
