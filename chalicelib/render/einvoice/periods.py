"""The invoicing period of an e-invoice (BG-14): the billed one, or the days that its lines cover. Invents no day."""

from __future__ import annotations

from chalicelib.domain.invoice import Invoice
from chalicelib.render.einvoice.model import Period


def billed_period(invoice: Invoice) -> Period | None:
    """The period printed on the document, else from the first to the last day of its lines; None where they have none."""
    if invoice.period is not None:
        return Period(start=invoice.period.start_date, end=invoice.period.end_date)
    starts = [line.start_date or line.end_date for line in invoice.lines]
    ends = [line.end_date or line.start_date for line in invoice.lines]
    start, end = min(filter(None, starts), default=None), max(filter(None, ends), default=None)
    return Period(start=start, end=end) if start and end else None
