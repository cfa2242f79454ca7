"""The payment QR code: made only when every part of it is certain."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.invoice import Invoice, InvoiceStatus
from chalicelib.render.payment_code import build_payment_code, find_iban
from tests.support import specimens


@pytest.mark.parametrize(
    "text, iban",
    [
        ("IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001", "DE02120300000000202051"),
        ("DE02120300000000202051", "DE02120300000000202051"),
        ("NL91ABNA0417164300, again NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("DE03 1203 0000 0000 2020 51", None),
        ("DE02 1203 0000", None),
        ("DE02 1203 0000 0000 2020 51 and NL91 ABNA 0417 1643 00", None),
        ("Account 12345678, sort code 12-34-56", None),
        ("XX02 1203 0000 0000 2020 51", None),
        ("", None),
    ],
)
def test_find_iban(text: str, iban: str | None) -> None:
    """The one valid SEPA IBAN; none when the check digits are wrong or there are two to choose from."""
    assert find_iban(text) == iban


def test_code_holds_the_transfer() -> None:
    """The parts stand in the order of EPC069-12; a long name is cut to its 70 characters."""
    code = build_payment_code(specimens.an_issued(operator=specimens.an_operator(name="Telco\nGmbH" + "x" * 80)))
    assert code is not None
    parts = code.split("\n")
    assert parts[:5] == ["BCD", "002", "1", "SCT", ""]
    assert parts[5] == "Telco GmbH" + "x" * 60
    assert parts[6:] == ["DE02120300000000202051", "EUR1476.68", "", "", "INV-2026-000417"]


ISSUED = specimens.an_issued()


@pytest.mark.parametrize(
    "invoice",
    [
        specimens.in_dinar(),
        specimens.a_draft(),
        specimens.a_credit_note(),
        replace(ISSUED, status=InvoiceStatus.VOID),
        replace(ISSUED, amount_paid=ISSUED.total),
        replace(ISSUED, total=Decimal("1000000000.00")),
        replace(ISSUED, operator=specimens.an_operator(payment_details="Cash only")),
    ],
    ids=["not euro", "draft", "credit note", "void", "paid", "too large", "no IBAN"],
)
def test_no_code_where_a_part_is_unsure(invoice: Invoice) -> None:
    """Not euro, not issued, nothing due, more than SEPA carries, or no IBAN: no code rather than a wrong one."""
    assert build_payment_code(invoice) is None
