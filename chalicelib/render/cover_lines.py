"""The rows that the invoice itself prints: all lines of a short document; sums and a pointer to the annex for a long one.

Beyond some hundred lines a table in HTML costs 10 ms and 160 KB a line and nobody reads it; the annex draws lines much faster.
"""

from __future__ import annotations

from chalicelib.domain.invoice import Invoice, PrintedPeriod
from chalicelib.domain.line_groups import LineGroup, group_lines
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels
from chalicelib.render.line_view import line_view, tax_code

LONGEST_TABLE = 300
"""Lines that are printed in the invoice itself; one more, and they move to the annex."""
MOST_SINGLE = 40
"""Lines other than usage that a long invoice still prints one by one."""


def has_annex(invoice: Invoice) -> bool:
    """Whether the lines follow in an annex."""
    return len(invoice.lines) > LONGEST_TABLE


def cover_lines(invoice: Invoice, formats: Formats, labels: Labels, *, whole: bool) -> list[dict[str, str]]:
    """The rows of the table, on a `whole` page all lines. Whatever they are, their amounts add up to taxes and subtotal."""
    if whole or not has_annex(invoice):
        return [line_view(position, line, formats, labels) for position, line in enumerate(invoice.lines, 1)]
    entries = group_lines(invoice.lines, MOST_SINGLE)
    return [
        _group_view(entry, formats, labels) if isinstance(entry, LineGroup) else line_view(*entry, formats, labels)
        for entry in entries
    ]


def annex_note(invoice: Invoice, formats: Formats, labels: Labels) -> str:
    """The sentence that points to the annex; empty without one."""
    return labels.text("see_annex", count=formats.number(len(invoice.lines))) if has_annex(invoice) else ""


def _group_view(group: LineGroup, formats: Formats, labels: Labels) -> dict[str, str]:
    """The cells of a sum; quantity and unit price stay empty, for lines of many prices have neither."""
    return {
        "position": "",
        "description": labels.text(f"kind_{group.kind}"),
        "details": " · ".join(_details(group, formats, labels)),
        "quantity": "",
        "unit": "",
        "unit_price": "",
        "tax": formats.percent(group.tax.percent),
        "tax_code": tax_code(group.tax),
        "amount": formats.money(group.net),
    }


def _details(group: LineGroup, formats: Formats, labels: Labels) -> list[str]:
    details = []
    if group.start_date:
        details.append(formats.period(PrintedPeriod(start_date=group.start_date, end_date=group.end_date or group.start_date)))
    if group.usage:
        details.append(labels.counted("calls", group.usage.calls, formats.number(group.usage.calls)))
        details.append(formats.minutes(group.usage.billed_seconds))
    return details
