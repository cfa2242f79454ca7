"""One table of figures: what every place says of an amount. Where two places differ, it names both."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.support.pdf_reading import read_pages

MONEY = r"-?(?:[€¥]|[A-Z]{3}[\u00a0 ])\d[\d,]*(?:\.\d+)?"
GAP = r"[\u00a0 ]+"
LINE_ROW = re.compile(rf"^ *(\d+) .*?({MONEY})$", re.MULTILINE)
TAX_ROW = re.compile(rf"%{GAP}({MONEY}){GAP}({MONEY})")
TOTAL_ROWS = {
    "subtotal": "Subtotal",
    "tax_total": "Tax",
    "total": "Total|Total credit",
    "amount_paid": "Paid",
    "amount_credited": "Credited",
    "amount_refunded": "Refunded",
    "amount_due": "Amount due|Please pay",
}
"""Amounts of a document and what the paper calls them."""
NEGATED = {"amount_paid", "amount_credited"}
"""Printed as what they take off."""
STATEMENT_ROW = re.compile(rf"^ *[A-Z][a-z]{{2}} \d+, \d{{4}} .*?((?:{MONEY}{GAP})?{MONEY})$", re.MULTILINE)


@dataclass(slots=True)
class Figures:
    """(of what, which amount) → where → figure, each as text with the currency's digits."""

    said: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def say(self, subject: str, where: str, amounts: Mapping[str, Any]) -> None:
        """A place says so of a subject."""
        for name, figure in amounts.items():
            self.said[subject, name][where].add(str(figure))

    def disagreements(self) -> dict[str, dict[str, list[str]]]:
        """Every amount that is not the same wherever it stands."""
        return {
            " ".join(key): {where: sorted(figures) for where, figures in places.items()}
            for key, places in self.said.items()
            if len(set().union(*places.values())) > 1
        }

    def places(self) -> dict[str, int]:
        """How many amounts each place was asked that another place tells too."""
        shared = [places for places in self.said.values() if len(places) > 1]
        return {where: sum(where in places for places in shared) for places in shared for where in places}


def add(amounts: Iterable[Any], like: str) -> str:
    """The sum, with as many digits as the amount `like` has."""
    return str(sum(map(Decimal, amounts), Decimal(0)).quantize(Decimal(like)))


def read_rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def read_paper(pdf: bytes) -> dict[str, dict[str, str]]:
    """What an invoice or credit note in English prints: part of it → amount → figure."""
    text = "\n".join(read_pages(pdf))
    parts = {f"line {found[1]}": {"net": plain(found[2])} for found in LINE_ROW.finditer(text)}
    parts |= {f"tax {n}": {"net": plain(found[1]), "tax": plain(found[2])} for n, found in enumerate(TAX_ROW.finditer(text))}
    totals = {name: _labelled(text, label) for name, label in TOTAL_ROWS.items()}
    parts["totals"] = {name: _negate(figure) if name in NEGATED else figure for name, figure in totals.items() if figure}
    return parts


def read_statement_paper(pdf: bytes) -> list[tuple[str, str]]:
    """The rows of a statement in English: what moved (nothing: empty), the balance; opening first, then the closing figure."""
    text = "\n".join(read_pages(pdf))
    _head, *rows = STATEMENT_ROW.finditer(text)  # date, days and closing figure stand at the top, too
    found = [[plain(figure) for figure in re.findall(MONEY, row[1])] for row in rows]
    closing = _labelled(text, "Closing balance")
    return [*((figures[0] if len(figures) > 1 else "", figures[-1]) for figures in found), ("", closing)]


def plain(figure: str) -> str:
    """A figure as the English locale writes it, as the API writes it.

    >>> plain("-€1,234.50"), plain("KWD 0.125"), plain("¥12")
    ('-1234.50', '0.125', '12')
    """
    return re.sub(r"[^-\d.]", "", figure)


def _labelled(text: str, label: str) -> str:
    found = re.search(rf"(?:^|{GAP})(?:{label}){GAP}({MONEY})", text, re.MULTILINE)
    return plain(found[1]) if found else ""


def _negate(figure: str) -> str:
    return figure.removeprefix("-") if figure.startswith("-") else f"-{figure}"
