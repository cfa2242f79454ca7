"""What an invoice adds up to: line nets, tax groups, totals, under the policy that is stored on the invoice.

The one place where document amounts are rounded. It refuses to judge its input (see `line_rules`), to look at what was
paid, and to know who is billed; the same lines and policy always give the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from chalicelib.domain.bare_line import BareLine
from chalicelib.domain.invoice import Invoice, Line, LineKind
from chalicelib.domain.money import HUNDRED, PRECISION, quantise, round_to_sum, total
from chalicelib.domain.tax import TaxCategory, TaxGroup, TaxRounding

AnyLine = Line | BareLine

USAGE_KINDS = (LineKind.USAGE, LineKind.LATE_USAGE)
"""Lines whose `unit_price` is an exact sum of call charges: rounded together, so that grouping never changes a total."""

_CATEGORY_ORDER = {category: position for position, category in enumerate(TaxCategory)}
_TAX = attrgetter("line.tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The figures of a document. Every amount has the currency's digits; `lines` come in the given order with `net` filled."""

    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    subtotal: Decimal
    tax_total: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxBase:
    """Lines, by id, whose tax was rounded together: `net` is their sum, `tax` the tax on it."""

    line_ids: frozenset[str]
    net: Decimal
    tax: Decimal


class _Entry(NamedTuple):
    """A line in its place; `amount` is its rounded net, or its rounded gross where prices include tax."""

    position: int
    line: AnyLine
    amount: Decimal

    @property
    def key(self) -> tuple[int, str, int]:
        """Decides ties: by line id, counted ids in the order of counting, and by place where ids repeat."""
        return len(self.line.id), self.line.id, self.position


@dataclass(frozen=True, slots=True)
class _Taxed:
    """The outcome of one tax base: its tax, and the net of each of its entries by position."""

    tax: Decimal
    nets: dict[int, Decimal]


def calculate_line_net(line: AnyLine, currency: str) -> Decimal:
    """Round quantity × unit price × (1 − discount/100) to the currency: net, or gross where prices include tax.

    >>> calculate_line_net(Line(id="1", quantity=Decimal(3), unit_price=Decimal("0.125"), discount_percent=Decimal(10)), "EUR")
    Decimal('0.34')
    """
    return quantise(_exact_amount(line), currency)


def calculate_totals(lines: Sequence[AnyLine], *, currency: str, rounding: TaxRounding, inclusive: bool) -> Totals:
    """Fill line nets, group taxes by (category, percent) and add up; `inclusive` means unit prices are gross.

    Tax per group is round(Σ net × percent/100) (EN 16931 BR-CO-17), or rounded per line; where prices include tax the gross
    is kept to the cent. The usage lines of a tax group are rounded once, together, and count as one line for `per_line`.
    A net that lines bring along is ignored, so calculating twice is calculating once.

    >>> from chalicelib.domain.tax import Tax
    >>> lines = [Line(id="1", quantity=Decimal(10), unit_price=Decimal(10), tax=Tax(percent=Decimal(20))),
    ...          Line(id="2", quantity=Decimal(5), unit_price=Decimal(1), tax=Tax(percent=Decimal(6)))]
    >>> totals = calculate_totals(lines, currency="EUR", rounding=TaxRounding.PER_GROUP, inclusive=False)
    >>> totals.subtotal, totals.tax_total, totals.total
    (Decimal('105.00'), Decimal('20.30'), Decimal('125.30'))
    """
    groups = _groups(_entries(lines, currency))
    nets: dict[int, Decimal] = {}
    taxes = []
    for entries in groups:
        taxed = [_tax_base(base, currency, inclusive=inclusive) for base in _tax_bases(entries, rounding)]
        group_nets = {position: net for one in taxed for position, net in one.nets.items()}
        taxes.append(
            _tax_group(entries[0].line, net=_sum(group_nets.values(), currency), tax=_sum((one.tax for one in taxed), currency))
        )
        nets |= group_nets
    subtotal = _sum((group.net for group in taxes), currency)
    tax_total = _sum((group.tax for group in taxes), currency)
    return Totals(
        lines=tuple(line.with_net(nets[position]) for position, line in enumerate(lines)),
        taxes=tuple(taxes),
        subtotal=subtotal,
        tax_total=tax_total,
        total=subtotal + tax_total,
    )


def calculate_tax_bases(invoice: Invoice) -> tuple[TaxBase, ...]:
    """What the tax of a document was rounded on: a tax group, or where tax is rounded per line a line (usage counts as one)."""
    currency = invoice.currency
    bases = (base for group in _groups(_entries(invoice.lines, currency)) for base in _tax_bases(group, invoice.tax_rounding))
    return tuple(_public_base(base, currency, inclusive=invoice.prices_include_tax) for base in bases)


def apply_totals(invoice: Invoice) -> Invoice:
    """The invoice with all its figures calculated again from its lines, under its own policy; what was paid is untouched."""
    totals = calculate_totals(
        invoice.lines, currency=invoice.currency, rounding=invoice.tax_rounding, inclusive=invoice.prices_include_tax
    )
    return replace(
        invoice,
        lines=totals.lines,
        taxes=totals.taxes,
        subtotal=totals.subtotal,
        tax_total=totals.tax_total,
        total=totals.total,
    )


def _exact_amount(line: AnyLine) -> Decimal:
    with localcontext(prec=PRECISION):
        return _multiplied(line)


def _multiplied(line: AnyLine) -> Decimal:
    if not line.discount_percent:
        return line.quantity * line.unit_price
    return line.quantity * line.unit_price * (HUNDRED - line.discount_percent) / HUNDRED


def _entries(lines: Sequence[AnyLine], currency: str) -> list[_Entry]:
    """Each line with its rounded amount; usage is rounded once per tax group and apportioned to its lines."""
    with localcontext(prec=PRECISION):
        entries = [_Entry(position, line, _multiplied(line)) for position, line in enumerate(lines)]
    usage = [entry for entry in entries if entry.line.kind in USAGE_KINDS]
    amounts = {entry.position: part for pool in _groups(usage) for entry, part in zip(pool, _shared(pool, currency), strict=True)}
    return [
        _Entry(position, line, amounts[position] if position in amounts else quantise(amount, currency))
        for position, line, amount in entries
    ]


def _shared(pool: list[_Entry], currency: str) -> list[Decimal]:
    """The rounded sum of usage lines, shared among them."""
    shares = [entry.amount for entry in pool]
    return round_to_sum(_sum(shares, currency), shares, [entry.key for entry in pool], currency)


def _groups(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    """Entries by (category, percent), in the order that is printed: S, Z, E, AE, K, G, O, then the higher rate first."""
    groups: dict[tuple[TaxCategory, Decimal], list[_Entry]] = {}
    for tax, neighbours in groupby(entries, key=_TAX):
        groups.setdefault((tax.category, tax.percent), []).extend(neighbours)
    return [groups[key] for key in sorted(groups, key=lambda key: (_CATEGORY_ORDER[key[0]], -key[1]))]


def _tax_bases(group: list[_Entry], rounding: TaxRounding) -> list[list[_Entry]]:
    """The parts of a group whose tax is rounded on its own."""
    if rounding is TaxRounding.PER_GROUP:
        return [group]
    usage = [entry for entry in group if entry.line.kind in USAGE_KINDS]
    others = [[entry] for entry in group if entry.line.kind not in USAGE_KINDS]
    return [*others, usage] if usage else others


def _public_base(base: list[_Entry], currency: str, *, inclusive: bool) -> TaxBase:
    taxed = _tax_base(base, currency, inclusive=inclusive)
    ids = frozenset(entry.line.id for entry in base)
    return TaxBase(line_ids=ids, net=_sum(taxed.nets.values(), currency), tax=taxed.tax)


def _tax_base(base: list[_Entry], currency: str, *, inclusive: bool) -> _Taxed:
    percent = base[0].line.tax.percent
    amount = _sum((entry.amount for entry in base), currency)
    if not inclusive:
        with localcontext(prec=PRECISION):
            tax = quantise(amount * percent / HUNDRED, currency)
        return _Taxed(tax, {entry.position: entry.amount for entry in base})
    with localcontext(prec=PRECISION):
        net = quantise(amount * HUNDRED / (HUNDRED + percent), currency)
        gross = [entry.amount * HUNDRED for entry in base]
    parts = round_to_sum(net, gross, [entry.key for entry in base], currency, divisor=HUNDRED + percent)
    return _Taxed(amount - net, {entry.position: part for entry, part in zip(base, parts, strict=True)})


def _tax_group(first: AnyLine, *, net: Decimal, tax: Decimal) -> TaxGroup:
    """A row of the tax summary, named as its first line is."""
    return TaxGroup(
        category=first.tax.category, percent=first.tax.percent, name=first.tax.name, net=net, tax=tax, reason=first.tax.reason
    )


def _sum(amounts: Iterable[Decimal], currency: str) -> Decimal:
    return quantise(total(amounts), currency)
