"""The lines of a document as rows of its annex: one short line of display strings each.

Made when their page is drawn, so that not all exist at once. Says what `line_view` says, without currency signs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chalicelib.domain.invoice import Invoice, Line, PrintedPeriod
from chalicelib.domain.tax import Tax
from chalicelib.render.drawable import drawable
from chalicelib.render.figures import Figures
from chalicelib.render.formats import Formats
from chalicelib.render.labels import Labels
from chalicelib.render.line_view import tax_code
from chalicelib.render.printable import keep_latin_order


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """The cells of a line: calls and minutes, or, in a document without usage, quantity and unit price.

    Among usage, other lines say quantity × unit price in the details. `told` are name and details, on one line or two.
    """

    position: str
    told: tuple[tuple[str, str], ...]
    dates: str
    calls: str
    minutes: str
    quantity: str
    unit_price: str
    tax: str
    amount: str


class AnnexRows:
    """Turns lines into rows for one document's locale and currency."""

    def __init__(self, formats: Formats, labels: Labels, *, has_usage: bool, usual: PrintedPeriod | None) -> None:
        """Prepare what many lines share: dates and taxes are written once each.

        `has_usage`: columns are those of usage. With a `usual` period there is no column for it, and only other dates are said.
        """
        self._has_usage, self._usual = has_usage, usual
        self.figures = Figures(formats.locale, formats.currency)
        self._formats, self._labels = formats, labels
        self._is_mirrored = formats.locale.text_direction == "rtl"
        self._dates: Callable[[date, date], str] = lru_cache(4096)(self._write_dates)
        self._tax: Callable[[Tax], str] = lru_cache(256)(self._write_tax)

    def row(self, position: int, line: Line, turn: int) -> AnnexRow:
        """The cells of one line, whose name goes on below after `turn` characters, unless that is 0."""
        usage, (name, details) = line.usage, self.tell(line)
        told = ((name[:turn].rstrip(), ""), (name[turn:].lstrip(), details)) if turn else ((name, details),)
        return AnnexRow(
            position=str(position),
            told=tuple((self._ordered(one), self._ordered(other)) for one, other in told),
            dates="" if self._usual else self._period_of(line),
            calls=self.figures.count(usage.calls) if usage else "",
            minutes=self.figures.minutes(usage.billed_seconds) if usage else "",
            quantity="" if self._has_usage else self._formats.number(line.quantity),
            unit_price="" if self._has_usage else self.figures.price(line.unit_price),
            tax=self._tax(line.tax),
            amount=self.figures.amount(line.net),
        )

    def tell(self, line: Line) -> tuple[str, str]:
        """Name and details, each as one line of text that fonts have."""
        return _clean(line.description), _clean(" · ".join(self._details(line)))

    def next_cell(self, line: Line) -> str:
        """The first column behind the name that is filled: so far the name may reach."""
        if line.start_date and not self._usual:
            return "dates"
        if line.usage:
            return "calls"
        return "tax" if self._has_usage else "quantity"

    def _ordered(self, text: str) -> str:
        """On pages that run from right to left Latin text keeps its order."""
        return str(keep_latin_order(text)) if self._is_mirrored and text else text

    def _price(self, line: Line) -> str:
        discount = f" − {self._formats.percent(line.discount_percent)}" if line.discount_percent else ""
        return f"{self._formats.number(line.quantity)} × {self.figures.price(line.unit_price)}{discount}"

    def _details(self, line: Line) -> Iterator[str]:
        if self._usual and line.start_date and not _is_of(line, self._usual):
            yield self._period_of(line)
        if line.unit and not line.usage:
            yield line.unit
        if self._has_usage and not line.usage:
            yield self._price(line)
        elif line.discount_percent:
            yield self._labels.text("discount", percent=self._formats.percent_in_text(line.discount_percent))
        if line.original_invoice_number:
            yield self._labels.text("billed_late", number=line.original_invoice_number)

    def _period_of(self, line: Line) -> str:
        return self._dates(line.start_date, line.end_date or line.start_date) if line.start_date else ""

    def _write_dates(self, first: date, last: date) -> str:
        return self._formats.period(PrintedPeriod(start_date=first, end_date=last))

    def _write_tax(self, tax: Tax) -> str:
        return f"{self._formats.percent(tax.percent)} {tax_code(tax)}".strip()


def usual_period(invoice: Invoice) -> PrintedPeriod | None:
    """The document's period, where more than half of the lines with dates are of it; else none is usual."""
    dated = [line for line in invoice.lines if line.start_date]
    usual = invoice.period
    return usual if usual and 2 * sum(_is_of(line, usual) for line in dated) > len(dated) else None


def _is_of(line: Line, period: PrintedPeriod) -> bool:
    return line.start_date == period.start_date and (line.end_date or line.start_date) == period.end_date


def _clean(text: str) -> str:
    return " ".join(str(drawable(text)).split())
