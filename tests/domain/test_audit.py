"""The audit log's words and what it keeps: an action for every change, and the fields that differ, never more than fits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.access import ApiKey
from chalicelib.domain.audit import ObjectKind, action_of
from chalicelib.domain.audit_subjects import subject_of
from chalicelib.domain.bank_entry import EntryState
from chalicelib.domain.bank_statement import DecidedEntry
from chalicelib.domain.differences import LONGEST_TEXT, MOST_ROWS, differences
from chalicelib.domain.invoice import InvoiceStatus
from chalicelib.domain.payment import Allocation, PaymentState, Refund
from chalicelib.domain.webhooks import WebhookEndpoint
from tests.support.builders import NOW, TODAY, a_customer, a_package, a_payment, an_assignment, an_invoice, settings

DRAFT = an_invoice()
ISSUED = an_invoice(status=InvoiceStatus.ISSUED)
PARTLY = replace(ISSUED, amount_paid=Decimal("2.00"))
PAID = replace(ISSUED, amount_paid=Decimal("12.00"))
CREDITED = replace(ISSUED, amount_credited=Decimal("2.00"))
PAYMENT = a_payment()
ROW = Allocation(
    id="1.1",
    payment_id=PAYMENT.id,
    invoice_id=ISSUED.id,
    invoice_number="INV-1001",
    customer_id="acme",
    amount=Decimal("2.00"),
    currency="EUR",
    date=TODAY,
    created_at=NOW,
)
REFUND = Refund(id="r1", payment_id=PAYMENT.id, customer_id="acme", amount=Decimal(1), currency="EUR", date=TODAY, created_at=NOW)
KEY = ApiKey(id="0" * 64, name="import", permissions=(), created_at=NOW)
DECIDED = DecidedEntry(
    statement_id="s1", id="000002", status=EntryState.CONFIRMED, customer_id="acme", payment_id="", problem="", note=""
)
ENDPOINT = WebhookEndpoint(id="w1", url="https://example.com", created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize(
    "before, after, action",
    [
        (None, DRAFT, "created"),
        (None, ISSUED, "issued"),
        (DRAFT, replace(DRAFT, notes="x"), "edited"),
        (DRAFT, ISSUED, "issued"),
        (DRAFT, None, "deleted"),
        (ISSUED, replace(ISSUED, revision=1), "revised"),
        (ISSUED, replace(ISSUED, status=InvoiceStatus.VOID, revision=1), "voided"),
        (ISSUED, PARTLY, "allocated"),
        (PARTLY, PAID, "paid"),
        (PAID, PARTLY, "reversed"),
        (ISSUED, CREDITED, "credited"),
        (PAID, replace(PAID, amount_credited=Decimal(2), amount_refunded=Decimal(2)), "credited"),
        (CREDITED, ISSUED, "credit_reversed"),
        (PAID, replace(PAID, amount_refunded=Decimal(1)), "refunded"),
        (None, PAYMENT, "created"),
        (replace(PAYMENT, status=PaymentState.PENDING), PAYMENT, "completed"),
        (replace(PAYMENT, status=PaymentState.PENDING), replace(PAYMENT, status=PaymentState.CANCELLED), "cancelled"),
        (PAYMENT, replace(PAYMENT, allocated=Decimal(2)), "allocated"),
        (replace(PAYMENT, allocated=Decimal(2)), PAYMENT, "reversed"),
        (PAYMENT, replace(PAYMENT, refunded=Decimal(2)), "refunded"),
        (replace(PAYMENT, refunded=Decimal(2)), PAYMENT, "refund_reversed"),
        (PAYMENT, replace(PAYMENT, reference="x"), "edited"),
        (None, ROW, "allocated"),
        (ROW, replace(ROW, reversed_at=NOW), "reversed"),
        (None, REFUND, "refunded"),
        (REFUND, REFUND.taken_back(NOW, TODAY), "refund_reversed"),
        (None, a_customer(), "created"),
        (a_customer(), a_customer(name="B"), "edited"),
        (None, settings(), "settings_changed"),
        (settings(), settings(footer="x"), "settings_changed"),
        (KEY, None, "deleted"),
        (None, DECIDED, "confirmed"),
        (DECIDED, replace(DECIDED, status=EntryState.DISMISSED), "dismissed"),
    ],
)
def test_every_change_has_its_word(before: Any, after: Any, action: str) -> None:
    """The word says what a clerk would call it, the most telling one where several things changed."""
    assert action_of(before, after) == action


@pytest.mark.parametrize(
    "value, kind, name, histories",
    [
        (ISSUED, "invoice", ISSUED.id, [("invoice", ISSUED.id)]),
        (PAYMENT, "payment", PAYMENT.id, [("payment", PAYMENT.id)]),
        (ROW, "allocation", "1.1", [("invoice", ISSUED.id), ("payment", PAYMENT.id)]),
        (REFUND, "refund", "r1", [("payment", PAYMENT.id)]),
        (a_customer(), "customer", "acme", [("customer", "acme")]),
        (an_assignment(), "assignment", "as1", [("customer", "acme")]),
        (a_package(), "package", "line", [("package", "line")]),
        (settings(), "settings", "settings", [("settings", "settings")]),
        (KEY, "api_key", "import", [("settings", "settings")]),
        (DECIDED, "bank_entry", "000002", [("bank_statement", "s1")]),
        (ENDPOINT, "webhook", "w1", [("settings", "settings")]),
    ],
)
def test_a_change_is_told_with_what_it_is_part_of(value: object, kind: str, name: str, histories: list[tuple[str, str]]) -> None:
    """An allocation belongs to invoice and payment, an assignment to its customer, keys and webhooks to the settings."""
    subject = subject_of(value)
    assert (subject.kind, subject.id, list(subject.histories)) == (ObjectKind(kind), name, histories)


def test_only_what_differs_is_kept() -> None:
    """Equal fields and empty values are left out; inside a field only its own differences; a whole one when it is new."""
    before = {"name": "A", "city": {"zip": "1", "town": "X"}, "gone": {"a": 1}, "flag": True, "note": "", "days": [1, 2]}
    after = {"name": "A", "city": {"zip": "2", "town": "X"}, "new": {"b": 2}, "flag": False, "note": None, "days": [2]}
    assert differences(before, after) == (
        {"city": {"zip": "1"}, "gone": {"a": 1}, "flag": True, "days": [1, 2]},
        {"city": {"zip": "2"}, "new": {"b": 2}, "flag": False, "days": [2]},
    )


def test_of_many_rows_the_changed_ones_are_kept() -> None:
    """Rows that are in both are left out, and of too many the first, with how many more there are."""
    rows = [{"id": number, "net": "1.00"} for number in range(MOST_ROWS + 5)]
    changed = [{**rows[0], "net": "2.00"}, *rows[1:]]
    assert differences({"lines": rows}, {"lines": changed}) == ({"lines": rows[:1]}, {"lines": changed[:1]})
    assert differences({"lines": rows}, {}) == ({"more_lines": 5, "lines": rows[:MOST_ROWS]}, {})


def test_a_long_text_stands_for_itself_by_length_and_hash() -> None:
    """A logo of thousands of characters makes no entry large, wherever it is; two of one length are told apart."""
    long, other = "a" * (LONGEST_TEXT + 1), "a" * LONGEST_TEXT + "b"
    was, now = differences({"logo": long, "rows": [{"x": long}]}, {"logo": other})
    assert len(was["logo"]) < 200 > len(was["rows"][0]["x"])
    assert was["logo"] != now["logo"]
    assert "(1001 characters, SHA-256 " in was["logo"]


values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
states = st.dictionaries(st.text(max_size=3), values, max_size=4)


@given(states, states)
def test_the_same_is_no_difference_and_each_side_mirrors_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Nothing differs from itself; swapping the states swaps what is told."""
    assert differences(before, before) == ({}, {})
    assert differences(before, after) == differences(after, before)[::-1]
