"""The accessible PDF over the API: 202 at first, then a link; its failures are its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

from chalicelib import wiring
from chalicelib.services.accessible_pdfs import render_accessible
from chalicelib.services.draft_papers import as_paper
from chalicelib.store import objects, runs
from chalicelib.store.codec import dump
from chalicelib.store.invoices import get_invoice
from tests.support import specimens
from tests.support.http import ApiClient

LINE = {"description": "Seat", "quantity": "10", "unit_price": "10.00"}


@pytest.fixture(autouse=True)
def customer(api: ApiClient) -> None:
    """One customer."""
    assert api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR", "tax": {"percent": "19"}}).status == 201


def make(api: ApiClient, **fields: Any) -> dict[str, Any]:
    """An issued invoice, unless the fields say otherwise."""
    made: dict[str, Any] = api.post("/invoices", {"customer_id": "acme", "lines": [LINE], "issue": True, **fields}).json
    return made


def path(invoice: dict[str, Any], query: str = "") -> str:
    """Of the accessible PDF."""
    return f"/invoices/{invoice['id']}/pdf?variant=ua{query}"


def draw(invoice: dict[str, Any], revision: int = 0) -> None:
    """Deliver the storage event, twice, as AWS may."""
    for _ in range(2):
        render_accessible(wiring.get_deps(), objects.accessible_key(invoice["id"], revision))


def test_it_is_drawn_when_somebody_asks(api: ApiClient) -> None:
    """202 and a wish in the bucket, then a link or a redirect; the document's own PDF is another matter."""
    invoice = make(api)
    for _ in range(2):
        waiting = api.get(path(invoice))
        assert (waiting.status, waiting.json, waiting.headers["retry-after"]) == (202, {"status": "rendering"}, "2")

    draw(invoice)

    ready = api.get(path(invoice))
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert f"pdf/{invoice['id']}/0.ua.pdf" in ready.json["url"]
    assert api.get(path(invoice, "&redirect=1&revision=0"), customer="acme").status == 302
    assert api.get(path(invoice, "&revision=1")).status == 404
    assert api.get(f"/invoices/{invoice['id']}").json["pdf_status"] == "rendering"
    assert api.get(f"/invoices/{invoice['id']}/pdf?variant=pdfx").codes == {"variant": "invalid_value"}


def test_whoever_waits_is_not_forgotten(api: ApiClient) -> None:
    """The wish for an accessible PDF, and for that of a draft, is noted until it is drawn: the sweep finds it."""
    issued, draft = make(api), make(api, issue=False)
    assert [api.get(path(issued)).status, api.get(f"/invoices/{draft['id']}/pdf").status] == [202, 202]
    waiting = [pk for _, pk, _ in runs.list_open(datetime(9999, 1, 1, tzinfo=UTC), 10)]
    assert f"PDF#{objects.accessible_key(issued['id'], 0)}" in waiting
    assert any(pk.startswith(f"PDF#documents/{draft['id']}/") for pk in waiting)


def test_it_shows_what_was_frozen(api: ApiClient, tmp_path: Any) -> None:
    """What was paid since is not on it, as it is not on the archival one."""
    invoice = make(api)
    made = api.post("/payments", {"customer_id": "acme", "amount": "50.00"}, headers={"Idempotency-Key": "pay"}).json
    asked = {"allocations": [{"invoice_id": invoice["id"], "amount": "50.00"}]}
    assert api.post(f"/payments/{made['id']}/allocate", asked, headers={"Idempotency-Key": "allocate"}).status == 200
    api.get(path(invoice))
    wish = objects.find_object(objects.accessible_key(invoice["id"], 0))
    assert wish == objects.find_object(objects.document_key(invoice["id"], 0))


def test_drafts_have_one_by_what_they_say(api: ApiClient, tmp_path: Any) -> None:
    """A changed draft is drawn anew, with the mark of a draft and without a fingerprint."""
    draft = make(api, issue=False)
    assert api.get(path(draft)).status == 202
    paper = as_paper(get_invoice(draft["id"])).revision
    draw(draft, paper)
    assert api.get(path(draft)).status == 200
    (tmp_path / "draft.pdf").write_bytes(objects.find_object(objects.accessible_pdf_key(draft["id"], paper)) or b"")
    with pikepdf.open(tmp_path / "draft.pdf") as pdf:
        assert "/Keywords" not in pdf.docinfo
    version = f'"{draft["version"]}"'
    assert api.patch(f"/invoices/{draft['id']}", {"notes": "Other"}, headers={"If-Match": version}).status == 200
    assert api.get(path(draft)).status == 202


def test_a_failure_says_why_and_can_be_tried_again(api: ApiClient, capsys: pytest.CaptureFixture[str]) -> None:
    """409 with the reason until it has been drawn; the invoice's own PDF is not concerned."""
    invoice = make(api)
    broken = specimens.an_issued(operator=specimens.an_operator(logo="data:image/png;base64,AAAA"))
    objects.put_object(objects.accessible_key(invoice["id"], 0), dump(broken))
    draw(invoice)
    failed = api.get(path(invoice))
    assert (failed.status, failed.json["code"], failed.codes) == (409, "template_failed", {"template": "template_failed"})
    assert "line" not in failed.json
    assert '"RenderFailed": 1' in capsys.readouterr().out
    assert api.get(f"/invoices/{invoice['id']}/pdf").status == 202

    assert api.post(path(invoice)).status == 202
    draw(invoice)
    assert api.get(path(invoice)).status == 200


def test_very_long_documents_have_none(api: ApiClient) -> None:
    """More lines than can be laid out in time: 422 with the limit."""
    draft = make(api, issue=False, lines=[LINE] * 2_001)
    assert api.get(path(draft)).codes == {"variant": "too_long"}


def test_other_keys_are_no_wishes(api: ApiClient) -> None:
    """What else lies under documents/ is left alone, and so is what is gone."""
    invoice = make(api)
    for key in (objects.document_key(invoice["id"], 0), objects.accessible_key(invoice["id"], 0), "documents/x.ua.json"):
        render_accessible(wiring.get_deps(), key)
    assert list(objects.list_keys("pdf/")) == []
