"""Webhooks from the event to the receiver: signed, in order, again until taken, and not for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.events import EventType
from chalicelib.domain.webhooks import DeliveryStatus, DisabledReason, EndpointStatus
from chalicelib.services import webhook_endpoints as endpoints
from chalicelib.services import webhook_replay as replaying
from chalicelib.services.webhook_delivery import LEASE, deliver
from chalicelib.services.webhooks import announce, drive_due
from chalicelib.store import webhooks as store
from chalicelib.store.webhook_deliveries import find_delivery, load_lane, save_delivery
from chalicelib.store.webhook_health import find_health
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.cloud import Cloud
from tests.support.money_in import repeatable
from tests.support.notices import PostOffice, an_event, held_back, is_signed, receive_notices
from tests.support.receiver import receiving, status
from tests.support.world import World

PENDING, DELIVERED, FAILED, CANCELLED = DeliveryStatus
ISSUED, REVISED, PAID = EventType.INVOICE_ISSUED, EventType.INVOICE_REVISED, EventType.INVOICE_PAID


@pytest.fixture
def office(cloud: Cloud) -> Iterator[PostOffice]:
    """A receiver that takes everything, and no endpoint yet."""
    with receiving() as receiver:
        yield PostOffice(World(now=datetime.now(UTC)), receiver)


def test_an_event_arrives_signed(office: PostOffice) -> None:
    """The body is type, timestamp and data; the library of Standard Webhooks accepts it."""
    office.endpoint()
    office.tell(an_event(total="12.00", currency="EUR"))
    (came,) = office.receiver.received
    body = Webhook(office.secrets[""]).verify(came.body, came.headers)
    assert body == {
        "type": "invoice.issued",
        "timestamp": "2026-12-01T02:00:00Z",
        "data": {"id": "acme.20261101.R", "customer_id": "acme", "total": "12.00", "currency": "EUR"},
    }
    assert came.headers["content-type"] == "application/json"
    assert "." not in came.headers["webhook-id"]


def test_an_event_told_twice_arrives_once(office: PostOffice) -> None:
    """The stream repeats itself; the receiver does not notice."""
    endpoint = office.endpoint()
    office.tell(an_event(), an_event())
    office.tell(an_event())
    assert office.told() == ["invoice.issued acme.20261101.R"]
    (delivered,) = office.deliveries(endpoint, DELIVERED)
    assert (delivered.attempts, delivered.response_status) == (1, 204)


def test_each_endpoint_gets_the_types_it_wants(office: PostOffice) -> None:
    """Without a choice all, otherwise the chosen ones."""
    office.endpoint(description="all")
    office.endpoint(description="paid", events=("invoice.paid",))
    office.tell(an_event(ISSUED), an_event(PAID, sequence=2))
    signed = [[is_signed(came, office.secrets[name]) for name in ("all", "paid")] for came in office.receiver.received]
    assert sorted(signed) == [[False, True], [True, False], [True, False]]


def test_a_refused_event_holds_back_later_ones_of_its_subject(office: PostOffice) -> None:
    """Paid is not told before issued was taken; other invoices are not held up; retries carry the same id and body."""
    office.endpoint()
    office.receiver.answers.append(status(500))
    office.tell(an_event(ISSUED), an_event(PAID, sequence=3), an_event(ISSUED, subject="acme.20261201.R"))
    assert office.told() == ["invoice.issued acme.20261101.R", "invoice.issued acme.20261201.R"]
    office.sweep(seconds=10)
    assert office.told()[2:] == ["invoice.issued acme.20261101.R", "invoice.paid acme.20261101.R"]
    first, _other, again, _paid = office.receiver.received
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert is_signed(again, office.secrets[""])


def test_events_announced_in_any_order_go_out_by_version(office: PostOffice) -> None:
    """What waits is sent in the order in which it became true; of one version, issued before printed, revised before paid."""
    office.endpoint()
    printed = an_event(EventType.PDF_READY, sequence=1)
    for event in (printed, an_event(PAID, sequence=10), an_event(REVISED, sequence=10), an_event(ISSUED, sequence=1)):
        announce(office.deps, event)
    office.work_off()
    assert [told.split()[0] for told in office.told()] == ["invoice.issued", "pdf.ready", "invoice.revised", "invoice.paid"]


def test_retries_come_at_their_times_and_end(office: PostOffice) -> None:
    """Ten tries in three days, each wait as listed and at most a tenth longer; then it failed, and the next event goes out."""
    endpoint = office.endpoint()
    office.receiver.answers += [status(500)] * 10
    office.tell(an_event(), an_event(PAID, sequence=2))
    assert held_back() == 1
    waits = []
    while (waiting := load_lane(endpoint.id, "acme.20261101.R")[0]).type == ISSUED.value:
        waits.append(int((waiting.next_at - office.world.now).total_seconds()))
        tries = len(office.receiver.received)
        office.sweep(seconds=waits[-1] - 5)
        assert (len(office.receiver.received), office.sweep()) == (tries, 0)
        assert office.sweep(minutes=20) == 1
    office.sweep(minutes=20)
    listed = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(least <= wait <= least * 1.1 for least, wait in zip(listed, waits, strict=True)), waits
    (failed,) = office.deliveries(endpoint, FAILED)
    assert (failed.attempts, failed.response_status, failed.error) == (10, 500, "The endpoint answered 500.")
    assert [told.split()[0] for told in office.told()] == ["invoice.issued"] * 10 + ["invoice.paid"]


def test_a_failing_endpoint_is_left_alone_and_probed(office: PostOffice) -> None:
    """After five failures in a row nothing is sent for a while; then one delivery, and if it is taken, all."""
    endpoint = office.endpoint()
    office.receiver.answers += [status(503)] * 6
    office.tell(*(an_event(subject=f"acme.20261101.A.{n}") for n in range(20)))
    assert len(office.receiver.received) == 5
    assert office.sweep(seconds=30) == 0
    assert office.sweep(seconds=40) == 1
    assert len(office.receiver.received) == 6
    assert office.sweep(minutes=3) == 1
    assert find_health(endpoint.id).failures == 0
    office.sweep(minutes=11)
    assert len(office.deliveries(endpoint, DELIVERED)) == 20


def test_an_endpoint_that_fails_for_days_is_disabled(office: PostOffice, capsys: pytest.CaptureFixture[str]) -> None:
    """Five days without one success: disabled and counted for the alarm; what waits is cancelled, nothing more is sent."""
    endpoint = office.endpoint()
    office.receiver.answers += [status(500)] * 2
    office.tell(an_event())
    office.world.pass_time(days=6)
    office.tell(an_event(subject="acme.20261201.R"))
    shown = endpoints.get_endpoint(endpoint.id).endpoint
    assert (shown.is_active, shown.disabled_reason) == (False, DisabledReason.FAILING)
    assert '"WebhookDisabled": 1' in capsys.readouterr().out
    office.sweep(minutes=5)
    office.tell(an_event(subject="acme.20270101.R"))
    assert len(office.receiver.received) == 2
    assert len(office.deliveries(endpoint, CANCELLED)) == 3


def test_gone_is_taken_at_its_word(office: PostOffice) -> None:
    """410 disables the endpoint at the first time."""
    endpoint = office.endpoint()
    office.receiver.answers.append(status(410))
    office.tell(an_event())
    assert endpoints.get_endpoint(endpoint.id).endpoint.disabled_reason is DisabledReason.GONE
    (cancelled,) = office.deliveries(endpoint, CANCELLED)
    assert cancelled.response_status == 410


def test_an_endpoint_made_active_again_can_get_what_it_missed(office: PostOffice) -> None:
    """Events of the time in between are kept; a replay sends them, each once, also when its message comes twice."""
    endpoint = office.endpoint()
    begun = office.world.now
    office.tell(an_event())
    endpoints.update_endpoint(office.deps, endpoint.id, {"status": EndpointStatus.DISABLED}, None)
    office.tell(an_event(PAID, sequence=2), an_event(subject="acme.20261201.R"))
    with pytest.raises(Conflict, match="wrong_state"):
        replaying.replay_since(office.deps, endpoint.id, begun, [CANCELLED])
    endpoints.update_endpoint(office.deps, endpoint.id, {"status": EndpointStatus.ACTIVE}, None)
    replaying.replay_since(office.deps, endpoint.id, begun, [FAILED, CANCELLED])
    messages = receive_notices()
    for message in [*messages, *messages]:
        replaying.replay_slice(office.deps, message)
        office.work_off()
    assert office.told()[0] == "invoice.issued acme.20261101.R"
    assert sorted(office.told()[1:]) == ["invoice.issued acme.20261201.R", "invoice.paid acme.20261101.R"]


def test_a_long_replay_goes_on_in_slices(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one message can do is done by several; what was announced before the instant stays out."""
    monkeypatch.setattr(replaying, "SLICE", 2)
    endpoint = office.endpoint()
    office.tell(an_event(subject="acme.20261001.R"))
    office.world.pass_time(minutes=1)
    begun = office.world.now
    office.tell(*(an_event(subject=f"acme.20261101.A.{n}") for n in range(5)))
    office.world.pass_time(minutes=1)
    replaying.replay_since(office.deps, endpoint.id, begun, [DELIVERED])
    office.work_off()
    assert sorted(office.told()[6:]) == [f"invoice.issued acme.20261101.A.{n}" for n in range(5)]


def test_one_delivery_is_sent_again(office: PostOffice) -> None:
    """Whatever became of it; a delivery that there is not is not found."""
    endpoint = office.endpoint()
    office.tell(an_event())
    (delivered,) = office.deliveries(endpoint, DELIVERED)
    replaying.replay_delivery(office.deps, endpoint.id, delivered.id)
    office.work_off()
    assert len(office.receiver.received) == 2
    for unknown in ("invoice.issued:acme.20261101.R:7", "nonsense"):
        with pytest.raises(NotFound):
            replaying.replay_delivery(office.deps, endpoint.id, unknown)


def test_the_future_cannot_be_replayed(office: PostOffice) -> None:
    """There is nothing in it yet."""
    endpoint = office.endpoint()
    late = office.world.now.replace(year=office.world.now.year + 1)
    with pytest.raises(Invalid):
        replaying.replay_since(office.deps, endpoint.id, late, [FAILED])


def test_a_replaced_secret_signs_for_a_day(office: PostOffice) -> None:
    """Both sign for 24 hours, then the new one alone; replacing twice loses none."""
    endpoint = office.endpoint()
    old = office.secrets[""]
    _view, middle = endpoints.rotate_secret(office.deps, endpoint.id)
    _view, new = endpoints.rotate_secret(office.deps, endpoint.id)
    office.tell(an_event())
    assert all(is_signed(office.receiver.received[0], secret) for secret in (old, middle, new))
    office.world.pass_time(hours=25)
    office.tell(an_event(PAID, sequence=2))
    assert [is_signed(office.receiver.received[1], secret) for secret in (old, middle, new)] == [False, False, True]


def test_a_request_to_make_an_endpoint_done_twice_makes_one(office: PostOffice) -> None:
    """Its first execution died before it answered: the second gives the secret that is kept."""
    made = [endpoints.create_endpoint(repeatable(office.deps), office.receiver.url, {}) for _ in range(2)]
    assert made[0][1] == made[1][1]
    office.tell(an_event())
    (came,) = office.receiver.received
    assert is_signed(came, made[0][1])


def test_who_changes_an_endpoint_meanwhile_knows_better(office: PostOffice) -> None:
    """An endpoint that was changed while it answered 410 stays active."""
    endpoint = office.endpoint()

    def gone(request: BaseHTTPRequestHandler) -> None:
        endpoints.update_endpoint(office.deps, endpoint.id, {"description": "moved"}, None)
        status(410)(request)

    office.receiver.answers.append(gone)
    office.tell(an_event())
    assert endpoints.get_endpoint(endpoint.id).endpoint.is_active
    assert len(office.deliveries(endpoint, PENDING)) == 1


def test_two_who_replace_a_secret_at_once(office: PostOffice) -> None:
    """The slower one is told to look again, so that no secret that was shown goes missing."""
    endpoint = office.endpoint()
    found = store.find_signed(endpoint.id)
    assert found is not None
    endpoints.rotate_secret(office.deps, endpoint.id)
    for stale in (
        lambda: store.save_keyring(endpoint.id, found[1].secrets, found[1].version),
        lambda: store.save_endpoint(replace(endpoint, version=7)),
        lambda: store.delete_endpoint(replace(endpoint, version=7)),
    ):
        with pytest.raises(Conflict, match="stale_version"):
            stale()


def test_a_try_under_way_is_not_made_twice(office: PostOffice) -> None:
    """While one worker holds a delivery, others leave it and what comes after it alone; when it died, the sweep has it sent."""
    endpoint = office.endpoint()
    announce(office.deps, an_event())
    announce(office.deps, an_event(PAID, sequence=2))
    held = load_lane(endpoint.id, "acme.20261101.R")[0]
    lease = replace(held, attempts=1, next_at=office.world.now + LEASE)
    assert save_delivery(held, lease)
    assert not save_delivery(held, lease)
    office.work_off()
    assert office.told() == []
    assert office.sweep(seconds=50) == 0
    office.sweep(seconds=15)
    assert len(office.told()) == 2


def test_one_message_does_not_work_for_long(office: PostOffice) -> None:
    """When tries take their time, a further message goes on with the rest, so that a batch of messages ends in time."""
    endpoint = office.endpoint()
    for sequence in (1, 2, 3):
        announce(office.deps, an_event(PAID, sequence=sequence))
    receive_notices()

    def slow(request: BaseHTTPRequestHandler) -> None:
        office.world.pass_time(seconds=10)
        status(204)(request)

    office.receiver.answers.append(slow)
    deliver(office.deps, endpoint.id, "acme.20261101.R")
    assert len(office.told()) == 1
    office.work_off()
    assert len(office.told()) == 3


def test_a_deleted_endpoint_gets_nothing(office: PostOffice) -> None:
    """What waits for it is never sent."""
    endpoint = office.endpoint()
    announce(office.deps, an_event())
    endpoints.delete_endpoint(endpoint.id, None)
    office.work_off()
    assert office.told() == []
    assert drive_due(office.deps) == 0
    with pytest.raises(NotFound):
        endpoints.rotate_secret(office.deps, endpoint.id)


def test_a_name_that_leads_inside_by_now_is_not_followed(office: PostOffice) -> None:
    """It was public when it was registered; what counts is the moment of sending."""
    endpoint = office.endpoint()
    announce(office.deps, an_event())
    (message,) = receive_notices()
    inside = replace(office.deps, network=office.receiver.network(resolve=lambda _host, _port: ["10.0.0.8"]))
    deliver(inside, message["endpoint_id"], message["subject"])
    assert office.told() == []
    found = find_delivery(endpoint.id, "invoice.issued", "acme.20261101.R", 1)
    assert found is not None
    assert found.error == "The host leads to an address that is not public."


def test_what_a_delivery_costs(office: PostOffice) -> None:
    """Calls of AWS for one event to one endpoint: three to announce it, six to have it taken."""
    office.endpoint()
    calls: list[str] = []

    class Counting(Watcher):
        """Writes calls down."""

        def before(self, call: Call) -> None:
            """Note the operation."""
            calls.append(call.operation)

    with watched(Counting()):
        announce(office.deps, an_event())
        assert calls == ["Query", "PutItem", "SendMessageBatch"]
        (message,) = receive_notices()
        calls.clear()
        deliver(office.deps, message["endpoint_id"], message["subject"])
    assert calls == ["Query", "BatchGetItem", "Query", "UpdateItem", "UpdateItem", "Query"]


def test_bodies_are_json_whatever_the_customer_is_called(office: PostOffice) -> None:
    """Quotes and other scripts survive."""
    office.endpoint()
    office.tell(an_event(customer_name='Żółć "& Söhne'))
    (came,) = office.receiver.received
    assert json.loads(came.body)["data"]["customer_name"] == 'Żółć "& Söhne'
    assert is_signed(came, office.secrets[""])
