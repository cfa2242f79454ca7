"""Issuing, voiding and deleting. Each happens once: a repetition of the same request meets its own effect and answers with it."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.issuing import plan_issue, plan_void, series_of
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.states import Action, check_action
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.e_invoice_gaps import check_gaps
from chalicelib.services.invoice_changes import check_version
from chalicelib.services.template_choice import with_template_version
from chalicelib.store import invoice_changes as store
from chalicelib.store.accounts import get_account
from chalicelib.store.clock import SetBack, build_clock
from chalicelib.store.invoices import get_invoice
from chalicelib.store.settings import get_settings

ONE_DAY = timedelta(days=1)


def issue_invoice(deps: Deps, invoice_id: str, version: int | None = None) -> Invoice:
    """The draft, issued: numbered, frozen, its document on the way.

    Raises NotFound, Invalid (no lines, negative total), Conflict: stale_version, wrong_state, date_order.
    """
    draft, change_id = get_invoice(invoice_id), deps.new_id()
    if draft.change_id == change_id:
        announce_document(draft)
        return draft
    settings = get_settings()
    _check(draft, Action.ISSUE, settings, version)
    at = deps.entry_instant()
    customer = get_account(draft.customer_id).customer
    ready = with_template_version(plan_issue(draft, customer, settings, at=at, change_id=change_id))
    check_gaps(ready)
    issued = store.issue_draft(
        draft, ready, series_of(ready, settings), settings.date_order, shards=deps.settings.list_shards, at=at
    )
    announce_document(issued)
    return issued


def void_invoice(deps: Deps, invoice_id: str, version: int | None = None) -> Invoice:
    """The issued invoice, void: its number stays, its days are unbilled again, and its paper is marked.

    Raises NotFound, Conflict: stale_version, wrong_state, has_payments.
    """
    issued, change_id = get_invoice(invoice_id), deps.new_id()
    if issued.change_id == change_id and issued.status is InvoiceStatus.VOID:
        announce_document(issued)
        return issued
    settings, at = get_settings(), deps.entry_instant()
    _check(issued, Action.VOID, settings, version)
    void = store.void_invoice(
        issued,
        plan_void(issued, at=at, change_id=change_id),
        deps.settings.list_shards,
        at,
        clock=_clock_set_back(issued, settings),
        due_shards=deps.settings.due_shards,
    )
    announce_document(void)
    return void


def delete_draft(deps: Deps, invoice_id: str, version: int | None = None) -> None:
    """Delete the draft; its days are unbilled again. Raises NotFound, Conflict: stale_version, wrong_state."""
    draft, settings = get_invoice(invoice_id), get_settings()
    _check(draft, Action.DELETE, settings, version)
    store.delete_draft(draft, clock=_clock_set_back(draft, settings), due_shards=deps.settings.due_shards)


def _check(invoice: Invoice, action: Action, settings: OperatorSettings, version: int | None) -> None:
    check_version(invoice, version)
    check_action(invoice, action, settings)


def _clock_set_back(invoice: Invoice, settings: OperatorSettings) -> SetBack | None:
    """The clock that makes the next run look at the freed days again; None when no run ever looks at them.

    Also a clock that is behind them already gets its mark, so that the chunk that billed them does not advance it later.
    """
    if not invoice.days:
        return None
    account = get_account(invoice.customer_id)
    before = account.clock
    if before is None:
        return None
    through = before.billed_through and min(before.billed_through, min(invoice.days) - ONE_DAY)
    clock = build_clock(account.customer, through, settings.settling_hours, f"{invoice.id}@{invoice.version}")
    return SetBack(clock, before.mark)
