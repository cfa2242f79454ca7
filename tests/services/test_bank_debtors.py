"""Whom entries may be of: those who owe, and, where not all of them were read, those that numbers, accounts and names lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.bank_entry import BankEntry, Side
from chalicelib.services.bank_debtors import Debtors
from chalicelib.services.customers import CreateCustomer, create_customer
from chalicelib.store.payer_accounts import record_payer
from tests.support.aws_calls import counted
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk

ENTRY = BankEntry(line=1, side=Side.CREDIT, amount=Decimal("1.00"), currency="EUR", date=date(2026, 12, 1))


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """Ten customers that owe 1.00 each, and one that owes nothing."""
    clerk = Clerk()
    for place in range(10):
        clerk.world.customer(f"c{place}", schedule=None, name=f"Customer {place}")
        clerk.invoice("1.00", f"c{place}")
    create_customer(clerk.world.deps, CreateCustomer(id="calm", name="Calm Waters", currency="EUR"))
    return clerk


def found(debtors: Debtors, **fields: str) -> set[str]:
    """Ids of whom an entry may be of."""
    return {debtor.customer_id for debtor in debtors.of_entry(replace(ENTRY, **fields))}


def test_all_who_owe_are_read_once(clerk: Clerk) -> None:
    """Entries ask for nothing more; one with a name asks for namesakes."""
    debtors = Debtors(clerk.world.deps)
    with counted() as calls:
        assert found(debtors, remittance="INV-1001") == {f"c{place}" for place in range(10)}
    assert calls == {}
    assert "calm" in found(debtors, name="calm waters")


def test_beyond_the_most_a_number_or_account_leads_to_its_customer(clerk: Clerk) -> None:
    """However many owe: by the blocks of numbers, by accounts of earlier payments, by the name."""
    debtors = Debtors(clerk.world.deps, most=2)
    assert len(found(debtors)) == 2
    for place in (0, 9):
        assert f"c{place}" in found(debtors, remittance=f"Thanks INV-{1001 + place}")
    second = clerk.invoice("2.00", "c9")
    assert second.number
    (nine,) = [
        one
        for one in Debtors(clerk.world.deps, most=1).of_entry(replace(ENTRY, remittance=second.number))
        if one.customer_id == "c9"
    ]
    assert len(nine.bills) == 2
    record_payer("DE1", "calm")
    assert "calm" not in found(debtors)
    assert "calm" in found(debtors, account="DE1")
    (calm,) = [one for one in debtors.of_entry(replace(ENTRY, account="DE1")) if one.customer_id == "calm"]
    assert (calm.accounts, calm.bills) == ({"DE1"}, ())


def test_names_of_any_length_are_looked_up(clerk: Clerk) -> None:
    """An index key holds only so much; what others type may be longer."""
    assert "calm" not in found(Debtors(clerk.world.deps), name="漢" * 500)
