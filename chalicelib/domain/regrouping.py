"""Changing how a draft groups its usage, without changing any total.

It rebuilds usage lines from the stored roll-ups and refuses when they were edited by hand, since the edit would be lost in
silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, InvoiceKind, Line
from chalicelib.domain.money import ZERO
from chalicelib.domain.totals import USAGE_KINDS, apply_totals
from chalicelib.domain.usage import Usage
from chalicelib.domain.usage_lines import UsageScope, build_usage_lines


def regroup(invoice: Invoice, usage: Sequence[Usage], grouping: LineGrouping) -> Invoice:
    """The draft with its usage lines grouped anew from `usage`, what its days bill; line ids are counted again.

    Conflict `wrong_state` when price, tax or number of its usage lines were edited by hand.
    """
    old = [line for line in invoice.lines if line.kind in USAGE_KINDS]
    new = _rebuilt(invoice, old, usage, grouping) if old else []
    place = invoice.lines.index(old[0]) if old else 0
    others = [line for line in invoice.lines if line.kind not in USAGE_KINDS]
    lines = (*others[:place], *new, *others[place:])
    numbered = tuple(replace(line, id=str(number)) for number, line in enumerate(lines, 1))
    regrouped = apply_totals(replace(invoice, line_grouping=grouping, lines=numbered))
    if (regrouped.taxes, regrouped.total) != (invoice.taxes, invoice.total):
        raise Conflict("wrong_state", "The usage lines were edited by hand and cannot be grouped again.")
    return regrouped


def _rebuilt(invoice: Invoice, old: Sequence[Line], usage: Sequence[Usage], grouping: LineGrouping) -> list[Line]:
    billed_on = {line.start_date: line.original_invoice_id for line in old if line.start_date and line.original_invoice_id}
    scope = UsageScope(days=frozenset(invoice.days), grouping=grouping, tax=old[0].tax, billed_on=billed_on.get)
    lines = [line.with_net(ZERO) for line in build_usage_lines(usage, scope)]
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return [replace(line, quantity=-line.quantity) for line in lines]
    return lines
