"""How much a credit note takes back of which line and tax group: all that is left, a gross amount, or parts of lines.

Shares never exceed what is left, so that any sequence of credit notes ends exactly at the invoice, per line and tax group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.domain.credit_requests import LineCredit
from chalicelib.domain.credits import GroupRest, InvoiceRest, LineRest, calculate_tax_due, is_part
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.money import PRECISION, ZERO, apportion, quantise, total
from chalicelib.domain.tax import TaxGroup
from chalicelib.domain.totals import calculate_line_net

TAX_FIRST = (1, 0)
"""Who gets the odd cent of an even split between net and tax: as long as net is left, a later note can still take tax."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """The net taken back of a line; with a `quantity`, as that many units at its own price.

    `gross` is what these units cost where prices include tax, None for everything else.
    """

    line: Line
    net: Decimal
    quantity: Decimal | None = None
    gross: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShare:
    """What is taken back of a tax group."""

    group: TaxGroup
    tax: Decimal
    lines: tuple[LineShare, ...]

    @property
    def net(self) -> Decimal:
        """The sum of its lines."""
        return total(share.net for share in self.lines)


def split_whole(rest: InvoiceRest) -> tuple[GroupShare, ...]:
    """All that is left."""
    currency = rest.invoice.currency
    return tuple(
        GroupShare(group=one.group, tax=one.tax, lines=tuple(_take_rest(line, currency) for line in one.lines))
        for one in rest.groups
    )


def split_amount(rest: InvoiceRest, amount: Decimal) -> tuple[GroupShare, ...]:
    """A gross amount over what is left of groups, of net and tax, and of lines, by largest remainder at each step.

    Raises Conflict(over_credited) for more than is left.
    """
    if amount > rest.gross:
        raise Conflict("over_credited", f"Only {rest.gross} {rest.invoice.currency} of the invoice is left to be credited.")
    if amount == rest.gross:
        return split_whole(rest)
    currency = rest.invoice.currency
    parts = apportion(amount, [one.gross for one in rest.groups], range(len(rest.groups)), currency)
    return tuple(_split_group(one, part, currency) for one, part in zip(rest.groups, parts, strict=True))


def split_lines(rest: InvoiceRest, asked: Sequence[LineCredit]) -> tuple[GroupShare, ...]:
    """Parts of lines, with the tax that belongs to them.

    Raises Conflict(over_credited) for more than is left of a line, a tax group or the invoice.
    """
    wanted = {one.line_id: one for one in asked}
    shares = tuple(_take_group(one, wanted, rest.invoice) for one in rest.groups)
    gross = total(share.net + share.tax for share in shares)
    if gross > rest.gross:
        message = f"That comes to {gross}; only {rest.gross} {rest.invoice.currency} of the invoice is left to be credited."
        raise Conflict("over_credited", message)
    return shares


def _split_group(rest: GroupRest, amount: Decimal, currency: str) -> GroupShare:
    net, tax = apportion(amount, [rest.net, rest.tax], TAX_FIRST, currency)
    parts = apportion(net, [one.net for one in rest.lines], range(len(rest.lines)), currency)
    lines = tuple(LineShare(line=one.line, net=part) for one, part in zip(rest.lines, parts, strict=True))
    return GroupShare(group=rest.group, tax=tax, lines=lines)


def _take_group(rest: GroupRest, wanted: Mapping[str, LineCredit], invoice: Invoice) -> GroupShare:
    shares = tuple(_take_part(one, wanted[one.line.id], invoice) for one in rest.lines if one.line.id in wanted)
    net = total(share.net for share in shares)
    if not is_part(net, rest.net):
        message = f"Of what is taxed at {rest.group.percent} % only {rest.net} net is left to be credited."
        raise Conflict("over_credited", message)
    return GroupShare(group=rest.group, tax=_tax_of(rest, shares, invoice.currency) if shares else ZERO, lines=shares)


def _take_part(rest: LineRest, asked: LineCredit, invoice: Invoice) -> LineShare:
    currency = invoice.currency
    share = _take_units(rest, asked.quantity, invoice) if asked.quantity is not None else _take_net(rest, asked, currency)
    if not is_part(share.net, rest.net):
        message = f"Only {rest.net} {currency} net of line {rest.line.id} is left to be credited."
        raise Conflict("over_credited", message, line_id=rest.line.id)
    return share


def _take_net(rest: LineRest, asked: LineCredit, currency: str) -> LineShare:
    if asked.net == rest.net:
        return _take_rest(rest, currency)
    return LineShare(line=rest.line, net=quantise(asked.net or ZERO, currency))


def _take_units(rest: LineRest, quantity: Decimal, invoice: Invoice) -> LineShare:
    """Rounded on all units that were taken back so far, so that the last one makes the line whole."""
    line, currency, before = rest.line, invoice.currency, rest.quantity
    after = before + quantity
    if not is_part(after, line.quantity):
        message = f"Only {line.quantity - before} of line {line.id} is left to be credited."
        raise Conflict("over_credited", message, line_id=line.id)
    net = _worth(line, line.net, after, currency) - _worth(line, line.net, before, currency)
    if not invoice.prices_include_tax:
        return LineShare(line=line, net=net, quantity=quantity)
    whole = calculate_line_net(line, currency)
    gross = _worth(line, whole, after, currency) - _worth(line, whole, before, currency)
    return LineShare(line=line, net=net, quantity=quantity, gross=gross)


def _take_rest(rest: LineRest, currency: str) -> LineShare:
    """What is left of a line: as units where only units were taken back before."""
    line, units = rest.line, rest.line.quantity - rest.quantity
    is_units = units * line.quantity > 0 and line.net - rest.net == _worth(line, line.net, rest.quantity, currency)
    return LineShare(line=line, net=rest.net, quantity=units if is_units else None)


def _worth(line: Line, amount: Decimal, quantity: Decimal, currency: str) -> Decimal:
    with localcontext(prec=PRECISION):
        return quantise(amount * quantity / line.quantity, currency)


def _tax_of(rest: GroupRest, shares: Iterable[LineShare], currency: str) -> Decimal:
    """The tax on the net: what units cost less their net where prices include tax; else so that all credited net has its tax."""
    taken = {share.line.id: share.net for share in shares}
    net = total(taken.values())
    if net == rest.net:
        return rest.tax
    gross = [share.gross for share in shares if share.gross is not None]
    if len(gross) == len(taken):
        return _kept_within(total(gross) - net, rest.tax)
    nets = {one.line.id: one.line.net - one.net + taken.get(one.line.id, ZERO) for one in rest.lines}
    credited = rest.group.tax - rest.tax
    return _kept_within(calculate_tax_due(rest.bases, nets, currency) - credited, rest.tax)


def _kept_within(amount: Decimal, whole: Decimal) -> Decimal:
    return min(max(amount, min(ZERO, whole)), max(ZERO, whole))
