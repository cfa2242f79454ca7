"""The lines of an e-invoice: prices without tax and never negative, so that quantity × price less the discount is the line's net.

Nets are those of the document. Where its price does not give them (tax included, usage rounded together, parts of a credit note)
the price is derived from the net, with as many decimals as it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from chalicelib.domain.invoice import Invoice, Line
from chalicelib.domain.money import HUNDRED, ONE, PRECISION, exponent, quantise
from chalicelib.render.einvoice.model import Discount, Item, Period
from chalicelib.render.einvoice.taxes import line_tax
from chalicelib.render.printable import printable

UNIT_CODES = {
    **dict.fromkeys(("piece", "pieces", "pcs"), "H87"),
    **dict.fromkeys(("minute", "minutes", "min"), "MIN"),
    **dict.fromkeys(("hour", "hours", "h"), "HUR"),
    **dict.fromkeys(("day", "days"), "DAY"),
    **dict.fromkeys(("week", "weeks"), "WEE"),
    **dict.fromkeys(("month", "months"), "MON"),
    **dict.fromkeys(("year", "years"), "ANN"),
}
ONE_UNIT = "C62"
"""UN/ECE Recommendation 20: one; for units that have no code the word stands as an attribute of the item."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Items:
    """Every line, numbered from 1 as on paper; made while it is written, as those of a long document fill tens of megabytes."""

    invoice: Invoice

    def __iter__(self) -> Iterator[Item]:
        """From the first line on."""
        return (_item(self.invoice, line, position) for position, line in enumerate(self.invoice.lines, 1))


def line_period(line: Line) -> Period | None:
    """The days of the line, as far as it has any."""
    if line.start_date is None and line.end_date is None:
        return None
    return Period(start=line.start_date, end=line.end_date)


def _item(invoice: Invoice, line: Line, position: int) -> Item:
    name, description = _texts(line)
    quantity = line.quantity or ONE
    base = _base(invoice, line)
    price = _price(invoice, line, base)
    return Item(
        id=str(position),
        name=name,
        description=description,
        quantity=-abs(quantity) if base < 0 else abs(quantity),
        unit_code=UNIT_CODES.get(line.unit.strip().lower(), ONE_UNIT),
        price=price,
        net=line.net,
        tax=line_tax(line.tax),
        discount=_discount(line, base),
        period=line_period(line),
        attributes=_attributes(line),
    )


def _base(invoice: Invoice, line: Line) -> Decimal:
    """What the line came to without its discount, net."""
    if not line.discount_percent:
        return line.net
    with localcontext(prec=PRECISION):
        amount = line.quantity * line.unit_price
        net = amount * HUNDRED / (HUNDRED + line.tax.percent) if invoice.prices_include_tax else amount
    return quantise(net, invoice.currency)


def _price(invoice: Invoice, line: Line, base: Decimal) -> Decimal:
    """The line's own price where it gives the base, else one with so many decimals that quantity × price rounds to the base."""
    quantity = abs(line.quantity or ONE)
    with localcontext(prec=PRECISION):
        own = abs(line.unit_price)
        fits = not invoice.prices_include_tax and quantise(quantity * own, invoice.currency) == abs(base)
        digits = exponent(invoice.currency) + max(quantity.adjusted() + 1, 0) + 1
        return own if fits else (abs(base) / quantity).quantize(ONE.scaleb(-digits), ROUND_HALF_UP)


def _discount(line: Line, base: Decimal) -> Discount | None:
    amount = base - line.net
    if not amount:
        return None
    return Discount(is_charge=amount < 0, percent=line.discount_percent, base=abs(base), amount=abs(amount))


def _texts(line: Line) -> tuple[str, str]:
    """(name, description): the first line of the text, and all of it where the name is not all."""
    text = str(printable(line.description)).strip()
    name = text.split("\n", 1)[0].strip()[:MAX_NAME].strip()
    return name or line.kind.value.replace("_", " "), text if text != name else ""


def _attributes(line: Line) -> tuple[tuple[str, str], ...]:
    """What the norm has no place for: a unit without code, calls, and whose days late calls are."""
    unit = str(printable(line.unit)).strip()
    found = [("Unit", unit if unit.lower() not in UNIT_CODES else "")]
    found.append(("Original invoice", str(printable(line.original_invoice_number or "")).strip()))
    if line.usage is not None:
        found += [("Calls", str(line.usage.calls)), ("Billed seconds", str(line.usage.billed_seconds))]
    return tuple((name, value) for name, value in found if value)
