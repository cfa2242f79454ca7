"""Noting on an invoice whether the PDF of its present revision exists.

Touches nothing else and no version: a rendering is not a change.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.invoice import PdfStatus
from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import InvoiceItem


def mark_pdf(invoice_id: str, revision: int, status: PdfStatus, error: str) -> None:
    """Note the state of a revision's PDF; a revision that is no longer the present one, or a deleted draft, is left alone."""
    try:
        _mark(invoice_id, revision, status, error)
    except ConditionFailedError:
        return


def find_unrendered(invoice_ids: Sequence[str]) -> list[str]:
    """Those of the invoices whose PDF is still being rendered."""
    wanted = []
    for invoice_id in invoice_ids:
        customer_id, suffix = keys.parse_invoice_id(invoice_id)
        wanted.append((keys.customer_pk(customer_id), keys.invoice_sk(suffix)))
    return [
        keys.invoice_id(pk.removeprefix("C#"), sk.removeprefix("I#"))
        for pk, sk, pdf in _batch_get(wanted)
        if pdf == PdfStatus.RENDERING.value
    ]


@retried
def find_pdf_failure(invoice_id: str, revision: int) -> str:
    """Why the PDF of a revision could not be made; empty unless it failed, and for a revision that is not the present one."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    wanted = ["PK", "SK", "t", "rev", "pdf", "pdfe"]
    key = (keys.customer_pk(customer_id), keys.invoice_sk(suffix))
    for item in InvoiceItem.batch_get([key], consistent_read=True, attributes_to_get=wanted):
        if item.pdf == PdfStatus.FAILED.value and item.rev == revision:
            return item.pdf_error or ""
    return ""


@retried
def _mark(invoice_id: str, revision: int, status: PdfStatus, error: str) -> None:
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    item = InvoiceItem(keys.customer_pk(customer_id), keys.invoice_sk(suffix))
    reason = InvoiceItem.pdf_error.set(error[:2000]) if error else InvoiceItem.pdf_error.remove()
    item.update(actions=[InvoiceItem.pdf.set(status.value), reason], condition=InvoiceItem.rev == revision)


@retried
def _batch_get(wanted: list[tuple[str, str]]) -> list[tuple[str, str, str | None]]:
    found = InvoiceItem.batch_get(wanted, attributes_to_get=["PK", "SK", "t", "pdf"])
    return [(item.pk, item.sk, item.pdf) for item in found]
