"""What may be done to a document in which state: one table, served by the API and obeyed by every use case.

Refuses actions and plans revisions; it carries nothing out and does not judge the lines themselves (see `line_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.line_rules import validate_total
from chalicelib.domain.operator import IssuedInvoices, OperatorSettings
from chalicelib.domain.totals import apply_totals


class Action(StrEnum):
    """Everything that can be asked of a document; `edit` changes a draft, `revise` an issued one."""

    EDIT = "edit"
    ISSUE = "issue"
    DELETE = "delete"
    REVISE = "revise"
    VOID = "void"
    ALLOCATE = "allocate"
    CREDIT = "credit"
    RENDER = "render"


Guard = Callable[[Invoice, OperatorSettings], str]
"""Gives the code of what stands in the way, or an empty string."""


def _free(_invoice: Invoice, _settings: OperatorSettings) -> str:
    return ""


def _unlocked(_invoice: Invoice, settings: OperatorSettings) -> str:
    return "issued_locked" if settings.issued_invoices is IssuedInvoices.LOCKED else ""


def _untouched(invoice: Invoice, _settings: OperatorSettings) -> str:
    return "has_payments" if invoice.amount_paid or invoice.amount_credited else ""


def _owed(invoice: Invoice, _settings: OperatorSettings) -> str:
    return "" if invoice.amount_due > 0 else "over_allocated"


def _creditable(invoice: Invoice, _settings: OperatorSettings) -> str:
    return "" if invoice.amount_credited < invoice.total else "over_credited"


_DRAFT: Mapping[Action, Guard] = {Action.EDIT: _free, Action.ISSUE: _free, Action.DELETE: _free}
_PRINTED: Mapping[Action, Guard] = {Action.RENDER: _free}
_ISSUED: Mapping[Action, Guard] = {
    Action.REVISE: _unlocked,
    Action.VOID: _untouched,
    Action.ALLOCATE: _owed,
    Action.CREDIT: _creditable,
    Action.RENDER: _free,
}

_NAMED = {InvoiceKind.INVOICE: "An invoice", InvoiceKind.CREDIT_NOTE: "A credit note"}

TABLE: Mapping[tuple[InvoiceKind, InvoiceStatus], Mapping[Action, Guard]] = {
    (InvoiceKind.INVOICE, InvoiceStatus.DRAFT): _DRAFT,
    (InvoiceKind.INVOICE, InvoiceStatus.ISSUED): _ISSUED,
    (InvoiceKind.INVOICE, InvoiceStatus.VOID): _PRINTED,
    (InvoiceKind.CREDIT_NOTE, InvoiceStatus.DRAFT): _DRAFT,
    # An issued credit note already lowered what another document owes: it stands, and a new invoice corrects it.
    (InvoiceKind.CREDIT_NOTE, InvoiceStatus.ISSUED): _PRINTED,
    (InvoiceKind.CREDIT_NOTE, InvoiceStatus.VOID): _PRINTED,
}
"""What is not listed is `wrong_state`; what is listed depends on its guard."""


def allowed_actions(invoice: Invoice, settings: OperatorSettings) -> tuple[str, ...]:
    """The names of the actions that the document allows now, in the order of `Action`."""
    return tuple(action.value for action in Action if not _find_obstacle(invoice, action, settings))


def check_action(invoice: Invoice, action: Action, settings: OperatorSettings) -> None:
    """Pass, or raise Conflict: wrong_state, issued_locked, has_payments, over_allocated (nothing due) or over_credited."""
    code = _find_obstacle(invoice, action, settings)
    if not code:
        return
    message = f"{_NAMED[invoice.kind]} that is {invoice.status} does not allow: {action}." if code == "wrong_state" else ""
    raise Conflict(code, message, action=action.value, allowed_actions=list(allowed_actions(invoice, settings)))


def plan_revision(old: Invoice, new: Invoice) -> Invoice:
    """The next revision of an issued invoice: dates, lines and texts of `new`, everything else of `old`, totals calculated again.

    Raises Invalid negative_total, or Conflict total_below_paid when the new total is less than what is paid and credited.
    """
    revised = replace(
        old,
        revision=old.revision + 1,
        invoice_date=new.invoice_date,
        due_date=new.due_date,
        line_grouping=new.line_grouping,
        lines=new.lines,
        notes=new.notes,
        buyer_reference=new.buyer_reference,
        pdf_status=PdfStatus.NONE,
        pdf_error="",
    )
    revised = apply_totals(revised)
    if issues := validate_total(revised.total):
        raise Invalid.of(*issues)
    if revised.amount_due < 0:
        settled = revised.total - revised.amount_due
        raise Conflict("total_below_paid", f"{settled} is paid and credited; the new total would be {revised.total}.")
    return revised


def _find_obstacle(invoice: Invoice, action: Action, settings: OperatorSettings) -> str:
    guard = TABLE[invoice.kind, invoice.status].get(action)
    return guard(invoice, settings) if guard else "wrong_state"
