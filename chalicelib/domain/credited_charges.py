"""What credit notes took back of charges, so that a later credit for unused time gives back no more than is left of them.

Looks at credit notes of invoices only; what a run itself credits is not a credit note's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from chalicelib.domain.invoice import Invoice, Line, LineKind
from chalicelib.domain.totals import calculate_line_net

CHARGED = frozenset({LineKind.PACKAGE, LineKind.MINIMUM_SPEND})
"""Lines whose unused part may be credited."""

ChargeKey = tuple[str, date]
"""A charge: its assignment, and the first day of the interval that it is for."""


def calculate_credited(notes: Iterable[Invoice], wanted: Collection[ChargeKey]) -> Mapping[ChargeKey, Decimal]:
    """What came back of each wanted charge, in terms of its price: with tax where the invoice's prices included it."""
    credited: dict[ChargeKey, Decimal] = defaultdict(Decimal)
    for note in notes:
        for line in note.lines if note.original_invoice_id else ():
            key = _key(line)
            if key in wanted:
                credited[key] += calculate_line_net(line, note.currency) if note.prices_include_tax else line.net
    return credited


def _key(line: Line) -> ChargeKey:
    """The charge that a line is for; of other lines one that nobody asks about."""
    if line.kind not in CHARGED or line.assignment_id is None or line.start_date is None:
        return "", date.min
    return line.assignment_id, line.start_date
