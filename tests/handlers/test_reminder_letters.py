"""Reminder letters over HTTP: asked for, drawn by the storage event, behind a link; what does not fit is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.store import objects
from tests.support.http import ApiClient
from tests.support.pdf_reading import read_pages
from tests.support.story import Story

TODAY = datetime.now(UTC).date()


@pytest.fixture
def story(api: ApiClient) -> Story:
    """An operator and a customer."""
    story = Story(api, api.client)
    story.done(api.put("/settings", {"name": "Telco GmbH", "template_id": "classic", "payment_details": "IBAN 1"}), 200)
    story.done(api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR"}), 201)
    return story


def issued(story: Story, due_days: int) -> str:
    """An invoice over 10.00, due so many days from today; its id."""
    dates = {"invoice_date": (TODAY - timedelta(60)).isoformat(), "due_date": (TODAY + timedelta(due_days)).isoformat()}
    body = {"customer_id": "acme", "lines": [{"description": "Work", "unit_price": "10.00"}], "issue": True, **dates}
    return str(story.done(story.api.post("/invoices", body), 201)["id"])


def test_a_letter_is_drawn_when_asked_for(story: Story) -> None:
    """202, then a link; the page says number, amount, days and how to pay; again it is the same file."""
    path = f"/invoices/{issued(story, -40)}/reminders/second/pdf"
    reply = story.api.get(path)
    assert (reply.status, reply.json["status"], reply.headers["retry-after"]) == (202, "rendering", "2")
    story.render()
    assert "reminder-INV-1001-second-" in story.done(story.api.get(path), 200)["url"]
    (key,) = objects.list_keys("pdf/reminders/")
    text = " ".join(" ".join(read_pages(objects.find_object(key) or b"")).split())
    for words in ("Second reminder: invoice INV-1001", "Hello Acme,", "€10.00", " 40 ", "IBAN 1", "Kind regards Telco GmbH"):
        assert words in text, words


def test_what_does_not_fit_is_refused(story: Story) -> None:
    """No urging before the due date, no step that is none, nothing for customers."""
    path = f"/invoices/{issued(story, 5)}/reminders"
    assert (story.api.get(f"{path}/first/pdf").status, story.api.get(f"{path}/first/pdf").json["code"]) == (409, "wrong_state")
    assert story.api.get(f"{path}/upcoming/pdf").status == 202
    assert story.api.get(f"{path}/rude/pdf").status == 404
    assert story.api.get(f"{path}/upcoming/pdf", customer="acme").status == 403
