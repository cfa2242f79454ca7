"""Credit notes of an invoice on request: planned on all earlier ones, issued at once, listed.

The id comes from the request's own ids, so a repetition of the request finds the credit note that it made.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.access import Actor
from chalicelib.domain.credit_notes import plan_credit_note
from chalicelib.domain.credit_requests import CreditRequest, validate_request
from chalicelib.domain.customer_credit import apply_credit, calculate_excess
from chalicelib.domain.errors import Invalid
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.issuing import plan_issue, series_of
from chalicelib.domain.periods import local_date
from chalicelib.domain.states import Action, check_action
from chalicelib.services.deps import Deps
from chalicelib.services.documents import announce_document
from chalicelib.services.e_invoice_gaps import check_gaps
from chalicelib.services.invoice_reading import read_invoice
from chalicelib.services.template_choice import with_template_version
from chalicelib.services.versions import check_version
from chalicelib.store import credit_notes as store
from chalicelib.store import keys
from chalicelib.store.contention import replanned
from chalicelib.store.credit_notes import CreditWork
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.customers import get_customer
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.invoices import find_invoice, get_invoice
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInvoice:
    """Credit the invoice as it was at `version` (None: as it is now)."""

    invoice_id: str
    request: CreditRequest
    version: int | None = None


def credit_invoice(deps: Deps, command: CreditInvoice) -> Invoice:
    """The credit note, issued; its document is on the way.

    Raises NotFound; Invalid with every issue; Conflict: stale_version, wrong_state, over_credited, date_order; Unavailable.
    """
    customer_id, _ = keys.parse_invoice_id(command.invoice_id)
    today = local_date(deps.clock(), get_invoice(command.invoice_id).customer.timezone)
    note_id = keys.invoice_id(customer_id, keys.credit_suffix(today, deps.new_id()))
    note = replanned(lambda: find_invoice(note_id) or _credit(deps, command, note_id))
    announce_document(note)
    return note


def check_request(deps: Deps, invoice_id: str, request: CreditRequest) -> None:
    """Raise Invalid with every issue of the request by itself; credits nothing. NotFound."""
    if issues := validate_request(get_invoice(invoice_id), request, deps.clock()):
        raise Invalid.of(*issues)


def list_credit_notes(actor: Actor, invoice_id: str, limit: int, cursor: str | None) -> tuple[list[Invoice], str | None]:
    """A page of an invoice's credit notes, first to last; NotFound also for what the actor may not see."""
    ids = read_invoice(actor, invoice_id).credit_note_ids
    after = decode_cursor(cursor)
    first = ids.index(after) + 1 if after in ids else 0
    shown = ids[first : first + limit]
    found = load_invoices(shown)
    return [found[key] for key in shown], encode_cursor(shown[-1]) if len(ids) > first + limit else None


def _credit(deps: Deps, command: CreditInvoice, note_id: str) -> Invoice:
    settings, at = get_settings(), deps.entry_instant()
    invoice = get_invoice(command.invoice_id)
    customer = get_customer(invoice.customer_id)
    check_version(invoice.version, command.version)
    check_action(invoice, Action.CREDIT, settings)
    today = local_date(deps.clock(), customer.timezone)
    draft = plan_credit_note(invoice, store.load_credit_notes(invoice), command.request, note_id=note_id, today=today, at=at)
    ready = with_template_version(plan_issue(draft, customer, settings, at=at, change_id=note_id))
    check_gaps(ready)
    work = CreditWork(
        before=invoice, after=apply_credit(invoice, ready), note=ready, excess=calculate_excess(invoice, ready), at=at
    )
    return store.issue_credit_note(work, series_of(ready, settings), settings.date_order, deps.settings.list_shards)
