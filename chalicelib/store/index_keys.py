"""Keys of the indexes: of due billing clocks, and of the global lists of invoices, payments and customers. No I/O.

Partitions are divided into shards, so that no list is one hot place; sort keys put a list into the order in which it is read.
"""

from __future__ import annotations

from datetime import date
from zlib import crc32

from chalicelib.domain.invoice import Invoice, InvoiceStatus


def shard_of(text: str, shards: int) -> int:
    """The shard of an index partition; stable across processes."""
    return crc32(text.encode()) % shards


def due_partition(frequency: str, shard: int) -> str:
    """Index partition of the billing clocks of one frequency."""
    return f"DUE#{frequency}#{shard}"


def list_partition(month: str, shard: int) -> str:
    """Index partition of the global invoice list."""
    return f"M#{month}#{shard}"


def list_state(invoice: Invoice) -> str:
    """The state the global list sorts by: draft, void, or an issued invoice's payment status."""
    return invoice.payment_status.value if invoice.status is InvoiceStatus.ISSUED else invoice.status.value


def list_sort(state: str, on: date, customer_id: str, suffix: str) -> str:
    """Index sort key of the global invoice list."""
    return f"{state}#{on:%Y%m%d}#{customer_id}#{suffix}"


def payment_list_partition(month: str, shard: int) -> str:
    """Index partition of the global payment list."""
    return f"PM#{month}#{shard}"


def payment_list_sort(on: date, public_id: str) -> str:
    """Index sort key of the global payment list: business date, customer, payment."""
    customer_id, _on, number = public_id.split(".")
    return f"{on:%Y%m%d}#{customer_id}#{number}"


def customer_list_partition(shard: int) -> str:
    """Index partition of the customer list."""
    return f"CUS#{shard}"


def customer_list_sort(name: str, customer_id: str) -> str:
    """Index sort key of the customer list: the name without case and extra spaces, cut to what an index key can hold."""
    return f"{folded(name)[:200]}#{customer_id}"


def folded(text: str) -> str:
    """Text as names are compared: without case, single spaces.

    >>> folded("  STRASSE   Nord ") == folded("Straße nord")
    True
    """
    return " ".join(text.casefold().split())
