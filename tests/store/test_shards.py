"""Index partitions: a deployment that is set to fewer than before still reads all that were ever written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib import wiring
from chalicelib.domain.invoice_search import InvoiceSearch
from chalicelib.domain.payment_search import PaymentSearch
from chalicelib.services.deps import Deps
from chalicelib.services.sweep import sweep
from chalicelib.store import shards
from chalicelib.store.clock import count_due, list_due
from chalicelib.store.customers import list_customers
from chalicelib.store.history import list_parties
from chalicelib.store.invoice_list import list_invoices
from chalicelib.store.invoices import put_invoice_once
from chalicelib.store.payment_list import list_payments
from chalicelib.store.payments import put_payment_once
from tests.support.aws_calls import counted, meanwhile
from tests.support.builders import NOW, a_payment, an_invoice
from tests.support.cloud import Cloud
from tests.support.crowd import put_crowd

MANY = 16
NAMES = [f"c{number}" for number in range(20)]


def deployed(count: int) -> Deps:
    """A new process of a deployment with so many shards of every index."""
    shards.forget()
    deps = wiring.get_deps()
    return replace(deps, settings=replace(deps.settings, list_shards=count, due_shards=count))


@pytest.fixture
def crowd(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Customers with an invoice and a payment each, written while there were many shards; a sweep came by."""
    deps = deployed(MANY)
    sweep(deps)
    monkeypatch.setattr(wiring, "get_deps", lambda: deps)
    put_crowd(NAMES, date(2026, 11, 1))
    for name in NAMES:
        put_invoice_once(an_invoice(id=f"{name}.20261115.A.1", customer_id=name), MANY)
        put_payment_once(a_payment(id=f"{name}.20261115.1", customer_id=name), MANY)
    return NAMES


def test_nobody_is_forgotten_when_shards_shrink(crowd: list[str]) -> None:
    """Lists, debtors and due customers are complete with one shard set."""
    shards.forget()
    due = datetime(2027, 1, 1, tzinfo=UTC)
    assert sorted(one.customer_id for one in list_due("monthly", due, 1)) == sorted(crowd)
    assert count_due("monthly", due, 1) == len(crowd)
    assert sorted(one.id for one in list_customers("", 100, None, 1)[0]) == sorted(crowd)
    assert sorted(one.customer_id for one in list_invoices(InvoiceSearch(as_of=NOW), shards=1, limit=100)[0]) == sorted(crowd)
    assert sorted(one.customer_id for one in list_payments(PaymentSearch(), shards=1, limit=100)[0]) == sorted(crowd)
    assert sorted(one.customer_id for one in list_parties(1, owing_only=False)) == sorted(crowd)


def test_the_count_only_grows(cloud: Cloud) -> None:
    """A sweep with fewer shards changes nothing, one with more does."""
    for count in (4, 2, 8, 1):
        sweep(deployed(count))
    shards.forget()
    assert len(shards.shards_to_read(shards.LISTS, 1)) == len(shards.shards_to_read(shards.CLOCKS, 1)) == 8


def test_more_shards_are_read_as_soon_as_they_are_set(cloud: Cloud) -> None:
    """Nobody has to note them first."""
    assert shards.shards_to_read(shards.LISTS, 3) == range(3)


def test_of_two_that_note_at_once_the_higher_counts(cloud: Cloud) -> None:
    """Whoever was lower and later is refused, and reads as many."""
    with meanwhile("PutItem", 1, lambda: shards._raise(shards.LISTS, MANY)):
        shards.note_shards(shards.LISTS, 4)
    assert shards.shards_to_read(shards.LISTS, 4) == range(MANY)


def test_a_process_asks_once(cloud: Cloud) -> None:
    """After that, reading and noting make no call."""
    shards.note_shards(shards.LISTS, 4)
    with counted() as calls:
        shards.note_shards(shards.LISTS, 4)
        shards.shards_to_read(shards.LISTS, 1)
    assert calls == {}
