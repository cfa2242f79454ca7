"""Invoices as items: one under its natural key, earlier revisions beside it. Decides nothing; conditions guard every write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from pynamodb.models import Model

from chalicelib.domain.errors import NotFound
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, PdfStatus
from chalicelib.domain.money import from_minor, to_minor
from chalicelib.store import index_keys, keys, objects
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.invoice_packing import pack_invoice, unpack_invoice
from chalicelib.store.list_months import record_month
from chalicelib.store.operators import NO_OPERATOR, get_operator, keep_operator
from chalicelib.store.retry import retried
from chalicelib.store.tables import InvoiceItem, RevisionItem

M = TypeVar("M", bound=Model)

INLINE_BYTES = 64 * 1024
"""Packed invoices above this live in S3; the item keeps totals and a reference."""


def find_invoice(invoice_id: str) -> Invoice | None:
    """The invoice as last committed, or None."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    item = _find(InvoiceItem, keys.customer_pk(customer_id), keys.invoice_sk(suffix))
    return None if item is None else from_item(item)


def get_invoice(invoice_id: str) -> Invoice:
    """The invoice as last committed, or NotFound."""
    invoice = find_invoice(invoice_id)
    if invoice is None:
        raise NotFound("invoice", invoice_id)
    return invoice


def find_revision(invoice_id: str, revision: int) -> Invoice | None:
    """An earlier revision, or None."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    item = _find(RevisionItem, keys.customer_pk(customer_id), keys.revision_sk(suffix, revision))
    return None if item is None else open_body(item)


def put_invoice_once(invoice: Invoice, shards: int) -> bool:
    """Put a new invoice under its key; False when the key was taken (by an earlier try, or paid since: it stays as it is)."""
    item = to_item(invoice, shards)
    try:
        _put_once(item)
    except ConditionFailedError:
        return False
    return True


def revision_item(invoice: Invoice) -> RevisionItem:
    """The item that keeps an invoice as an earlier revision."""
    customer_id, suffix = keys.parse_invoice_id(invoice.id)
    operator, doc, big = _close(invoice)
    pk, sk = keys.customer_pk(customer_id), keys.revision_sk(suffix, invoice.revision)
    return RevisionItem(pk, sk, op=operator, doc=doc, big=big)


def to_item(invoice: Invoice, shards: int) -> InvoiceItem:
    """The item of an invoice; keeps the operator's snapshot and an oversized body first. `shards` spreads the global list."""
    customer_id, suffix = keys.parse_invoice_id(invoice.id)
    operator, doc, big = _close(invoice)
    item = InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix), op=operator, doc=doc, big=big)
    item.kind, item.num, item.st, item.cur = invoice.kind.value, invoice.number, invoice.status.value, invoice.currency
    item.tot, item.paid, item.cred, item.ref, item.due = (to_minor(amount, invoice.currency) for amount in _amounts(invoice))
    item.cname, item.rev, item.ver = invoice.customer.name[:60], invoice.revision, invoice.version
    item.idate, item.ddate = invoice.invoice_date.isoformat(), invoice.due_date.isoformat()
    item.pdf = invoice.pdf_status.value if invoice.pdf_status is not PdfStatus.NONE else None
    item.pdf_error = invoice.pdf_error or None
    item.per = f"{invoice.period.start_date}/{invoice.period.end_date}" if invoice.period else None
    item.tz = invoice.customer.timezone
    item.credit_notes = list(invoice.credit_note_ids) or None
    item.g1p, item.g1s = list_position(invoice, shards)
    record_month(keys.month_of(invoice.invoice_date))
    return item


def list_position(invoice: Invoice, shards: int) -> tuple[str, str]:
    """Where the global list shows the invoice: (partition, sort key) of GSI1."""
    customer_id, suffix = keys.parse_invoice_id(invoice.id)
    partition = index_keys.list_partition(keys.month_of(invoice.invoice_date), index_keys.shard_of(customer_id, shards))
    return partition, index_keys.list_sort(index_keys.list_state(invoice), invoice.invoice_date, customer_id, suffix)


def from_item(item: InvoiceItem) -> Invoice:
    """The invoice of an item: the packed body, with what changes after issue taken from the attributes."""
    body = open_body(item)
    currency = item.cur
    return replace(
        body,
        kind=InvoiceKind(item.kind),
        number=item.num,
        status=InvoiceStatus(item.st),
        total=from_minor(int(item.tot), currency),
        amount_paid=from_minor(int(item.paid), currency),
        amount_credited=from_minor(int(item.cred), currency),
        amount_refunded=from_minor(int(item.ref), currency),
        credit_note_ids=tuple(item.credit_notes or ()),
        invoice_date=date.fromisoformat(item.idate),
        due_date=date.fromisoformat(item.ddate),
        pdf_status=PdfStatus(item.pdf or PdfStatus.NONE),
        pdf_error=item.pdf_error or "",
        version=int(item.ver),
    )


def _amounts(invoice: Invoice) -> tuple[Decimal, ...]:
    return invoice.total, invoice.amount_paid, invoice.amount_credited, invoice.amount_refunded, invoice.amount_due


def _close(invoice: Invoice) -> tuple[str, bytes | None, str | None]:
    """(operator, packed body, S3 key of a body too large for an item); the key names the content, so two writers keep two."""
    operator = keep_operator(invoice.operator)
    packed = pack_invoice(replace(invoice, operator=NO_OPERATOR))
    if len(packed) <= INLINE_BYTES:
        return operator, packed, None
    key = f"lines/{invoice.id}/{sha256(packed).hexdigest()}.bin"
    objects.put_object(key, packed)
    return operator, None, key


def open_body(item: InvoiceItem | RevisionItem) -> Invoice:
    """The packed invoice of an item, with the operator's snapshot it names."""
    packed = item.doc or objects.find_object(item.big or "")
    if packed is None:
        raise NotFound("object", item.big or "")
    return replace(unpack_invoice(packed, _public_id(item)), operator=get_operator(item.op))


@retried
def _find(kind: type[M], pk: str, sk: str) -> M | None:
    try:
        return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        return None


@retried
def _put_once(item: InvoiceItem) -> None:
    item.save(InvoiceItem.pk.does_not_exist())


def _public_id(item: InvoiceItem | RevisionItem) -> str:
    suffix = item.sk[2:] if item.sk.startswith("I#") else item.sk[2:].rpartition("#")[0]
    return keys.invoice_id(item.pk.removeprefix("C#"), suffix)
