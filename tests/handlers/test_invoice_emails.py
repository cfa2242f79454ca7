"""Mails over HTTP: sent by hand once per click, listed with what became of them, and reminders shown on the invoice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from app import app
from tests.support.changes import Changes
from tests.support.http import ApiClient
from tests.support.mailroom import SENDER, Mailroom, attached_names, receive_in_time
from tests.support.story import Story, raw_event

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

TODAY = datetime.now(UTC).date()
STEPS = [{"days_after_due": -3, "template": "upcoming"}, {"days_after_due": 7, "template": "first"}]


@pytest.fixture
def story(cloud: Cloud) -> Story:
    """An operator that mails and reminds, with a customer."""
    client = Client(app)
    story = Story(ApiClient(cloud, client), client)
    settings = {"name": "Telco GmbH", "email_from": SENDER, "reminders": STEPS, "portal_url": "https://p.example/{invoice_id}"}
    story.done(story.api.put("/settings", settings), 200)
    story.done(story.api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR", "email": "ap@acme.example"}), 201)
    return story


def issued(story: Story, due_days: int = 14) -> str:
    """An issued invoice of long ago, due so many days from today, with its PDF drawn; its id."""
    body = {
        "customer_id": "acme",
        "invoice_date": (TODAY - timedelta(60)).isoformat(),
        "due_date": (TODAY + timedelta(due_days)).isoformat(),
        "lines": [{"description": "Work", "unit_price": "10.00"}],
        "issue": True,
    }
    invoice_id = str(story.done(story.api.post("/invoices", body), 201)["id"])
    story.render()
    return invoice_id


def work_off(story: Story) -> None:
    """Deliver what is in the queue of mails, in batches."""
    while messages := receive_in_time():
        record = raw_event("queue_message")["Records"][0]
        records = [{**record, "messageId": str(n), "body": json.dumps(message)} for n, message in enumerate(messages)]
        assert story.client.lambda_.invoke("send_mails", {"Records": records}).payload == {"batchItemFailures": []}


def mails(story: Story, invoice_id: str) -> list[dict[str, Any]]:
    """Mails about the invoice."""
    found: list[dict[str, Any]] = story.done(story.api.get(f"/invoices/{invoice_id}/emails"), 200)["items"]
    return found


def test_a_click_sends_the_document(story: Story) -> None:
    """The drawn PDF goes out; the list says so."""
    mailroom, invoice_id = Mailroom().open(), issued(story)
    made = story.done(story.api.post(f"/invoices/{invoice_id}/email"), 202)
    assert (made["status"], made["to"], made["by_hand"]) == ("queued", "ap@acme.example", True)
    work_off(story)
    (message,) = mailroom.sent
    assert attached_names(message) == ["INV-1001.pdf"]
    (listed,) = mails(story, invoice_id)
    assert (listed["id"], listed["status"], listed["reminder"]) == (made["id"], "sent", None)


def test_a_new_invoice_goes_to_who_asked_for_it(story: Story, cloud: Cloud) -> None:
    """From the issue over paper and stream to the mailbox; told twice it is one mail, and the history tells of it."""
    mailroom, changes = Mailroom().open(), Changes(cloud, story.client)
    story.done(story.api.patch("/customers/acme", {"email_invoices": True}), 200)
    invoice_id = issued(story)
    records = changes.take()
    for _ in range(2):
        changes.deliver(records)
        work_off(story)
    assert mailroom.subjects() == ["Invoice INV-1001 from Telco GmbH"]
    assert [(mail["id"], mail["status"], mail["by_hand"]) for mail in mails(story, invoice_id)] == [("issued", "sent", False)]
    changes.drain()
    history = story.done(story.api.get(f"/invoices/{invoice_id}/history"), 200)["items"]
    told = [(entry["object_id"], entry["after"]["status"]) for entry in history if entry["object"] == "email"]
    assert told == [("issued", "sent"), ("issued", "queued")]


def test_a_repeated_click_sends_one_mail(story: Story) -> None:
    """The same Idempotency-Key is one mail; another is another."""
    mailroom, invoice_id = Mailroom().open(), issued(story)
    for key in ("one", "one", "two"):
        story.api.post(f"/invoices/{invoice_id}/email", {"to": "boss@acme.example"}, headers={"Idempotency-Key": key})
    work_off(story)
    assert len(mailroom.sent) == len(mails(story, invoice_id)) == 2


def test_without_an_address_all_of_the_customer_s_get_it(story: Story) -> None:
    """The answer is the mail to the first of them; each of the others is listed with a state of its own."""
    mailroom, invoice_id = Mailroom().open(), issued(story)
    story.done(story.api.patch("/customers/acme", {"email_cc": ["cfo@acme.example"]}), 200)
    first = story.done(story.api.post(f"/invoices/{invoice_id}/email"), 202)
    work_off(story)
    listed = {mail["to"]: (mail["status"], mail["by_hand"]) for mail in mails(story, invoice_id)}
    assert listed == {first["to"]: ("sent", True), "cfo@acme.example": ("sent", True)}
    assert len(mailroom.sent) == 2


def test_bad_addresses_drafts_and_customers_are_refused(story: Story) -> None:
    """What cannot be mailed is said at once; customers send nothing and see no list."""
    invoice_id = issued(story)
    assert story.api.post(f"/invoices/{invoice_id}/email", {"to": "nobody"}).codes == {"to": "invalid_value"}
    odd = {"to": "nobody", "subject": "Hi"}
    assert story.api.post(f"/invoices/{invoice_id}/email", odd).codes == {"to": "invalid_value", "subject": "unknown_field"}
    assert story.api.post(f"/invoices/{invoice_id}/email", {"to": 5}).codes == {"to": "invalid_type"}
    story.done(story.api.patch("/customers/acme", {"email": ""}), 200)
    assert story.api.post(f"/invoices/{invoice_id}/email").codes == {"to": "required"}
    draft = story.done(story.api.post("/invoices", {"customer_id": "acme"}), 201)["id"]
    assert story.api.post(f"/invoices/{draft}/email", {"to": "a@b.example"}).json["code"] == "wrong_state"
    assert story.api.post(f"/invoices/{invoice_id}/email", customer="acme").status == 403
    assert story.api.get(f"/invoices/{invoice_id}/emails", customer="acme").status == 403
    assert story.api.get("/invoices/acme.20261115.A.none/emails").status == 404


def test_reminders_show_on_the_invoice(story: Story) -> None:
    """The daily schedule sends the step that is due; the invoice tells which, when, and how far it is."""
    mailroom, late, early, paused = Mailroom().open(), issued(story, -8), issued(story, 2), issued(story, 10)
    event = {**raw_event("scheduled"), "time": datetime.now(UTC).isoformat()}
    for _ in range(2):
        story.client.lambda_.invoke("remind_customers", event)
        work_off(story)
    assert sorted(mailroom.subjects())[1:] == ["Reminder: invoice INV-1001"]
    (reminder,) = story.invoice(late)["reminders"]
    assert (reminder["step"], reminder["date"], reminder["status"]) == ("first", TODAY.isoformat(), "sent")
    assert [each["step"] for each in story.invoice(early)["reminders"]] == ["upcoming"]
    assert story.invoice(paused)["reminders"] == []


def test_a_paused_customer_is_left_alone(story: Story) -> None:
    """The pause is a field of the customer, and ends by itself or when it is taken away."""
    mailroom = Mailroom().open()
    issued(story, -8)
    pause = {"reminders_paused_until": (TODAY + timedelta(5)).isoformat()}
    assert story.done(story.api.patch("/customers/acme", pause), 200)["reminders_paused_until"] == pause["reminders_paused_until"]
    event = {**raw_event("scheduled"), "time": datetime.now(UTC).isoformat()}
    for expected in (0, 1):
        story.client.lambda_.invoke("remind_customers", event)
        work_off(story)
        assert len(mailroom.sent) == expected
        story.done(story.api.patch("/customers/acme", {"reminders_paused_until": None}), 200)


def test_steps_are_settings(story: Story) -> None:
    """They come back as they were given; wrong ones are refused with their places."""
    assert story.done(story.api.get("/settings"), 200)["reminders"] == STEPS
    wrong = {"reminders": [{"days_after_due": 5, "template": "upcoming"}, {"days_after_due": 4, "template": "first"}]}
    assert story.api.put("/settings", wrong).codes == {
        "reminders.0.days_after_due": "invalid_value",
        "reminders.1.days_after_due": "invalid_value",
    }
    assert story.api.put("/settings", {"reminders": [{"template": "rude"}]}).status == 422


def test_an_address_that_works_again_is_trusted_again(story: Story) -> None:
    """A client cannot set the account of bounces; giving the address clears it."""
    assert story.api.patch("/customers/acme", {"email_status": "ok"}).codes == {"email_status": "unknown_field"}
    assert story.done(story.api.patch("/customers/acme", {"email": "ap@acme.example"}), 200)["email_status"] == "ok"
