"""The pictures of invoices in README and docs: the demo's operator bills the demo's first customer, in English, in each design.

`python -m tests.support.documentation_pictures` (part of make goldens) draws them. Not compared with what is kept: golden pages
are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
from PIL.Image import Quantize

from chalicelib.domain.customer import Address
from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import CustomerSnapshot, Invoice, Line, LineKind
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.render.pdf import render_pdf
from local.demo.world import OPERATOR, PACKAGES, last_full_month, read_customers
from tests.support.builders import a_line, tax
from tests.support.pictures import SCALE
from tests.support.specimens import NOVEMBER, a_usage_line, an_issued

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SMALL = 0.89
"""Scale of the designs, which stand side by side."""
FEW, MANY = range(2, 6), range(2, 28)
"""Positions of usage lines."""
ISSUED = date(2026, 12, 1)


def draw_all() -> None:
    """Keep the pages as they look now; the compact design shows what it is for, a page of many lines."""
    _draw("invoice", _an_invoice(Design.MODERN, FEW), SCALE)
    _draw("modern", _an_invoice(Design.MODERN, FEW), SMALL)
    _draw("classic", _an_invoice(Design.CLASSIC, FEW), SMALL)
    _draw("compact", _an_invoice(Design.COMPACT, MANY), SMALL)


def _an_invoice(design: Design, calls: Iterable[int]) -> Invoice:
    """Two packages with a set-up, calls to some destinations, and one late call."""
    trunk, numbers = PACKAGES[:2]
    month: dict[str, Any] = {"start_date": NOVEMBER.start_date, "end_date": NOVEMBER.end_date, "tax": tax(19)}
    return an_issued(
        template=design.value,
        number="NL-2026-000417",
        operator=_told(OperatorSnapshot, OPERATOR),
        customer=replace(_told(CustomerSnapshot, read_customers(last_full_month(ISSUED))[0].body), locale="en"),
        invoice_date=ISSUED,
        due_date=date(2026, 12, 15),
        notes=OPERATOR["invoice_notes"],
        lines=(
            a_line("1", trunk["unit_price"], kind=LineKind.PACKAGE, description=trunk["name"], **month),
            a_line("2", numbers["unit_price"], 3, kind=LineKind.PACKAGE, description=numbers["name"], **month),
            a_line("3", trunk["setup_price"], kind=LineKind.SETUP, description=f"{trunk['name']}, set-up", tax=tax(19)),
            *(_calls(position) for position in calls),
            _late_call(),
        ),
    )


def _draw(name: str, invoice: Invoice, scale: float) -> None:
    document = pypdfium2.PdfDocument(render_pdf(invoice))
    try:
        picture = document[0].render(scale=scale).to_pil().convert("RGB")
        picture.quantize(method=Quantize.MAXCOVERAGE).save(IMAGES / f"{name}.png", optimize=True)
    finally:
        document.close()


def _calls(position: int) -> Line:
    """At six cents a minute."""
    line = a_usage_line(position)
    return replace(line, unit_price=line.unit_price / 10)


def _late_call() -> Line:
    day = date(2026, 10, 30)
    line = replace(_calls(99), kind=LineKind.LATE_USAGE, start_date=day, end_date=day)
    return replace(line, description="Germany Mobile, late calls", original_invoice_number="NL-2026-000389")


def _told(kind: type[Any], told: dict[str, Any]) -> Any:
    """The part of a request's body that documents print."""
    names = {field.name for field in fields(kind)} - {"address"}
    return kind(**{name: value for name, value in told.items() if name in names}, address=Address(**told["address"]))


if __name__ == "__main__":
    draw_all()
