"""Editing: a draft freely, an issued invoice as a new revision whose predecessors stay readable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.credits import check_revision
from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.date_rules import validate_ahead
from chalicelib.domain.drafting import InvoiceChanges, Party, plan_correction, plan_edit
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceStatus, PdfStatus
from chalicelib.domain.regrouping import regroup
from chalicelib.domain.states import Action, check_action
from chalicelib.domain.usage import Usage
from chalicelib.domain.usage_lines import usage_billed_on
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.parties import load_party
from chalicelib.store.credit_notes import load_credit_notes
from chalicelib.store.invoice_changes import save_draft, save_revision
from chalicelib.store.invoices import get_invoice
from chalicelib.store.usage import load_roll_ups

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeInvoice:
    """Change the invoice as it was at `version` (None: as it is now)."""

    invoice_id: str
    version: int | None
    changes: InvoiceChanges
    line_grouping: LineGrouping | None = None


def change_invoice(deps: Deps, command: ChangeInvoice) -> Invoice:
    """The invoice as changed. Raises NotFound, Invalid with every issue, Conflict: stale_version or what forbids the change."""
    invoice = get_invoice(command.invoice_id)
    check_version(invoice, command.version)
    if issues := validate_ahead(command.changes.invoice_date, deps.clock(), "invoice_date"):
        raise Invalid.of(*issues)
    party = load_party(invoice.customer_id, command.changes.lines or ())
    if invoice.status is InvoiceStatus.DRAFT:
        return _edit(deps, invoice, command, party)
    return _revise(deps, invoice, command, party)


def check_changes(invoice_id: str, changes: InvoiceChanges) -> None:
    """Raise Invalid with every issue of the invoice as it would be after a change; changes nothing. NotFound."""
    invoice = get_invoice(invoice_id)
    party = load_party(invoice.customer_id, changes.lines or ())
    plan_edit(invoice, changes, party.packages, party.customer.tax)


def check_version(invoice: Invoice, version: int | None) -> None:
    """Raise Conflict(stale_version) when the invoice is not at the version somebody read; None means any."""
    if version is not None and version != invoice.version:
        raise Conflict("stale_version")


def _edit(deps: Deps, draft: Invoice, command: ChangeInvoice, party: Party) -> Invoice:
    check_action(draft, Action.EDIT, party.settings)
    edited = plan_edit(draft, command.changes, party.packages, party.customer.tax)
    if command.line_grouping not in {None, edited.line_grouping}:
        edited = regroup(edited, _load_usage(edited), LineGrouping(command.line_grouping))
    return draft if edited == draft else save_draft(draft, edited, deps.settings.list_shards)


def _revise(deps: Deps, issued: Invoice, command: ChangeInvoice, party: Party) -> Invoice:
    check_action(issued, Action.REVISE, party.settings)
    if command.line_grouping not in {None, issued.line_grouping}:
        raise Conflict("wrong_state", "How lines are grouped is frozen with the issue.")
    revised = plan_correction(issued, command.changes, party.packages, party.customer.tax, party.settings)
    if revised == issued:
        return issued
    check_revision(revised, load_credit_notes(issued))
    at = deps.entry_instant()
    saved = save_revision(issued, replace(revised, pdf_status=PdfStatus.RENDERING, revised_at=at), deps.settings.list_shards, at)
    announce_document(saved)
    return saved


def _load_usage(draft: Invoice) -> list[Usage]:
    """The usage that the draft's days bill."""
    if not draft.days:
        return []
    days = frozenset(draft.days)
    rollups = load_roll_ups(draft.customer_id, min(days), max(days) + ONE_DAY)
    return usage_billed_on(rollups, days)
