"""`/webhooks` over HTTP: secrets shown once, endpoints judged whole, deliveries seen and sent again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.services.webhooks import announce
from chalicelib.store import clients
from chalicelib.store.tables import BillingItem
from chalicelib.store.work_tables import WorkItem
from tests.support.changes import LOG, Changes
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.notices import an_event, is_signed
from tests.support.receiver import Receiver, deployed_receiver, status
from tests.support.story import raw_event


@pytest.fixture
def receiver(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the deployment reaches."""
    del api
    with deployed_receiver(monkeypatch) as receiver:
        yield receiver


@pytest.fixture
def url(receiver: Receiver) -> str:
    """Where the receiver is found by its name."""
    return receiver.local_url


def work_off() -> None:
    """Deliver the notices queue to its function."""
    queue = clients.names.notices_queue_url
    while messages := clients.sqs().receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        event = raw_event("queue_message")
        template = event["Records"][0]
        event["Records"] = [{**template, "messageId": one["MessageId"], "body": one["Body"]} for one in messages]
        assert Client(app).lambda_.invoke("send_notices", event).payload == {"batchItemFailures": []}
        for one in messages:
            clients.sqs().delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])


def test_the_secret_is_shown_once(api: ApiClient, url: str) -> None:
    """It is in the answer that makes the endpoint; a repetition and every other answer lack it."""
    made = api.post("/webhooks", {"url": url, "description": "ERP"}, headers={"Idempotency-Key": "k"})
    assert (made.status, made.headers["etag"]) == (201, '"1"')
    secret = made.json["secret"]
    assert secret.startswith("whsec_")
    again = api.post("/webhooks", {"url": url, "description": "ERP"}, headers={"Idempotency-Key": "k"})
    assert again.json == {**made.json, "secret": None}
    shown = {name: value for name, value in made.json.items() if name != "secret"}
    assert api.get("/webhooks").json == {"items": [shown], "next_cursor": None}
    assert api.get(f"/webhooks/{made.json['id']}").json == shown
    assert shown["events"] == []


def test_the_secret_is_in_one_item_only(api: ApiClient, url: str) -> None:
    """No remembered answer, delivery or endpoint holds it: only the item that signing reads."""
    made = api.post("/webhooks", {"url": url}, headers={"Idempotency-Key": "k"}).json
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret", headers={"Idempotency-Key": "r"}).json
    announce(wiring.get_deps(), an_event())
    stored = [repr(item.attribute_values) for model in (BillingItem, WorkItem) for item in model.scan()]
    for secret in (made["secret"], rotated["secret"]):
        assert [text.count(secret) for text in stored if secret in text] == [1]


def test_what_is_sent_carries_both_secrets_after_a_rotation(api: ApiClient, receiver: Receiver, url: str) -> None:
    """Old and new sign, through the functions as deployed."""
    made = api.post("/webhooks", {"url": url}).json
    rotated = api.post(f"/webhooks/{made['id']}/rotate-secret")
    assert rotated.status == 200
    announce(wiring.get_deps(), an_event())
    work_off()
    (came,) = receiver.received
    assert is_signed(came, made["secret"])
    assert is_signed(came, rotated.json["secret"])


def test_an_endpoint_is_judged_whole(api: ApiClient) -> None:
    """What is wrong with the form does not hide a URL that leads inside."""
    wrong = {"url": "https://169.254.169.254/latest", "events": ["invoice.lost"], "colour": "red"}
    reply = api.post("/webhooks", wrong)
    assert (reply.status, reply.codes) == (
        422,
        {"url": "forbidden_address", "events.0": "invalid_value", "colour": "unknown_field"},
    )
    assert api.post("/webhooks", {"description": 5}).codes == {"url": "required", "description": "invalid_type"}


@pytest.mark.parametrize(
    "url, code",
    [
        ("http://example.com/", "invalid_value"),
        ("https://user:password@example.com/", "invalid_value"),
        ("https://example.com:8443/", "invalid_value"),
        ("https://2130706433/", "invalid_value"),
        ("https://localhost/", "forbidden_address"),
        ("https://127.0.0.1/", "forbidden_address"),
        ("https://10.1.2.3/", "forbidden_address"),
        ("https://[::ffff:10.0.0.1]/", "forbidden_address"),
        ("https://[fd00:ec2::254]/latest/", "forbidden_address"),
        ("https://" + "a." * 100 + "invalid/", "unknown_host"),
    ],
)
def test_only_the_public_internet_is_taken(api: ApiClient, url: str, code: str) -> None:
    """Neither when an endpoint is made nor when it is changed."""
    assert api.post("/webhooks", {"url": url}).codes == {"url": code}
    made = api.post("/webhooks", {"url": "https://93.184.215.14/hook"})
    assert made.status == 201
    assert api.patch(f"/webhooks/{made.json['id']}", {"url": url}).codes == {"url": code}


def test_an_endpoint_is_changed_under_its_version(api: ApiClient, url: str) -> None:
    """Disabled and made active again; a stale If-Match is refused; an unknown one is not found."""
    path = f"/webhooks/{api.post('/webhooks', {'url': url}).json['id']}"
    disabled = api.patch(path, {"status": "disabled"}, headers={"If-Match": '"1"'}).json
    assert (disabled["status"], disabled["disabled_reason"], disabled["version"]) == ("disabled", "by_hand", 2)
    assert api.patch(path, {"status": "active"}, headers={"If-Match": '"1"'}).status == 412
    active = api.patch(path, {"status": "active", "events": ["invoice.paid", "invoice.paid"]}).json
    assert (active["status"], active["disabled_reason"], active["events"]) == ("active", None, ["invoice.paid"])
    assert api.delete(path, headers={"If-Match": '"1"'}).status == 412
    assert api.delete(path).status == 204
    for reply in (
        api.get(path),
        api.delete(path),
        api.patch(path, {}),
        api.post(f"{path}/rotate-secret"),
        api.post(f"{path}/test"),
    ):
        assert reply.status == 404


def test_a_trial_shows_whether_an_endpoint_can_be_reached(api: ApiClient, receiver: Receiver, url: str) -> None:
    """It is sent like any event, and its delivery says what came of it."""
    path = f"/webhooks/{api.post('/webhooks', {'url': url}).json['id']}"
    receiver.answers.append(status(404))
    trial = api.post(f"{path}/test")
    assert (trial.status, trial.json["status"], trial.json["type"]) == (202, "pending", "webhook.test")
    work_off()
    (seen,) = api.get(f"{path}/deliveries?status=pending").json["items"]
    assert (seen["attempts"], seen["response_status"], seen["error"]) == (1, 404, "The endpoint answered 404.")
    assert api.get(path).json["failures"] == 1
    assert api.post(f"{path}/deliveries/{trial.json['id']}/replay").status == 202
    work_off()
    (taken,) = api.get(f"{path}/deliveries?status=delivered").json["items"]
    assert (taken["id"], taken["next_at"], taken["response_status"]) == (trial.json["id"], None, 204)
    assert api.get(path).json["failures"] == 0


def test_what_was_missed_is_replayed(api: ApiClient, receiver: Receiver, url: str) -> None:
    """Events of the time in which the endpoint was disabled are listed as cancelled, and sent when asked for."""
    path = f"/webhooks/{api.post('/webhooks', {'url': url, 'status': 'disabled'}).json['id']}"
    for number in range(3):
        announce(wiring.get_deps(), an_event(subject=f"acme.20261101.A.{number}"))
    page = api.get(f"{path}/deliveries?status=cancelled&limit=2").json
    rest = api.get(f"{path}/deliveries?status=cancelled&limit=2&cursor={page['next_cursor']}").json
    assert len({item["id"] for each in (page, rest) for item in each["items"]}) == 3
    since = {"since": "2026-11-01T00:00:00Z"}
    assert api.post(f"{path}/replay", since).json["code"] == "wrong_state"
    assert api.post(f"{path}/test").status == 409
    api.patch(path, {"status": "active"})
    reply = api.post(f"{path}/replay", since)
    assert (reply.status, reply.json["statuses"]) == (202, ["failed", "cancelled"])
    work_off()
    assert len(receiver.received) == 3
    assert api.post(f"{path}/replay", {"since": "2190-01-01T00:00:00Z"}).codes == {"since": "invalid_date"}
    assert api.get("/webhooks/unknown/deliveries").status == 404


def test_endpoints_are_few(api: ApiClient) -> None:
    """Each event is recorded for each of them, so there is a limit."""
    for number in range(20):
        assert api.post("/webhooks", {"url": f"https://93.184.215.14/{number}"}).status == 201
    assert api.post("/webhooks", {"url": "https://93.184.215.14/more"}).json["code"] == "too_many_items"
    first = api.get("/webhooks?limit=15").json
    second = api.get(f"/webhooks?limit=15&cursor={first['next_cursor']}").json
    paths = [item["url"].rpartition("/")[2] for each in (first, second) for item in each["items"]]
    assert (sorted(paths, key=int), second["next_cursor"]) == ([str(number) for number in range(20)], None)


def test_the_history_knows_the_endpoint_but_no_secret(api: ApiClient, cloud: Cloud) -> None:
    """Who made and changed it is written down from the stream; what it signs with never is."""
    made = api.post("/webhooks", {"url": "https://93.184.215.14/hook"}).json
    api.post(f"/webhooks/{made['id']}/rotate-secret")
    api.patch(f"/webhooks/{made['id']}", {"status": "disabled"})
    api.delete(f"/webhooks/{made['id']}")
    changes = Changes(cloud, Client(app))
    changes.drain()
    history = api.get("/settings/history")
    assert history.text.count(made["id"]) >= 3
    entries = [item.attrs for name, items in changes.books.items.items() if name.value.startswith(LOG) for item in items.values()]
    assert len(entries) >= 3
    assert "whsec_" not in history.text + repr(entries)
