"""What credit notes have left of an invoice: by line, by tax group and in total, to the cent.

The caps of every further credit note. Plans nothing itself (see `credit_notes`); the notes given must be all there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.money import PRECISION, ZERO, quantise, total
from chalicelib.domain.tax import TaxCategory, TaxGroup
from chalicelib.domain.totals import TaxBase, calculate_tax_bases

GroupKey = tuple[TaxCategory, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRest:
    """A line of the invoice: the net that is left of it, and how many units credit notes took back at its own price."""

    line: Line
    net: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRest:
    """A tax group of the invoice: what is left of it, and the bases that its tax was rounded on."""

    group: TaxGroup
    net: Decimal
    tax: Decimal
    lines: tuple[LineRest, ...]
    bases: tuple[TaxBase, ...]

    @property
    def gross(self) -> Decimal:
        """Net and tax that are left."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRest:
    """What is left of an invoice, by tax group in the order that is printed."""

    invoice: Invoice
    groups: tuple[GroupRest, ...]

    @property
    def gross(self) -> Decimal:
        """The total that is left."""
        return total(group.gross for group in self.groups)


def calculate_rest(invoice: Invoice, notes: Sequence[Invoice]) -> InvoiceRest:
    """What the credit notes of the invoice have left of it. A line of a note has the id of the line that it takes back."""
    nets, taxes, quantities = _credited_nets(notes), _credited_taxes(notes), _credited_quantities(invoice, notes)
    lines: dict[GroupKey, list[LineRest]] = defaultdict(list)
    for line in invoice.lines:
        lines[key_of(line)].append(LineRest(line=line, net=line.net - nets[line.id], quantity=quantities[line.id]))
    bases = calculate_tax_bases(invoice)
    return InvoiceRest(invoice=invoice, groups=tuple(_group_rest(group, lines, taxes, bases) for group in invoice.taxes))


def check_revision(revised: Invoice, notes: Sequence[Invoice]) -> None:
    """Pass a new revision that leaves room for what was credited, per line and tax group, and is not dated after it.

    Raises Conflict: total_below_paid, wrong_state.
    """
    first = min((note.invoice_date for note in notes), default=revised.invoice_date)
    if first < revised.invoice_date:
        raise Conflict("wrong_state", f"It was credited on {first}; it cannot be dated after that.")
    _check_lines_kept(revised, notes)
    for group in calculate_rest(revised, notes).groups:
        _check_group_left(group)


def is_part(part: Decimal, whole: Decimal) -> bool:
    """Whether the amount lies between nothing and the whole, whichever sign that has.

    >>> is_part(Decimal(-3), Decimal(-5)), is_part(Decimal(6), Decimal(5)), is_part(Decimal(-1), Decimal(5))
    (True, False, False)
    """
    return ZERO <= part <= whole or whole <= part <= ZERO


def key_of(line: Line) -> GroupKey:
    """The tax group that a line belongs to."""
    return line.tax.category, line.tax.percent


def calculate_tax_due(bases: Iterable[TaxBase], nets: Mapping[str, Decimal], currency: str) -> Decimal:
    """The tax of a group on nets by line id: of every base the share that its net has, each rounded once."""
    with localcontext(prec=PRECISION):
        return total(_tax_share(base, total(nets[key] for key in base.line_ids), currency) for base in bases)


def _check_lines_kept(revised: Invoice, notes: Iterable[Invoice]) -> None:
    known = {line.id: key_of(line) for line in revised.lines}
    for line in (line for note in notes for line in note.lines):
        if line.net and known.get(line.id) != key_of(line):
            raise Conflict("total_below_paid", f"Line {line.id} was credited; it cannot be removed or taxed otherwise.")


def _check_group_left(rest: GroupRest) -> None:
    for one in rest.lines:
        if not is_part(one.net, one.line.net):
            message = f"{one.line.net - one.net} of line {one.line.id} was credited; its net would be {one.line.net}."
            raise Conflict("total_below_paid", message)
    if not (is_part(rest.net, rest.group.net) and is_part(rest.tax, rest.group.tax)):
        raise Conflict("total_below_paid", f"More was credited at {rest.group.percent} % than would be left there.")


def _tax_share(base: TaxBase, net: Decimal, currency: str) -> Decimal:
    return quantise(base.tax * net / base.net, currency) if base.net else ZERO


def _group_rest(
    group: TaxGroup, lines: Mapping[GroupKey, list[LineRest]], taxes: Mapping[GroupKey, Decimal], bases: Iterable[TaxBase]
) -> GroupRest:
    key = group.category, group.percent
    ids = {one.line.id for one in lines[key]}
    return GroupRest(
        group=group,
        net=total(one.net for one in lines[key]),
        tax=group.tax - taxes[key],
        lines=tuple(lines[key]),
        bases=tuple(base for base in bases if base.line_ids <= ids),
    )


def _credited_nets(notes: Iterable[Invoice]) -> Mapping[str, Decimal]:
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for line in (line for note in notes for line in note.lines):
        nets[line.id] += line.net
    return nets


def _credited_taxes(notes: Iterable[Invoice]) -> Mapping[GroupKey, Decimal]:
    taxes: dict[GroupKey, Decimal] = defaultdict(Decimal)
    for group in (group for note in notes for group in note.taxes):
        taxes[group.category, group.percent] += group.tax
    return taxes


def _credited_quantities(invoice: Invoice, notes: Iterable[Invoice]) -> Mapping[str, Decimal]:
    """Units that were taken back at the line's own price; what was credited by amount counts none."""
    prices = {line.id: (line.unit_price, line.discount_percent) for line in invoice.lines}
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    for line in (line for note in notes for line in note.lines):
        if prices.get(line.id) == (line.unit_price, line.discount_percent):
            quantities[line.id] += line.quantity
    return quantities
