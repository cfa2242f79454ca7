"""The lines of a document as rows of its annex: one short line of display strings each.

Made when their page is drawn, so that not all exist at once. Says what `line_view` says, without currency signs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chalicelib.domain.invoice import Line, PrintedPeriod
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

    Among usage, other lines say quantity × unit price in the details.
    """

    position: str
    description: str
    details: str
    dates: str
    calls: str
    minutes: str
    quantity: str
    unit_price: str
    tax: str
    amount: str


class AnnexRows:
    """Turns lines into rows for one document's locale and currency."""

    def __init__(self, formats: Formats, labels: Labels, *, has_usage: bool) -> None:
        """Prepare what many lines share: dates and taxes are written once each. `has_usage`: columns are those of usage."""
        self._has_usage = has_usage
        self.figures = Figures(formats.locale, formats.currency)
        self._formats, self._labels = formats, labels
        self._is_mirrored = formats.locale.text_direction == "rtl"
        self._dates: Callable[[date, date], str] = lru_cache(4096)(self._write_dates)
        self._tax: Callable[[Tax], str] = lru_cache(256)(self._write_tax)

    def row(self, position: int, line: Line) -> AnnexRow:
        """The cells of one line."""
        usage = line.usage
        return AnnexRow(
            position=str(position),
            description=self._given(line.description),
            details=self._given(" · ".join(self._details(line))),
            dates=self._dates(line.start_date, line.end_date or line.start_date) if line.start_date else "",
            calls=self.figures.count(usage.calls) if usage else "",
            minutes=self.figures.minutes(usage.billed_seconds) if usage else "",
            quantity="" if self._has_usage else self._formats.number(line.quantity),
            unit_price="" if self._has_usage else self.figures.price(line.unit_price),
            tax=self._tax(line.tax),
            amount=self.figures.amount(line.net),
        )

    def _given(self, text: str) -> str:
        """Text from outside on one line; on pages that run from right to left Latin text keeps its order."""
        clean = " ".join(str(drawable(text)).split())
        return str(keep_latin_order(clean)) if self._is_mirrored and clean else clean

    def _price(self, line: Line) -> str:
        discount = f" − {self._formats.percent(line.discount_percent)}" if line.discount_percent else ""
        return f"{self._formats.number(line.quantity)} × {self.figures.price(line.unit_price)}{discount}"

    def _details(self, line: Line) -> Iterator[str]:
        if line.unit and not line.usage:
            yield line.unit
        if self._has_usage and not line.usage:
            yield self._price(line)
        elif line.discount_percent:
            yield self._labels.text("discount", percent=self._formats.percent_in_text(line.discount_percent))
        if line.original_invoice_number:
            yield self._labels.text("billed_late", number=line.original_invoice_number)

    def _write_dates(self, first: date, last: date) -> str:
        return self._formats.period(PrintedPeriod(start_date=first, end_date=last))

    def _write_tax(self, tax: Tax) -> str:
        return f"{self._formats.percent(tax.percent)} {tax_code(tax)}".strip()
