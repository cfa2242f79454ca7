"""The comparison of paper and API can fail: one figure changed on the way to the printer is found, wherever on the page it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from chalicelib.domain.invoice import Invoice
from chalicelib.store import codec, objects
from tests.support.amounts_told import Walk
from tests.support.random_ledger import Ledger
from tests.support.story import Story

CENT = Decimal("0.01")
Lie = Callable[[Invoice], Invoice]


def of_a_line(invoice: Invoice) -> Invoice:
    """The last line's net is a cent more."""
    *first, last = invoice.lines
    return replace(invoice, lines=(*first, replace(last, net=last.net + CENT)))


def of_a_tax(invoice: Invoice) -> Invoice:
    """The last group's tax is a cent more."""
    *first, last = invoice.taxes
    return replace(invoice, taxes=(*first, replace(last, tax=last.tax + CENT)))


def of_a_line_left_out(invoice: Invoice) -> Invoice:
    """A line is not printed."""
    return replace(invoice, lines=invoice.lines[1:])


def of_the_subtotal(invoice: Invoice) -> Invoice:
    """The sum of nets is a cent more."""
    return replace(invoice, subtotal=invoice.subtotal + CENT)


def of_the_tax_total(invoice: Invoice) -> Invoice:
    """The sum of taxes is a cent more."""
    return replace(invoice, tax_total=invoice.tax_total + CENT)


def of_the_total(invoice: Invoice) -> Invoice:
    """The total, and with it what is due, is a cent more."""
    return replace(invoice, total=invoice.total + CENT)


def nothing(invoice: Invoice) -> Invoice:
    """As it is."""
    return invoice


def print_so(story: Story, lie: Lie) -> Walk:
    """An invoice with two tax groups is printed from a document that was tampered with; what the walk over its paper found."""
    story.customer(id="acme", schedule=None)
    stamp = {"description": "Stamp", "unit_price": "7.35", "tax": {"category": "Z", "percent": "0", "name": "VAT"}}
    lines = [{"description": "Work", "unit_price": "1234.50"}, stamp]
    body = {"customer_id": "acme", "lines": lines, "issue": True, "invoice_date": "2025-11-15"}
    shown = story.done(story.api.post("/invoices", body), 201)
    key = objects.document_key(shown["id"], shown["revision"])
    objects.put_object(key, codec.dump(lie(codec.load(Invoice, objects.find_object(key) or b""))))
    story.render()
    walk = Walk(Ledger(story, Random(1)))  # noqa: S311  # no chance in it
    walk.paper(story.invoice(shown["id"]), shown)
    return walk


def test_true_paper_is_believed(story: Story) -> None:
    """Nothing changed, nothing found; and every figure was compared."""
    walk = print_so(story, nothing)
    assert (walk.table.disagreements(), walk.missing) == ({}, [])
    compared = [name for _, name in (key for key, places in walk.table.said.items() if {"PDF", "detail of then"} <= set(places))]
    assert sorted(compared) == ["amount_due", "net", "net", "net", "net", "subtotal", "tax", "tax", "tax_total"]


@pytest.mark.parametrize(
    "lie, found",
    [
        (of_a_line, {"line 2 net"}),
        (of_a_tax, {"tax 1 tax"}),
        (of_the_subtotal, {"subtotal"}),
        (of_the_tax_total, {"tax_total"}),
        (of_the_total, {"amount_due"}),  # what is due is printed; the total only beside what was paid of it
    ],
)
def test_a_cent_too_much_is_found(story: Story, lie: Lie, found: set[str]) -> None:
    """The place is named."""
    walk = print_so(story, lie)
    assert {name.partition(" on paper ")[2] for name in walk.table.disagreements()} == found


def test_a_line_left_out_is_missed(story: Story) -> None:
    """Paper with fewer lines than the document is no paper of it."""
    assert print_so(story, of_a_line_left_out).missing != []
