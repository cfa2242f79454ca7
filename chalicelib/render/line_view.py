"""One line of a document as display strings. Shows what the customer bought; refuses to show package and assignment ids."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.invoice import Line, PrintedPeriod
from chalicelib.domain.tax import Tax, TaxCategory
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels


def line_view(position: int, line: Line, formats: Formats, labels: Labels) -> dict[str, str]:
    """The cells of a line; `details` is the small second row of the description."""
    return {
        "position": str(position),
        "description": line.description,
        "details": " · ".join(_details(line, formats, labels)),
        "quantity": formats.number(line.quantity),
        "unit": line.unit,
        "unit_price": _unit_price(line, formats),
        "tax": formats.percent(line.tax.percent),
        "tax_code": tax_code(line.tax),
        "amount": formats.money(line.net),
    }


def _unit_price(line: Line, formats: Formats) -> str:
    """A price with all its decimals; the exact sum of calls has many that nobody checks, so usage shows what it comes to."""
    return formats.money(line.net) if line.usage else formats.price(line.unit_price)


def tax_code(tax: Tax) -> str:
    """The EN 16931 category where the percent alone does not tell it (all but the standard rate)."""
    return "" if tax.category is TaxCategory.STANDARD else tax.category.value


def _details(line: Line, formats: Formats, labels: Labels) -> Iterator[str]:
    if line.start_date:
        yield formats.period(PrintedPeriod(start_date=line.start_date, end_date=line.end_date or line.start_date))
    if line.usage:
        yield labels.counted("calls", line.usage.calls, formats.number(line.usage.calls))
        yield formats.minutes(line.usage.billed_seconds)
    if line.discount_percent:
        yield labels.text("discount", percent=formats.percent_in_text(line.discount_percent))
    if line.original_invoice_number:
        yield labels.text("billed_late", number=line.original_invoice_number)
