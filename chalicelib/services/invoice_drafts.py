"""Invoices by hand: creating a draft, or an issued invoice at once.

The id comes from the request's own ids and its instant, so a repetition of the request finds what it made before.
"""

from __future__ import annotations

from datetime import date

from chalicelib.domain.drafting import NewInvoice, Party, plan_draft
from chalicelib.domain.errors import Invalid
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.issuing import plan_issue, series_of
from chalicelib.domain.periods import local_date
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.e_invoice_gaps import check_gaps
from chalicelib.services.parties import load_nobody, load_party
from chalicelib.services.template_choice import with_template_version
from chalicelib.store import keys
from chalicelib.store.invoice_changes import issue_new
from chalicelib.store.invoices import get_invoice, put_invoice_once


def create_invoice(deps: Deps, new: NewInvoice, *, issue: bool = False) -> Invoice:
    """The invoice as kept: a draft, or issued with a number. Raises Invalid with every issue; Conflict(date_order)."""
    at = deps.clock()
    try:
        party = load_party(new.customer_id, new.lines)
    except Invalid:
        check_new(deps, new)
        raise
    draft = plan_draft(new, party, invoice_id=_new_id(deps, new.customer_id, local_date(at, party.customer.timezone)), at=at)
    return _create_issued(deps, draft, party) if issue else _create_draft(deps, draft)


def check_new(deps: Deps, new: NewInvoice) -> None:
    """Raise Invalid with every issue of an invoice to be, an unknown customer among them; makes nothing."""
    at, issues = deps.clock(), []
    try:
        party = load_party(new.customer_id, new.lines)
    except Invalid as error:
        party, issues = load_nobody(new.lines, at), [*error.issues]
    try:
        plan_draft(new, party, invoice_id="new", at=at)
    except Invalid as error:
        issues += error.issues
    if issues:
        raise Invalid.of(*issues)


def _create_draft(deps: Deps, draft: Invoice) -> Invoice:
    return draft if put_invoice_once(draft, deps.settings.list_shards) else get_invoice(draft.id)


def _create_issued(deps: Deps, draft: Invoice, party: Party) -> Invoice:
    settings, at = party.settings, deps.entry_instant()
    ready = with_template_version(plan_issue(draft, party.customer, settings, at=at, change_id=deps.new_id()))
    check_gaps(ready)
    issued = issue_new(ready, series_of(ready, settings), settings.date_order, deps.settings.list_shards, at)
    if issued.status is InvoiceStatus.ISSUED:
        announce_document(issued)
    return issued


def _new_id(deps: Deps, customer_id: str, on: date) -> str:
    return keys.invoice_id(customer_id, keys.manual_suffix(on, deps.new_id()))
