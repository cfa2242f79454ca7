"""Tells billing stories through the doors that deployments have: the API, and events as AWS sends them.

Events are the raw ones of tests/events with the fields of the moment; the queue and the bucket are real (in memory), their
deliveries are made by `work_off` and `render`, once or twice, as AWS may.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalice.test import Client

from chalicelib.store import clients, objects
from tests.support.http import ApiClient, Reply

EVENTS = Path(__file__).parents[1] / "events"


def raw_event(name: str) -> dict[str, Any]:
    """An event as AWS sends it."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


@dataclass(slots=True)
class Story:
    """An operator with its customers, driven from outside."""

    api: ApiClient
    client: Client
    keys: int = 0
    rendered: set[str] = field(default_factory=set)

    def customer(self, **fields: Any) -> str:
        """A customer in EUR at 20 % VAT on UTC, billed monthly since 1 September 2025; its id."""
        body = {
            "name": "Acme Ltd",
            "currency": "EUR",
            "tax": {"category": "S", "percent": "20", "name": "VAT"},
            "schedule": {"frequency": "monthly", "anchor": 1},
            "billing_start": "2025-09-01",
            **fields,
        }
        return str(self.done(self.api.post("/customers", body), 201)["id"])

    def calls(self, customer_id: str, *calls: tuple[str, str], destination: str = "UK Mobile") -> dict[str, Any]:
        """Rated calls (started_at, charge), posted as one batch; the batch."""
        records = []
        for started_at, charge in calls:
            self.keys += 1
            records.append(
                {
                    "call_id": f"call-{self.keys}",
                    "customer_id": customer_id,
                    "started_at": started_at,
                    "destination": destination,
                    "connected": True,
                    "duration_seconds": 50,
                    "billed_seconds": 60,
                    "charge": charge,
                }
            )
        return self.done(self.api.post("/usage", {"records": records}), 202)

    def schedule(self, frequency: str, time: str) -> None:
        """The hourly schedule fires with this time, and the queue is worked off."""
        self.client.lambda_.invoke(f"generate_{frequency}", {**raw_event("scheduled"), "time": time})
        self.work_off()

    def work_off(self, *, deliveries: int = 1) -> int:
        """Deliver every message of the queue, `deliveries` times; how many messages there were."""
        count = 0
        while messages := self._receive():
            for message in messages:
                count += 1
                event = raw_event("queue_message")
                event["Records"][0].update(messageId=message["MessageId"], body=message["Body"])
                answers = [self.client.lambda_.invoke("bill_customers", copy.deepcopy(event)).payload for _ in range(deliveries)]
                assert all(answer == {"batchItemFailures": []} for answer in answers), answers
                clients.sqs().delete_message(QueueUrl=clients.names.bill_queue_url, ReceiptHandle=message["ReceiptHandle"])
        return count

    def render(self) -> list[str]:
        """Deliver the storage event of every document that appeared; the ids of their invoices."""
        new = [key for key in objects.list_keys("documents/") if key not in self.rendered]
        for key in new:
            event = raw_event("object_created")
            event["detail"]["object"]["key"] = key
            self.client.lambda_.invoke("render_document", event)
        self.rendered.update(new)
        return [key.split("/")[1] for key in new]

    def invoices(self, customer_id: str, **filters: str) -> list[dict[str, Any]]:
        """A customer's documents in full, in order of number."""
        query = "&".join(f"{name}={value}" for name, value in {"limit": "200", **filters}.items())
        rows = self.done(self.api.get(f"/customers/{customer_id}/invoices?{query}"), 200)["items"]
        found = [self.invoice(row["id"]) for row in rows]
        return sorted(found, key=lambda invoice: (invoice["number"] or "", invoice["id"]))

    def invoice(self, invoice_id: str) -> dict[str, Any]:
        """One document in full."""
        return self.done(self.api.get(f"/invoices/{invoice_id}"), 200)

    def done(self, reply: Reply, status: int) -> dict[str, Any]:
        """The answer of a request that must have succeeded."""
        assert reply.status == status, reply.text
        answer: dict[str, Any] = reply.json
        return answer

    def _receive(self) -> list[dict[str, Any]]:
        answer = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10)
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found


def subtotal_of(invoices: list[dict[str, Any]]) -> Decimal:
    """What the invoices charge before tax."""
    return sum((Decimal(invoice["subtotal"]) for invoice in invoices if invoice["status"] != "void"), Decimal(0))
