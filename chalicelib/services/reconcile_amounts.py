"""Checks figures: those of a document, again with arithmetic of its own, in whole minor units and exact fractions.

Knows the rules of the paper (lines, tax groups, totals, amount due) and nothing of the code that applies them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.money import exponent
from chalicelib.services.reconcile_findings import Finding
from chalicelib.store.books import StoredInvoice

USAGE = frozenset({"usage", "late_usage"})
HALF = Fraction(1, 2)


def check_amounts(invoice: StoredInvoice) -> Iterator[Finding]:
    """Findings about the figures of one document."""
    unit = 10 ** exponent(invoice.currency)
    yield from _check_groups(invoice.id, invoice.body, unit)
    yield from _check_totals(invoice, unit)
    due = invoice.total - invoice.paid - invoice.credited + invoice.refunded
    if invoice.due != due or (due < 0 and invoice.kind == "invoice"):
        yield Finding("due", invoice.id, f"{invoice.due} stands for {due}")
    if invoice.listed != (state := _state(invoice)):
        yield Finding("list_state", invoice.id, f"{invoice.listed} stands for {state}")


def minor(amount: Decimal, unit: int) -> Fraction:
    """An amount in minor units, exactly."""
    return Fraction(amount) * unit


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    rounded = (abs(value) + HALF).__floor__()
    return -rounded if value < 0 else rounded


def _state(invoice: StoredInvoice) -> str:
    if invoice.status != "issued":
        return invoice.status
    if invoice.due <= 0:
        return "paid"
    return "unpaid" if invoice.due == invoice.total else "partially_paid"


def _check_totals(invoice: StoredInvoice, unit: int) -> Iterator[Finding]:
    body = invoice.body
    sums = {
        "subtotal": (body.subtotal, [line.net for line in body.lines]),
        "tax total": (body.tax_total, [group.tax for group in body.taxes]),
        "total": (body.total, [body.subtotal, body.tax_total]),
    }
    for name, (shown, parts) in sums.items():
        if minor(shown, unit) != sum((minor(part, unit) for part in parts), Fraction(0)):
            yield Finding("totals", invoice.id, f"{name} {shown} is not the sum of its parts")
    if minor(body.total, unit) != invoice.total or (body.currency, body.kind.value) != (invoice.currency, invoice.kind):
        yield Finding("amounts_differ", invoice.id, f"{invoice.total} {invoice.currency} stands for {body.total}")


def _check_groups(where: str, body: Invoice, unit: int) -> Iterator[Finding]:
    groups: dict[tuple[str, Decimal], list[Line]] = {}
    for line in body.lines:
        groups.setdefault((line.tax.category.value, line.tax.percent), []).append(line)
    shown = {(group.category.value, group.percent): group for group in body.taxes}
    if set(shown) != set(groups):
        yield Finding("tax_group", where, "the tax summary does not name the groups of the lines")
        return
    for key, lines in groups.items():
        group = shown[key]
        net, tax = minor(group.net, unit), minor(group.tax, unit)
        if net != _sum(minor(line.net, unit) for line in lines):
            yield Finding("tax_group", where, f"net of {key} is not the sum of its lines")
        if body.original_invoice_id:  # a share of another document's figures, rounded with what was shared before
            continue
        if [net, tax] != [Fraction(part) for part in _expected(body, lines, unit)]:
            yield Finding("tax_group", where, f"{group.net} + {group.tax} at {key[1]} % is not what its lines ask for")
        if not body.prices_include_tax:
            yield from _check_nets(where, lines, unit)


def _check_nets(where: str, lines: Sequence[Line], unit: int) -> Iterator[Finding]:
    """Each line is rounded on its own, the usage of a group together."""
    usage = [line for line in lines if line.kind.value in USAGE]
    for line in lines:
        if line.kind.value not in USAGE and minor(line.net, unit) != half_up(_exact(line, unit)):
            yield Finding("line_net", where, f"line {line.id} shows {line.net}")
    if _sum(minor(line.net, unit) for line in usage) != half_up(_sum(_exact(line, unit) for line in usage)):
        yield Finding("line_net", where, "the usage lines do not add up to the rounded sum of their calls")


def _expected(body: Invoice, lines: Sequence[Line], unit: int) -> tuple[int, int]:
    """(net, tax) of a tax group from quantities and prices alone."""
    rate = Fraction(lines[0].tax.percent) / 100
    bases = _bases(lines, unit) if body.tax_rounding.value == "per_line" else [sum(_bases(lines, unit))]
    if not body.prices_include_tax:
        return sum(bases), sum(half_up(base * rate) for base in bases)
    nets = [half_up(base / (1 + rate)) for base in bases]
    return sum(nets), sum(bases) - sum(nets)


def _bases(lines: Sequence[Line], unit: int) -> list[int]:
    """The rounded amounts of the lines; usage counts as one line."""
    usage = [_exact(line, unit) for line in lines if line.kind.value in USAGE]
    others = [half_up(_exact(line, unit)) for line in lines if line.kind.value not in USAGE]
    return [*others, half_up(_sum(usage))] if usage else others


def _exact(line: Line, unit: int) -> Fraction:
    return Fraction(line.quantity) * Fraction(line.unit_price) * (100 - Fraction(line.discount_percent)) / 100 * unit


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))
