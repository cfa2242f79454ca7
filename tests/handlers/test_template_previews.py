"""Previews over HTTP: a link to what an edit looks like, on made-up documents and on real ones, or what is wrong with it."""

from __future__ import annotations

import pytest

from chalicelib.render.sample_documents import Sample
from chalicelib.services import template_previews
from chalicelib.store import objects
from tests.support.http import ApiClient
from tests.support.pdf_reading import read_pages
from tests.support.story import Story

EDIT = {"html": "<!doctype html><title>x</title><p>EDITED {{ invoice.number }} {{ mark }}", "css": "p { color: red }"}


@pytest.fixture
def story(api: ApiClient) -> Story:
    """An operator with one customer."""
    story = Story(api, api.client)
    story.customer(id="acme", schedule=None)
    return story


def drawn() -> str:
    """What the one preview there is shows."""
    (key,) = objects.list_keys("pdf/previews/")
    return " ".join("".join(read_pages(objects.find_object(key) or b"")).split())


def test_an_edit_is_seen_before_it_is_kept(story: Story) -> None:
    """202 while it is drawn; the same question then has the link, and nothing of the template has changed."""
    asked = {**EDIT, "sample": "simple"}
    waiting = story.api.post("/templates/modern/preview", asked)
    assert (waiting.status, waiting.json["status"], waiting.headers["retry-after"]) == (202, "rendering", "2")
    story.render()
    ready = story.done(story.api.post("/templates/modern/preview", asked), 200)
    assert ready["status"] == "ready"
    assert "preview.pdf" in ready["url"]
    assert "EDITED INV-1001" in drawn()
    assert story.api.get("/templates/modern").json["version"] == 0
    assert story.api.get("/templates").json["next_cursor"] is None


def test_a_preview_of_an_invoice_is_marked(story: Story) -> None:
    """It cannot be taken for the paper that was issued."""
    lines = [{"description": "Work", "unit_price": "10.00"}]
    invoice = story.done(story.api.post("/invoices", {"customer_id": "acme", "lines": lines, "issue": True}), 201)
    asked = {**EDIT, "invoice_id": invoice["id"]}
    story.done(story.api.post("/templates/modern/preview", asked), 202)
    story.render()
    assert f"EDITED {invoice['number']} Draft" in drawn()


def test_the_worst_case_is_what_is_shown_unless_told(story: Story) -> None:
    """A design can be looked at, too."""
    story.done(story.api.post("/templates/modern/preview", {}), 202)
    story.render()
    text = drawn()
    for word in ("2026-TELCO-000000000417/B", "Destination 60", "Reverse charge"):
        assert word in text


def test_what_fails_is_told_with_part_and_line(story: Story) -> None:
    """Faults of the template at once; what only drawing shows, when the drawing was tried."""
    wrong = story.api.post("/templates/modern/preview", {"html": "<p>\n{{ totl }}"})
    assert (wrong.status, wrong.codes, wrong.json["line"]) == (422, {"html": "template_failed"}, 2)
    late = {"html": "<img src='https://example.com/x.png'>", "css": ""}
    story.done(story.api.post("/templates/modern/preview", late), 202)
    story.render()
    failed = story.api.post("/templates/modern/preview", late)
    assert (failed.status, failed.codes) == (422, {"html": "template_failed"})
    assert "may not be loaded" in failed.json["detail"]


def test_what_cannot_be_previewed(story: Story) -> None:
    """Unknown templates, invoices and samples; contents that are too long."""
    api = story.api
    assert api.post("/templates/nothing/preview", {}).status == 404
    assert api.post("/templates/modern/preview", {"invoice_id": "acme.20261101.R"}).codes == {"invoice_id": "unknown_invoice"}
    assert api.post("/templates/modern/preview", {"sample": "best_case", "x": 1}).codes == {
        "sample": "invalid_value",
        "x": "unknown_field",
    }
    assert api.post("/templates/modern/preview", {"html": "x" * 60_000, "css": "x" * 10_000}).codes == {"html": "too_long"}


def test_every_sample_can_be_asked_for(story: Story) -> None:
    """Each is another question; asking twice draws once."""
    for sample in (Sample.CREDIT_NOTE, Sample.DRAFT, Sample.DRAFT):
        story.done(story.api.post("/templates/modern/preview", {**EDIT, "sample": sample.value}), 202)
    assert len(list(objects.list_keys("documents/previews/"))) == 2


@pytest.mark.parametrize(
    "key", ["documents/acme.20261101.R/0.json", f"documents/previews/{'0' * 64}.json", "documents/previews/x.json"]
)
def test_other_keys_are_left_alone(story: Story, key: str) -> None:
    """Documents, and previews that are gone."""
    template_previews.render_preview(key)
    assert list(objects.list_keys("pdf/previews/")) == []
