"""Printed numbers of other invoices, for lines that refer to them."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import InvoiceItem


def find_numbers(invoice_ids: Sequence[str]) -> dict[str, str]:
    """Number by public id; ids that name no numbered invoice are left out."""
    wanted = []
    for invoice_id in invoice_ids:
        customer_id, suffix = keys.parse_invoice_id(invoice_id)
        wanted.append((keys.customer_pk(customer_id), keys.invoice_sk(suffix)))
    return _batch_get(wanted)


@retried
def _batch_get(wanted: list[tuple[str, str]]) -> dict[str, str]:
    found = InvoiceItem.batch_get(wanted, attributes_to_get=["PK", "SK", "t", "num"])
    named = [(keys.invoice_id(item.pk.removeprefix("C#"), item.sk.removeprefix("I#")), item.num) for item in found]
    return {invoice_id: number for invoice_id, number in named if number}
