"""`/exports` as clients see it: asked for once, made by the queue, handed out by a link, refused to customers."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import openpyxl
import pytest

from chalicelib.domain.invoice import PdfStatus
from chalicelib.services.export_contents import NO_PDF
from chalicelib.store import export_files, objects
from chalicelib.store.pdf_marks import mark_pdf
from tests.support.story import Story

KINDS = ("invoices_csv", "invoices_xlsx", "pdf_zip", "accounting_csv")
STAFF = ["billing:read"]


@pytest.fixture
def story(story: Story) -> Story:
    """Two customers; one has an invoice with setup and line rental, a void one, a credit note and a draft."""
    story.customer(id="acme", name='=HYPERLINK("http://x")')
    story.customer(id="other", name="Other")
    lines = [{"description": "Work", "unit_price": "10.00"}, {"description": "Rest", "unit_price": "0.05"}]
    first, second = (issue(story, "acme", lines) for _ in range(2))
    story.done(story.api.post(f"/invoices/{second}/void"), 200)
    story.done(story.api.post(f"/invoices/{first}/credit-notes", {"reason": "Wrong", "amount": "1.00"}), 201)
    issue(story, "other", lines[:1])
    story.done(story.api.post("/invoices", {"customer_id": "acme", "lines": lines}), 201)
    return story


def issue(story: Story, customer_id: str, lines: list[dict[str, str]]) -> str:
    """An issued invoice; its id."""
    made = story.api.post("/invoices", {"customer_id": customer_id, "lines": lines, "issue": True})
    return str(story.done(made, 201)["id"])


def make(story: Story, kind: str, /, **filters: str) -> dict[str, Any]:
    """The job when the queue is worked off."""
    asked = story.done(story.api.post("/exports", {"kind": kind, "filters": filters}, permissions=STAFF), 202)
    assert (asked["status"], asked["done"], asked["due"], asked["url"]) == ("queued", 0, None, None)
    story.work_off()
    return story.done(story.api.get(f"/exports/{asked['id']}", permissions=STAFF), 200)


def rows_of(job: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of its CSV."""
    content = objects.find_object(export_files.file_key(job["id"])) or b""
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_made_and_handed_out(story: Story, kind: str) -> None:
    """Progress, size and a link under a name that says what it is, for five minutes."""
    job = make(story, kind)
    assert (job["status"], job["kind"], job["filters"]) == ("done", kind, {})
    assert job["done"] == job["due"] == (5 if kind.startswith("invoices") else 4)
    assert job["bytes"] == len(objects.find_object(export_files.file_key(job["id"])) or b"")
    asked = parse_qs(urlsplit(job["url"]).query)
    name = asked["response-content-disposition"][0]
    assert name.startswith(f'attachment; filename="{kind.split("_", maxsplit=1)[0]}-')
    assert name.endswith(f'.{kind.split("_")[1]}"')
    assert job["id"] in [one["id"] for one in story.api.get("/exports").json["items"]]


def test_the_list_ties_to_the_invoices(story: Story) -> None:
    """Every document once, amounts as the API says them, names neutralised, one row of sums."""
    rows = rows_of(make(story, "invoices_csv"))
    listed = story.api.get("/invoices").json["items"]
    for row, invoice in zip(rows[:-1], listed, strict=True):
        for name in ("number", "kind", "status", "currency", "total", "amount_paid", "amount_credited"):
            assert row[name] == (invoice[name] or "")
    assert {row["customer_name"] for row in rows[:-1]} == {'\'=HYPERLINK("http://x")', "Other"}
    assert (rows[-1]["record"], rows[-1]["total"]) == ("total", str(Decimal("12.06") + Decimal("12.00") - Decimal("1.00")))


def test_what_is_due_in_a_list_is_what_the_customer_owes(story: Story) -> None:
    """Credit notes, voids and drafts owe nothing, and no credit note counts twice: the sum ties to balance and ageing."""
    whole = issue(story, "acme", [{"description": "Wrong", "unit_price": "50.00"}])
    story.done(story.api.post(f"/invoices/{whole}/credit-notes", {"reason": "Wrong"}), 201)
    *rows, total = rows_of(make(story, "invoices_csv", customer_id="acme"))
    owed = story.api.get("/customers/acme/balance").json["due"]
    (aged,) = story.api.get("/reports/ageing?customer_id=acme").json["customers"]
    assert (total["record"], total["amount_due"], aged["total"]) == ("total", owed, owed)
    assert Decimal(owed) == Decimal("12.06") - Decimal("1.00")
    due = sorted((row["kind"], row["status"], row["amount_due"]) for row in rows)
    assert due == [
        *[("credit_note", "issued", "0.00")] * 2,
        ("invoice", "draft", "0.00"),
        *[("invoice", "issued", "0.00"), ("invoice", "issued", owed)],
        ("invoice", "void", "0.00"),
    ]
    cells = [
        cell.value
        for cell in openpyxl.load_workbook(io.BytesIO(_file(make(story, "invoices_xlsx", customer_id="acme")))).active["V"]
    ]
    assert (cells[0], cells[-1]) == ("amount_due", float(owed))


def test_filters_are_those_of_the_list(story: Story) -> None:
    """Customer, status, kind, days and number."""
    acme = story.api.get("/invoices?customer_id=acme").json["items"]
    day, number = acme[0]["invoice_date"], next(one["number"] for one in acme if one["number"])
    for filters in (
        {"customer_id": "acme"},
        {"status": "void"},
        {"kind": "credit_note", "from": day, "to": day},
        {"to": "2020-01-01"},
        {"number": number},
    ):
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        wanted = [one["id"] for one in story.api.get(f"/invoices?{query}").json["items"]]
        job = make(story, "invoices_csv", **filters)
        assert [row["invoice_id"] for row in rows_of(job) if row["record"] == "document"] == wanted
        assert job["filters"] == filters


def test_the_accounting_ties_to_the_totals(story: Story) -> None:
    """Postings add up to each document's totals; credit notes are negative, a void comes to nothing and says so."""
    *postings, total = rows_of(make(story, "accounting_csv"))
    documents = {one["number"]: one for one in story.api.get("/invoices").json["items"] if one["number"]}
    assert {row["document_number"] for row in postings} == set(documents)
    for number, document in documents.items():
        gross = sum(Decimal(row["gross"]) for row in postings if row["document_number"] == number)
        sign = {"void": 0, "issued": -1 if document["kind"] == "credit_note" else 1}[document["status"]]
        assert gross == sign * Decimal(document["total"])
    assert {(row["posting"], row["document_status"]) for row in postings} == {
        ("issue", "issued"),
        ("issue", "void"),
        ("void", "void"),
    }
    assert (total["record"], total["documents"]) == ("total", "4")
    for name in ("net", "tax", "gross"):
        assert sum(Decimal(row[name]) for row in postings) == Decimal(total[name])


def test_the_archive_holds_what_is_rendered_and_names_the_rest(story: Story) -> None:
    """PDFs as they were rendered, by number; documents without one are listed."""
    numbers = {one["number"]: one for one in story.api.get("/invoices").json["items"] if one["number"]}
    failed = next(iter(numbers))
    mark_pdf(numbers[failed]["id"], 0, PdfStatus.FAILED, "line 3:\nunknown\u2028variable")
    job = make(story, "pdf_zip")
    assert (job["status"], job["done"], job["missing"]) == ("done", 4, 4)
    with ZipFile(io.BytesIO(_file(job))) as archive:
        assert archive.namelist() == ["missing.txt"]
        told = dict(line.split(": ", 1) for line in archive.read("missing.txt").decode().splitlines())
    assert told.pop(failed) == "The PDF could not be made: line 3: unknown variable"
    assert told == dict.fromkeys(numbers.keys() - {failed}, NO_PDF)
    story.render()
    job = make(story, "pdf_zip")
    assert (job["done"], job["missing"]) == (4, 0)
    with ZipFile(io.BytesIO(_file(job))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {f"{number}.pdf" for number in numbers}
        for number, one in numbers.items():
            assert archive.read(f"{number}.pdf") == objects.find_object(objects.pdf_key(one["id"], one["revision"]))


def _file(job: dict[str, Any]) -> bytes:
    return objects.find_object(export_files.file_key(job["id"])) or b""


def test_asking_again_with_the_key_is_one_job(story: Story) -> None:
    """The same Idempotency-Key answers with the same job; the file is made once."""
    key = {"Idempotency-Key": "once"}
    first, again = (story.api.post("/exports", {"kind": "invoices_csv"}, headers=key) for _ in range(2))
    assert (first.json["id"], again.headers["idempotency-replayed"]) == (again.json["id"], "true")
    assert story.work_off() == 1
    assert len(story.api.get("/exports").json["items"]) == 1


@pytest.mark.parametrize("kind", ["invoices_csv", "accounting_csv"])
def test_a_byte_order_mark_comes_on_request(story: Story, kind: str) -> None:
    """Three bytes in front, and nothing else is different."""
    plain = _file(make(story, kind))
    asked = story.done(story.api.post("/exports", {"kind": kind, "bom": True}), 202)
    story.work_off()
    assert _file(asked) == b"\xef\xbb\xbf" + plain


@pytest.mark.parametrize(
    "body, expected",
    [
        ({}, {"kind": "required"}),
        ({"kind": "docx"}, {"kind": "invalid_value"}),
        ({"kind": "pdf_zip", "bom": True}, {"bom": "invalid_value"}),
        (
            {"kind": "pdf_zip", "filters": {"status": "draft", "from": "2026-02-01", "to": "2026-01-01", "colour": "red"}},
            {"filters.status": "invalid_value", "filters.to": "invalid_value", "filters.colour": "unknown_field"},
        ),
        (
            {"kind": "invoices_csv", "filters": {"customer_id": "nobody", "from": "x"}},
            {"filters.customer_id": "unknown_customer", "filters.from": "invalid_date"},
        ),
    ],
)
def test_an_export_is_judged_whole(story: Story, body: dict[str, Any], expected: dict[str, str]) -> None:
    """All that is wrong at once; nothing is begun."""
    reply = story.api.post("/exports", body)
    assert (reply.status, reply.codes) == (422, expected)
    assert story.api.get("/exports").json["items"] == []


def test_customers_are_refused(story: Story) -> None:
    """A customer's token asks for no export and sees none, not even one about itself."""
    job = make(story, "pdf_zip", customer_id="acme")
    for reply in (
        story.api.post("/exports", {"kind": "pdf_zip"}, customer="acme"),
        story.api.get("/exports", customer="acme"),
        story.api.get(f"/exports/{job['id']}", customer="acme"),
    ):
        assert (reply.status, reply.json["code"]) == (403, "forbidden")


def test_exports_are_listed_newest_first(story: Story) -> None:
    """Page by page; an unknown one is not found."""
    made = [story.api.post("/exports", {"kind": "invoices_csv"}).json["id"] for _ in range(3)]
    page = story.api.get("/exports?limit=2").json
    rest = story.api.get(f"/exports?limit=2&cursor={page['next_cursor']}").json
    assert [one["id"] for one in page["items"] + rest["items"]] == sorted(made, reverse=True)
    assert rest["next_cursor"] is None
    assert story.api.get("/exports/nothing").status == 404
