"""Proposals: whose money an entry may be, why, and what it would pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.allocation import OpenInvoice
from chalicelib.domain.bank_entry import BankEntry, Side
from chalicelib.domain.bank_matching import MAX_PROPOSALS, Debtor, MatchReason, OpenBill, contains_mark, propose
from chalicelib.domain.money import total


def an_entry(amount: str = "10.00", remittance: str = "", **fields: str) -> BankEntry:
    """Money that came in."""
    base: dict[str, Any] = {"reference": "", "name": "", "account": "", "currency": "EUR", **fields}
    return BankEntry(line=1, side=Side.CREDIT, amount=Decimal(amount), date=date(2026, 11, 15), remittance=remittance, **base)


def a_bill(number: str, due: str = "10.00", day: int = 1) -> OpenBill:
    """An open invoice, due in December."""
    terms = OpenInvoice(
        invoice_id=f"id-{number}", invoice_date=date(2026, 11, day), due_date=date(2026, 12, day), amount_due=Decimal(due)
    )
    return OpenBill(number=number, terms=terms)


def a_debtor(customer_id: str, *bills: OpenBill, **fields: object) -> Debtor:
    """A customer in EUR."""
    base: dict[str, object] = {"name": f"{customer_id.title()} Ltd", "currency": "EUR", **fields}
    return Debtor(customer_id=customer_id, bills=bills, **base)  # type: ignore[arg-type]


ACME = a_debtor("acme", a_bill("INV-1001"), a_bill("INV-1002", "20.00", 2), tax_id="DE123456789", external_id="K-4711")
OTHER = a_debtor("other", a_bill("INV-1003"))


@pytest.mark.parametrize(
    "text, mark, found",
    [
        ("Invoice INV-1001", "INV-1001", True),
        ("inv 1001", "INV-1001", True),
        ("INV-\n10 01", "INV-1001", True),
        ("INV-10010", "INV-1001", False),
        ("XINV-1001", "INV-1001", False),
        ("20261001", "1001", False),
        ("RE 1001/Nov", "1001", True),
        ("Acmeister", "Acme", False),
        ("12", "12", False),
        ("anything", "", False),
        ("a+b(c", "a+b(c", True),
    ],
)
def test_marks_are_found_however_banks_wrap_them(text: str, mark: str, found: bool) -> None:
    """Spaces and separators do not matter, neighbouring digits and letters do."""
    assert contains_mark(text, mark) is found


def test_a_named_invoice_of_the_same_amount_comes_first() -> None:
    """Number and amount beat the amount alone."""
    first, second = propose(an_entry("10.00", "Thanks! INV-1003"), [ACME, OTHER])
    assert (first.customer_id, first.score) == ("other", 100)
    assert first.reasons == (MatchReason.INVOICE_NUMBER, MatchReason.AMOUNT_OF_INVOICE)
    assert first.lines == (("id-INV-1003", "INV-1003", Decimal("10.00")),)
    assert (second.customer_id, second.reasons) == ("acme", (MatchReason.AMOUNT_OF_INVOICE,))


def test_number_and_amount_come_before_everything_else() -> None:
    """Who pays from a known account, and is named with tax id and customer number, but without the invoice, comes second."""
    known = replace(ACME, accounts=frozenset({"DE89"}))
    entry = an_entry("10.00", "INV-1003 DE123456789 K-4711", name="Acme Ltd", account="DE89")
    assert [(one.customer_id, one.score) for one in propose(entry, [known, OTHER])] == [("other", 100), ("acme", 99)]


def test_several_named_invoices_are_paid_together() -> None:
    """Their sum is a reason of its own, and each gets what it owes."""
    (found,) = propose(an_entry("30.00", "INV-1001, INV-1002"), [ACME, OTHER])
    assert found.reasons == (MatchReason.INVOICE_NUMBER, MatchReason.AMOUNT_OF_ALL_NAMED)
    assert [str(line.amount) for line in found.lines] == ["10.00", "20.00"]


def test_a_named_invoice_is_meant_even_where_another_has_the_amount() -> None:
    """The amount of an invoice that is not named is no reason, and gets nothing."""
    (found,) = propose(an_entry("20.00", "INV-1001"), [ACME])
    assert (found.reasons, [line.number for line in found.lines]) == ((MatchReason.INVOICE_NUMBER,), ["INV-1001"])


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({"account": "DE89"}, MatchReason.ACCOUNT_KNOWN),
        ({"remittance": "VAT DE 123 456 789"}, MatchReason.TAX_ID),
        ({"reference": "K4711"}, MatchReason.EXTERNAL_ID),
        ({"name": "ACME LTD."}, MatchReason.CUSTOMER_NAME),
    ],
)
def test_a_customer_is_known_by_more_than_numbers(fields: dict[str, str], reason: MatchReason) -> None:
    """Account, tax id, external id, name; then the oldest due invoices are proposed, as far as the money goes."""
    debtor = a_debtor("acme", *ACME.bills, tax_id=ACME.tax_id, external_id=ACME.external_id, accounts=frozenset({"DE89"}))
    (found,) = propose(an_entry("12.00", **fields), [debtor, OTHER])
    assert found.reasons == (reason,)
    assert [(line.number, str(line.amount)) for line in found.lines] == [("INV-1001", "10.00"), ("INV-1002", "2.00")]


def test_another_currency_is_shown_and_pays_nothing() -> None:
    """A payment in a currency the customer is not billed in cannot be booked."""
    (found,) = propose(an_entry("10.00", "INV-1003", currency="USD"), [OTHER])
    assert (found.fits_currency, found.lines, found.reasons) == (False, (), (MatchReason.INVOICE_NUMBER,))


def test_customers_whose_payments_bring_invoices_are_proposed_for_none() -> None:
    """Their payment creates the invoice it pays."""
    (found,) = propose(an_entry(name="Acme Ltd"), [a_debtor("acme", a_bill("INV-1"), brings_invoice=True)])
    assert found.lines == ()


def test_without_a_reason_nobody_is_proposed() -> None:
    """And of many, the best few."""
    assert propose(an_entry("7.77"), [ACME, OTHER]) == ()
    many = [a_debtor(f"c{place}", a_bill(f"INV-{2000 + place}")) for place in range(9)]
    assert [one.customer_id for one in propose(an_entry("10.00"), many)] == [f"c{place}" for place in range(MAX_PROPOSALS)]


def test_a_proposal_names_no_more_than_one_transaction_holds() -> None:
    """Of a hundred open invoices the forty that are due first."""
    debtor = a_debtor("acme", *(a_bill(f"INV-{1000 + place}", "1.00") for place in range(100)))
    (found,) = propose(an_entry("100.00", name="Acme Ltd"), [debtor])
    assert len(found.lines) == 40


@given(
    amount=st.decimals(min_value="0.01", max_value="100", places=2),
    dues=st.lists(st.decimals(min_value="0.01", max_value="50", places=2), max_size=6),
    text=st.text(max_size=40),
)
def test_proposals_never_spend_more_than_there_is(amount: Decimal, dues: list[Decimal], text: str) -> None:
    """Neither of the entry nor of any invoice."""
    bills = [a_bill(f"INV-{place}", str(due)) for place, due in enumerate(dues)]
    for found in propose(an_entry(str(amount), text, name="Acme Ltd"), [a_debtor("acme", *bills)]):
        assert total(line.amount for line in found.lines) <= amount
        assert all(line.amount <= dues[int(line.number[4:])] for line in found.lines)
        assert 0 < found.score <= 100
