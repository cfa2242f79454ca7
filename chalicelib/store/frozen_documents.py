"""What a frozen document said was settled, read over its lines: tens of thousands, as objects, fill a hundred megabytes."""

from __future__ import annotations

import re
from decimal import Decimal

from chalicelib.store import objects

AMOUNT = re.compile(rb'"(amount_paid|amount_credited|amount_refunded)":"([^"\\]+)"')
"""All that what is due depends on besides the total. Never within a text, where quotes are escaped."""


def find_frozen_amounts(invoice_id: str, revision: int) -> tuple[Decimal, Decimal, Decimal] | None:
    """(paid, credited, refunded) when the revision was frozen; None while its frozen document is not there yet."""
    raw = objects.find_object(objects.document_key(invoice_id, revision))
    if raw is None:
        return None
    found = {name: Decimal(amount.decode()) for name, amount in AMOUNT.findall(raw)}
    return found[b"amount_paid"], found[b"amount_credited"], found[b"amount_refunded"]
