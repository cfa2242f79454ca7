"""The door of the stream: what comes doubled, out of order or in a batch that breaks adds nothing and loses nothing."""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.store import objects
from tests.handlers.test_history import Office, a_draft, a_payment
from tests.support.aws_calls import meanwhile
from tests.support.changes import Bus, Record, listened
from tests.support.cloud import Cloud
from tests.support.kills import Killed, killed_at

DONE = {"batchItemFailures": []}
ISSUED, PAID, READY = "invoice.issued", "invoice.paid", "pdf.ready"


@pytest.fixture
def office(cloud: Cloud) -> Office:
    """An empty office."""
    return Office(cloud)


def a_paid_invoice(office: Office) -> tuple[str, str]:
    """An invoice that was drafted, issued, printed and paid; its id and the payment's."""
    draft = a_draft(office)
    path = f"/invoices/{draft['id']}"
    office.do("anna", "POST", f"{path}/issue")
    office.story.render()
    payment = a_payment(office, "bert", "120.00")
    office.do("bert", "POST", f"{path}/payments", {"payment_id": payment["id"], "amount": "120.00"}, 201)
    return draft["id"], payment["id"]


def logs(office: Office, invoice: str, payment: str) -> list[Any]:
    """The histories as they are."""
    paths = (f"/invoices/{invoice}", f"/payments/{payment}", "/customers/acme", "/settings")
    return [office.story.done(office.api.get(f"{path}/history"), 200)["items"] for path in paths]


def undisturbed(office: Office, records: list[Record], invoice: str, payment: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """Log and events when all goes well; afterwards nothing was delivered."""
    with listened(bus := Bus()):
        assert office.changes.deliver(records) == DONE
    expected = logs(office, invoice, payment)
    office.changes.forget_log()
    return expected, bus.events


def test_events_tell_what_the_api_shows(office: Office) -> None:
    """Each event once and in order, with the amounts, dates and numbers of the invoice as it was then."""
    with listened(bus := Bus()):
        invoice, payment = a_paid_invoice(office)
        office.changes.drain()
    assert [told for told in bus.told if told[1] == invoice] == [(ISSUED, invoice), (READY, invoice), (PAID, invoice)]
    assert [told for told in bus.told if told[1] != invoice] == [("payment.completed", payment)]
    shown = office.story.invoice(invoice)
    paid = next(event for event in bus.events if event["type"] == PAID)
    names = ("number", "currency", "total", "amount_paid", "amount_due", "invoice_date", "due_date", "payment_status")
    assert {name: paid["data"][name] for name in names} == {name: shown[name] for name in names}
    assert (paid["customer_id"], paid["sequence"]) == ("acme", shown["version"])
    sequences = [event["sequence"] for event in bus.events if event["subject"] == invoice]
    assert sequences == sorted(sequences)


def test_the_same_records_again_add_nothing(office: Office) -> None:
    """Delivered twice, the log is the same, and every event comes again under its own id."""
    ids = a_paid_invoice(office)
    records = office.changes.take()
    with listened(first := Bus()):
        assert office.changes.deliver(records) == DONE
    expected = logs(office, *ids)
    with listened(second := Bus()):
        assert office.changes.deliver(records) == DONE
    assert logs(office, *ids) == expected
    assert second.events == first.events
    assert len({event["id"] for event in first.events}) == len(first.events) == 4


def test_the_order_between_records_does_not_matter(office: Office) -> None:
    """Records delivered backwards, one by one, make the same log and the same events."""
    ids = a_paid_invoice(office)
    records = office.changes.take()
    expected, events = undisturbed(office, records, *ids)
    with listened(bus := Bus()):
        for record in reversed(records):
            assert office.changes.deliver([record]) == DONE
    assert logs(office, *ids) == expected
    assert sorted(bus.events, key=str) == sorted(events, key=str)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_batch_killed_anywhere_is_completed_by_its_repetition(office: Office, side: Any) -> None:
    """Dying at any write, log and events are those of an undisturbed batch after it comes again; no id comes with other data."""
    ids = a_paid_invoice(office)
    records = office.changes.take()
    expected, events = undisturbed(office, records, *ids)
    with killed_at(0, side) as count:
        office.changes.deliver(records)
    assert count.writes > len(expected[0])
    for at in range(1, count.writes + 1):
        office.changes.forget_log()
        with listened(bus := Bus()):
            with pytest.raises(Killed), killed_at(at, side):
                office.changes.deliver(records)
            assert office.changes.deliver(records) == DONE
        assert logs(office, *ids) == expected, f"{side} write {at}"
        assert {event["id"]: event for event in bus.events} == {event["id"]: event for event in events}


def test_what_fails_comes_again_and_what_went_before_does_not(office: Office) -> None:
    """A record that cannot be read is named; the ones before it are written down and told of."""
    ids = a_paid_invoice(office)
    records = office.changes.take()
    expected, events = undisturbed(office, records, *ids)
    broken = deepcopy(records)
    issued = next(at for at, record in enumerate(records) if "NewImage" in record["dynamodb"] and _state(record) == "issued")
    broken[issued]["dynamodb"]["NewImage"]["doc"] = {"B": "bm9uc2Vuc2U="}
    with listened(bus := Bus()):
        answer = office.changes.deliver(broken)
        assert answer == {"batchItemFailures": [{"itemIdentifier": records[issued]["dynamodb"]["SequenceNumber"]}]}
        assert [event["type"] for event in bus.events] == []
        with pytest.raises(ValueError, match="unknown format"):
            office.changes.deliver(broken[issued:])
        assert office.changes.deliver(records[issued:]) == DONE
    assert (logs(office, *ids), bus.events) == (expected, events)


def _state(record: Record) -> str:
    return str(record["dynamodb"]["NewImage"].get("st", {}).get("S"))


def test_a_bus_that_is_down_brings_the_batch_back(office: Office) -> None:
    """When telling fails the whole batch comes again; nothing is left untold."""
    ids = a_paid_invoice(office)
    records = office.changes.take()
    expected, events = undisturbed(office, records, *ids)

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), meanwhile("PutEvents", 1, fail):
        office.changes.deliver(records)
    with listened(bus := Bus()):
        assert office.changes.deliver(records) == DONE
    assert (logs(office, *ids), bus.events) == (expected, events)


def test_the_log_is_not_logged(office: Office) -> None:
    """Entries, and all the items that nobody outside asks for, tell of nothing and make no entry."""
    a_paid_invoice(office)
    office.changes.drain()
    entries = office.changes.count_entries()
    assert office.changes.drain() == 0
    assert office.changes.count_entries() == entries > 0


def test_invoices_too_large_for_an_item_are_told_of(office: Office) -> None:
    """The body of such an invoice is read from the bucket; the log keeps twenty of its lines and how many more there are."""
    draft = a_draft(office)
    path = f"/invoices/{draft['id']}"
    lines = [{"description": sha256(str(n).encode()).hexdigest(), "quantity": "1", "unit_price": "1.01"} for n in range(2000)]
    office.do("bert", "PATCH", path, {"lines": lines}, if_match='"1"')
    assert objects.list_keys("lines/")
    last = office.history(path)[-1]
    assert (last["by"], last["action"], len(last["after"]["lines"]), last["after"]["more_lines"]) == (
        "user:bert",
        "edited",
        20,
        1980,
    )
