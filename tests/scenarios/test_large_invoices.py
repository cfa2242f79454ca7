"""Invoices of thousands of destinations, through every door: no item, transaction or answer outgrows its limit."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha512

import pytest

from chalicelib.domain.invoice import PdfStatus
from chalicelib.domain.line_rules import MAX_LINES
from chalicelib.services.documents import render_document
from chalicelib.store import objects
from chalicelib.wiring import get_deps
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.pdf_reading import read_pages
from tests.support.story import Story, raw_event
from tests.support.usage import Call as CallRecord
from tests.support.usage import csv_file

ITEM, TRANSACTION = 400 * 1024, 4_000_000
DESTINATIONS, DAYS = 5_500, 31


class Scales(Watcher):
    """Weighs what is written: base64 makes it a third heavier than DynamoDB counts, so the limits hold a fortiori."""

    def __init__(self) -> None:
        """Nothing weighed yet."""
        self.heaviest: dict[str, int] = {}

    def before(self, call: Call) -> None:
        """Weigh a request."""
        if call.service == "dynamodb" and not call.is_read:
            self.heaviest[call.operation] = max(self.heaviest.get(call.operation, 0), len(call.request["body"]))


@pytest.fixture
def scales() -> Iterator[Scales]:
    """Weighs every write of the test."""
    found = Scales()
    with watched(found):
        yield found
    assert found.heaviest.pop("TransactWriteItems", 0) < TRANSACTION
    assert max(found.heaviest.values()) < ITEM


def october(customer_id: str, destinations: int, days: int, charge: str) -> bytes:
    """A call to each destination on each of the first days of October 2025; names are as long and as hard to pack as may be."""
    places = [sha512(str(number).encode()).hexdigest() for number in range(destinations)]
    return csv_file(
        CallRecord(f"c{day}-{number}", customer_id, f"2025-10-{day:02}T10:00:00Z", place, charge=charge)
        for day in range(1, days + 1)
        for number, place in enumerate(places)
    )


def take_in(story: Story, file: bytes) -> None:
    """A usage file is dropped in the bucket."""
    objects.put_object("usage/incoming/october.csv", file)
    event = raw_event("object_created")
    event["detail"]["object"]["key"] = "usage/incoming/october.csv"
    story.client.lambda_.invoke("import_usage", event)


def test_thousands_of_destinations_on_every_day_of_a_month(story: Story, scales: Scales) -> None:
    """Imported, billed, remembered, read, listed, exported, revised, voided and billed again.

    5,500 destinations × 31 days × 0.0125 = 2,131.25, VAT 426.25; each line 31 × 0.0125 = 0.3875, printed as 0.38 or 0.39.
    """
    acme = story.customer(billing_start="2025-10-01")
    take_in(story, october(acme, DESTINATIONS, DAYS, "0.0125"))
    asked = {"as_of": "2025-11-02T00:00:00Z"}
    made = [story.api.post(f"/customers/{acme}/auto-generate", asked, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [(reply.status, reply.headers.get("idempotency-replayed")) for reply in made] == [(201, None), (201, "true")]
    assert made[0].text == made[1].text
    [invoice] = made[0].json["invoices"]
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("2131.25", "426.25", "2557.50")
    assert {line["net"] for line in invoice["lines"]} == {"0.38", "0.39"}
    assert sum(Decimal(line["net"]) for line in invoice["lines"]) == Decimal("2131.25")
    path = f"/invoices/{invoice['id']}"
    read = story.api.get(path)
    assert read.json["lines"] == invoice["lines"]
    assert [row["total"] for row in story.done(story.api.get(f"/customers/{acme}/invoices"), 200)["items"]] == ["2557.50"]
    assert max(len(objects.find_object(key) or b"") for key in objects.list_keys("lines/")) > ITEM
    assert story.api.get(f"{path}/csv").text.count("\n") == 1 + DESTINATIONS + 1
    assert render_document(get_deps(), objects.document_key(invoice["id"], 0)) is PdfStatus.READY
    drawn = read_pages(objects.find_object(objects.pdf_key(invoice["id"], 0)) or b"")
    assert ("€2,557.50" in drawn[0], re.findall(r"Subtotal +([\d,.]+)", drawn[-1])) == (True, ["2,131.25"])

    change = {"notes": "As agreed.", "lines": [{"id": line["id"]} for line in invoice["lines"][1:]]}
    revised = story.done(story.api.patch(path, change, headers={"If-Match": read.headers["etag"]}), 200)
    assert (revised["revision"], len(revised["lines"]), revised["number"]) == (1, DESTINATIONS - 1, invoice["number"])
    history = story.api.get(f"{path}/revisions")
    assert (history.status, history.headers["x-answer-status"]) == (303, "200")
    assert story.done(story.api.get(f"{path}?revision=0"), 200)["lines"] == invoice["lines"]

    assert story.done(story.api.post(f"{path}/void"), 200)["status"] == "void"
    story.schedule("monthly", "2025-11-02T01:05:00Z")
    _, again = story.invoices(acme)
    assert (again["number"], again["total"], again["lines"]) == ("INV-1002", "2557.50", invoice["lines"])


def test_as_many_lines_as_a_document_may_have(story: Story, scales: Scales) -> None:
    """50,000 destinations on one day: taken in, billed a line each, answered by a link (what it costs to draw, the bench says).

    50,000 × 0.0125 = 625.00, VAT 125.00; 37,500 lines print 0.01 and 12,500 print 0.02.
    """
    acme = story.customer(billing_start="2025-10-01", schedule={"frequency": "daily", "anchor": None})
    take_in(story, october(acme, MAX_LINES, 1, "0.0125"))
    story.schedule("daily", "2025-10-02T03:05:00Z")
    [row] = story.done(story.api.get(f"/customers/{acme}/invoices"), 200)["items"]
    assert row["total"] == "750.00"
    reply = story.api.get(f"/invoices/{row['id']}")
    assert (reply.status, reply.headers["x-answer-status"]) == (303, "200")
    [kept] = objects.list_keys("exports/answers/")
    lines = json.loads(objects.find_object(kept) or b"")["lines"]
    assert Counter(line["net"] for line in lines) == {"0.01": 37_500, "0.02": 12_500}
    assert objects.has_object(objects.document_key(row["id"], 0))


def test_a_day_of_more_destinations_than_a_document_has_lines(story: Story, scales: Scales) -> None:
    """50,001 destinations on one day are billed by day, since no document has so many lines; 50,001 × 0.0004 = 20.0004."""
    acme = story.customer(billing_start="2025-10-01", schedule={"frequency": "daily", "anchor": None})
    take_in(story, october(acme, MAX_LINES + 1, 1, "0.0004"))
    story.schedule("daily", "2025-10-02T03:05:00Z")
    [invoice] = story.invoices(acme)
    assert [(line["description"], line["usage"]["calls"], line["net"]) for line in invoice["lines"]] == [
        ("2025-10-01", MAX_LINES + 1, "20.00")
    ]
    summary = story.api.get(f"/customers/{acme}/summary?granularity=daily&from=2025-10-01&to=2025-10-01")
    [day] = story.done(summary, 200)["items"]
    assert (day["attempts"], Decimal(day["charge"]), day["invoice_id"]) == (MAX_LINES + 1, Decimal("20.0004"), invoice["id"])
