"""A statement to carry away: CSV and PDF say what the JSON says, and opening plus movements is closing on each."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.drafting import NewInvoice
from chalicelib.domain.errors import Conflict
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.money import total
from chalicelib.render.statement_csv import HEADER, render_statement_csv
from chalicelib.render.statement_view import build_statement_view
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.refunds import RefundPayment, refund_payment
from chalicelib.services.statement_files import (
    StatementQuestion,
    build_document,
    find_statement_csv,
    find_statement_pdf,
    render_statement,
)
from chalicelib.store import objects
from tests.support.builders import tax
from tests.support.cloud import Cloud
from tests.support.money_in import Clerk
from tests.support.pdf_reading import read_pages

ASKED = StatementQuestion(customer_id="acme")


@pytest.fixture
def clerk(cloud: Cloud) -> Clerk:
    """A customer with an invoice of 12.00, a payment of 20.00, of which 3.00 went back."""
    clerk = Clerk()
    clerk.world.settings(name="Telco GmbH")
    clerk.world.customer(schedule=None, name='=cmd|"x"')
    clerk.invoice("12.00")
    payment = clerk.payment("20.00", reference="@thanks")
    refund_payment(clerk.world.deps, RefundPayment(payment_id=payment.id, amount=Decimal("3.00")))
    return clerk


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_csv_adds_up_and_runs_nothing(clerk: Clerk) -> None:
    """Opening, movements, closing; texts from outside are no formulas."""
    rows = rows_of(render_statement_csv(build_document(clerk.world.deps, ASKED)))
    assert [(row["record"], row["kind"], row["debit"], row["credit"], row["balance"]) for row in rows] == [
        ("opening", "", "", "", "0.00"),
        ("movement", "invoice", "12.00", "0.00", "12.00"),
        ("movement", "payment", "0.00", "20.00", "-8.00"),
        ("movement", "refund", "3.00", "0.00", "-5.00"),
        ("closing", "", "", "", "-5.00"),
    ]
    assert {row["customer_name"] for row in rows} == {'\'=cmd|"x"'}
    assert (rows[1]["number"], rows[2]["reference"], tuple(rows[0])) == ("INV-1001", "'@thanks", HEADER)


@settings(max_examples=15)
@given(
    moves=st.lists(
        st.tuples(st.booleans(), st.decimals(min_value="0.01", max_value="99999", places=2), st.integers(0, 40)), max_size=8
    ),
    first=st.integers(0, 40),
    days=st.integers(0, 40),
)
def test_opening_and_movements_are_closing(
    deployment: Cloud, moves: list[tuple[bool, Decimal, int]], first: int, days: int
) -> None:
    """On the CSV of any days of any account, and the same figures stand on the paper."""
    deployment.clear()
    clerk = Clerk()
    clerk.world.customer(schedule=None)
    start = clerk.world.now.date()
    for is_invoice, amount, day in moves:
        on = start.fromordinal(start.toordinal() - day)
        if is_invoice:
            line = LineInput(given={"description": "Work", "unit_price": amount, "tax": tax(0)})
            create_invoice(clerk.world.deps, NewInvoice(customer_id="acme", lines=(line,), invoice_date=on), issue=True)
        else:
            clerk.payment(str(amount), date=on)
    since = start.fromordinal(start.toordinal() - first)
    asked = replace(ASKED, first=since, last=since.fromordinal(since.toordinal() + days))
    document = build_document(clerk.world.deps, asked)
    rows = rows_of(render_statement_csv(document))
    moved = total(Decimal(row["debit"]) - Decimal(row["credit"]) for row in rows[1:-1])
    assert Decimal(rows[0]["balance"]) + moved == Decimal(rows[-1]["balance"]) == document.statement.closing
    view = build_statement_view(document)
    assert len(view["rows"]) == len(rows) - 2
    shown = view["closing"]["balance"].replace("€", "").replace(",", "")
    assert Decimal(shown) == document.statement.closing


def test_the_pdf_is_drawn_once_and_says_the_same(clerk: Clerk) -> None:
    """Asked for, frozen, drawn by the storage event; asked again, a link; the event again gives the same bytes."""
    deps = clerk.world.deps
    assert find_statement_pdf(deps, ASKED).url is None
    assert find_statement_pdf(deps, ASKED).url is None
    (key,) = objects.list_keys("documents/statements/")
    render_statement(deps, key)
    found = find_statement_pdf(deps, ASKED)
    assert found.url
    assert "statement-acme-" in found.url
    pdf_key = objects.paper_pdf_key(objects.PaperKind.STATEMENTS, key.split("/")[-1].removesuffix(".json"))
    pdf = objects.find_object(pdf_key) or b""
    text = " ".join(" ".join(read_pages(pdf)).split())
    for word in (
        "Statement of account",
        "Telco GmbH",
        "INV-1001",
        "€12.00",
        "-€5.00",
        "Refund",
        "Closing balance",
        "in your favour",
    ):
        assert word in text, word
    render_statement(deps, key)
    assert objects.find_object(pdf_key) == pdf


def test_a_statement_that_cannot_be_drawn_says_why(clerk: Clerk) -> None:
    """A logo that is none: 409 with the reason instead of waiting for ever."""
    deps = clerk.world.deps
    clerk.world.settings(logo="data:image/png;base64,AAAA")
    find_statement_pdf(deps, ASKED)
    (key,) = objects.list_keys("documents/statements/")
    render_statement(deps, key)
    with pytest.raises(Conflict, match="template_failed"):
        find_statement_pdf(deps, ASKED)


@pytest.mark.parametrize(
    "key", ["documents/acme.20261101.R/0.json", "documents/statements/x.json", f"documents/statements/{'0' * 64}.json"]
)
def test_other_keys_are_left_alone(clerk: Clerk, key: str) -> None:
    """Documents, and statements that are gone."""
    render_statement(clerk.world.deps, key)
    assert list(objects.list_keys("pdf/statements/")) == []


def test_the_csv_is_behind_a_link(clerk: Clerk) -> None:
    """Named for customer and days."""
    url = find_statement_csv(clerk.world.deps, ASKED).url
    assert url
    assert "statement-acme-2026-12-01-2026-12-01.csv" in url
    assert len(list(objects.list_keys("exports/acme/statement-"))) == 1


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "ar", "he"])
def test_every_language_has_the_words(clerk: Clerk, locale: str) -> None:
    """The view is whole in each, and right-to-left where the language is."""
    document = build_document(clerk.world.deps, ASKED)
    view: dict[str, Any] = build_statement_view(replace(document, customer=replace(document.customer, locale=locale)))
    assert view["dir"] == ("rtl" if locale in {"ar", "he"} else "ltr")
    assert view["labels"]["closing_balance"] == view["facts"][2]["label"].strip("\u200e")
    assert (locale == "en") == (view["labels"]["statement"] == "Statement of account")
