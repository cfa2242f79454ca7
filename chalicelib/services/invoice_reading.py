"""Reading invoices: one with what may be done to it, its revisions, its lines as CSV, and lists. Customers see no drafts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chalicelib.domain.access import Actor
from chalicelib.domain.date_rules import validate_span
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSearch, InvoiceSummary
from chalicelib.domain.states import Action, allowed_actions, check_action
from chalicelib.render.csv_export import render_lines_csv
from chalicelib.services import documents
from chalicelib.services.deps import Deps
from chalicelib.services.number_search import find_numbered
from chalicelib.store.accounts import get_account
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.invoice_list import list_invoices as list_stored
from chalicelib.store.invoice_revisions import list_earlier_revisions
from chalicelib.store.invoices import find_revision, get_invoice
from chalicelib.store.settings import get_settings

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a number may hold and a file name in a header may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceList:
    """A page of a list."""

    rows: list[InvoiceSummary]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionList:
    """A page of an invoice's revisions, latest first; `present` is the number of the one in force."""

    revisions: list[Invoice]
    present: int
    next_cursor: str | None


def read_invoice(actor: Actor, invoice_id: str, revision: int | None = None) -> Invoice:
    """The invoice, or one of its revisions; NotFound also for what the actor may not see."""
    invoice = get_invoice(invoice_id)
    if actor.customer_id is not None and invoice.status is InvoiceStatus.DRAFT:
        raise NotFound("invoice", invoice_id)
    check_revision(invoice, revision)
    if revision is None or revision == invoice.revision:
        return invoice
    earlier = find_revision(invoice_id, revision)
    if earlier is None:
        raise NotFound("revision", str(revision))
    return earlier


def check_revision(invoice: Invoice, revision: int | None) -> None:
    """Raise NotFound unless the invoice has had the revision; None means the one in force."""
    if revision is not None and not 0 <= revision <= invoice.revision:
        raise NotFound("revision", str(revision))


def render_again(actor: Actor, invoice_id: str) -> None:
    """Have the document in force rendered once more. Raises NotFound, Conflict(wrong_state) for a draft."""
    invoice = read_invoice(actor, invoice_id)
    check_action(invoice, Action.RENDER, get_settings())
    documents.render_again(invoice)


def list_actions(actor: Actor, invoice: Invoice) -> tuple[str, ...]:
    """What may be done to the invoice now; nothing by customers."""
    return () if actor.customer_id is not None else allowed_actions(invoice, get_settings())


def list_revisions(actor: Actor, invoice_id: str, limit: int, cursor: str | None) -> RevisionList:
    """A page of the revisions, from the present one back to the first."""
    present = read_invoice(actor, invoice_id)
    first = _start(cursor, present.revision)
    last = max(first - limit + 1, 0)
    found = [present] if first == present.revision else []
    found += list_earlier_revisions(invoice_id, last, min(first, present.revision - 1))
    return RevisionList(revisions=found, present=present.revision, next_cursor=encode_cursor(str(last - 1)) if last else None)


def list_invoices(deps: Deps, actor: Actor, search: InvoiceSearch, limit: int, cursor: str | None) -> InvoiceList:
    """A page of what matches, newest invoice date first; customers find what was issued to them, NotFound for anybody else's.

    Raises Invalid for days that are the wrong way round.
    """
    if issues := validate_span(search.first, search.last):
        raise Invalid.of(*issues)
    if actor.customer_id is not None:
        if search.customer_id not in {None, actor.customer_id}:
            raise NotFound("customer", str(search.customer_id))
        search = replace(search, customer_id=actor.customer_id, drafts=False)
    named = None if search.number is None else find_numbered(search.number)
    rows, following = list_stored(search, shards=deps.settings.list_shards, limit=limit, cursor=cursor, named=named)
    return InvoiceList(rows=rows, next_cursor=following)


def list_customer_invoices(deps: Deps, actor: Actor, search: InvoiceSearch, limit: int, cursor: str | None) -> InvoiceList:
    """As `list_invoices`, of one customer; NotFound for a customer that does not exist."""
    get_account(str(search.customer_id))
    return list_invoices(deps, actor, search, limit, cursor)


def get_lines_csv(actor: Actor, invoice_id: str, revision: int | None, *, with_bom: bool) -> tuple[str, str]:
    """(file name, content) of the lines as CSV."""
    invoice = read_invoice(actor, invoice_id, revision)
    return name_file(invoice, "csv"), render_lines_csv(invoice, with_bom=with_bom).decode()


def name_file(invoice: Invoice, ending: str) -> str:
    """A file name for the document that is safe in a header: its number with dashes for anything unusual."""
    return f"{_UNSAFE.sub('-', invoice.number or 'draft')}.{ending}"


def _start(cursor: str | None, present: int) -> int:
    position = decode_cursor(cursor)
    if position is None or not position.isdecimal():
        return present
    return min(int(position), present)
