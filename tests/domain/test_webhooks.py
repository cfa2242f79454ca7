"""Webhooks as values: what URLs are taken, how deliveries go from state to state, what is signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events import Event, EventType
from chalicelib.domain.webhook_rules import target, validate_events, validate_url
from chalicelib.domain.webhook_signing import MOST_SECRETS, OVERLAP, WebhookSecret, build_secret, rotate, sign
from chalicelib.domain.webhooks import (
    FAILING_UNTIL_DISABLED,
    RETRY_AFTER,
    Delivery,
    DeliveryStatus,
    DisabledReason,
    Health,
    WebhookEndpoint,
    announce_to,
    parse_delivery_id,
    pause_after,
    trial_delivery,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ENDPOINT = WebhookEndpoint(id="e1", url="https://example.com/", created_at=NOW, updated_at=NOW)
DELIVERY = Delivery(
    endpoint_id="e1", type="invoice.paid", subject="acme.20261101.R", sequence=4, body="{}", next_at=NOW, created_at=NOW
)


@pytest.mark.parametrize(
    "url, parts",
    [
        ("https://example.com", ("example.com", 443, "/")),
        ("https://Hooks.Example.com/a/b?c=d&e=%2F", ("hooks.example.com", 443, "/a/b?c=d&e=%2F")),
        ("https://xn--bcher-kva.example/x", ("xn--bcher-kva.example", 443, "/x")),
        ("https://93.184.215.14/x", ("93.184.215.14", 443, "/x")),
        ("https://[2001:4860:4860::8888]:8443/", ("2001:4860:4860::8888", 8443, "/")),
        ("https://example.com:8443", ("example.com", 8443, "/")),
    ],
)
def test_urls_on_the_internet_are_taken(url: str, parts: tuple[str, int, str]) -> None:
    """Names, addresses of both kinds, and the ports that are allowed."""
    assert validate_url(url, {443, 8443}) == []
    assert target(url) == parts


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/",
        "ftp://example.com/",
        "example.com",
        "https:",
        "https://",
        "https:///path",
        "https://example.com:80/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://@example.com/",
        "https://:@example.com/",
        "https://example.com#fragment",
        "https://example.com\\@inside.example/",
        "https://exa mple.com/",
        "https://example.com/\n",
        "https://example.com\t/",
        "https://bücher.example/",
        "https://ex%61mple.com/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://example.com./",
        "https://.example.com/",
        "https://-example.com/",
        "https://exa_mple.com/",
        "https://[::1/",
        "https://[1.2.3.4]/",
        "https://[2001:4860:4860::8888%25eth0]/",
        "https://[v1.a]/",
        f"https://example.com/{'a' * 2000}",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
    ],
)
def test_urls_that_could_be_read_in_two_ways_are_not_taken(url: str) -> None:
    """No plain HTTP, no credentials, no odd spellings of hosts; each is complained of once."""
    assert [(issue.path, issue.code) for issue in validate_url(url, {443})] == [("url", "invalid_value")]


def test_events_must_be_known() -> None:
    """Each unknown type is named with its place."""
    assert validate_events(("invoice.paid", "pdf.ready")) == []
    assert [issue.path for issue in validate_events(("invoice.paid", "invoice.lost"))] == ["events.1"]


def test_a_delivery_is_tried_ten_times() -> None:
    """After each failure but the last it waits, longer each time; its id and body stay."""
    delivery, waited = DELIVERY, timedelta(0)
    for wait in RETRY_AFTER:
        delivery = replace(delivery, attempts=delivery.attempts + 1).failed_once(NOW, 500, "No.")
        assert delivery.is_pending
        assert wait <= delivery.next_at - NOW <= wait * 11 / 10
        waited += delivery.next_at - NOW
    assert timedelta(days=3) < waited < timedelta(days=3.6)
    last = replace(delivery, attempts=delivery.attempts + 1).failed_once(NOW, None, "No.")
    assert (last.status, last.finished_at, last.message_id) == (DeliveryStatus.FAILED, NOW, DELIVERY.message_id)
    again = last.replayed(NOW)
    assert (again.is_pending, again.attempts, again.finished_at, again.body) == (True, 0, None, DELIVERY.body)


def test_a_first_try_is_due_at_once() -> None:
    """A later one when its time has come."""
    later = replace(DELIVERY, next_at=NOW + timedelta(hours=1))
    assert later.is_due(NOW)
    assert not replace(later, attempts=1).is_due(NOW)
    assert replace(later, attempts=1).is_due(NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "text", ["", "a:b", "a:b:c", "a:b:1:2", "a::1", ":b:1", "A:b:1", "a:b:1234567890123", "a:b:-1", "a:b:\u0661"]
)
def test_what_is_no_delivery_id(text: str) -> None:
    """An id from outside may be anything."""
    assert parse_delivery_id(text) is None


def test_the_id_of_a_delivery_names_it() -> None:
    """Type, subject and version come back; a trial has one too."""
    assert parse_delivery_id(DELIVERY.id) == (DELIVERY.type, DELIVERY.subject, DELIVERY.sequence)
    trial = trial_delivery(ENDPOINT, "01k", NOW)
    assert parse_delivery_id(trial.id) == ("webhook.test", "01k", 1)
    assert trial.body == '{"type":"webhook.test","timestamp":"2026-12-01T12:00:00Z","data":{"id":"01k"}}'


def test_a_disabled_endpoint_is_told_later() -> None:
    """Its delivery is cancelled from the start, and can be replayed; the body names subject and customer."""
    event = Event(
        id="x",
        type=EventType.PDF_READY,
        occurred_at=NOW,
        customer_id="acme",
        subject="acme.1",
        sequence=2,
        data={"number": "I-1"},
    )
    assert announce_to(ENDPOINT, event, NOW).is_pending
    told = announce_to(ENDPOINT.disabled(DisabledReason.BY_HAND, NOW), event, NOW)
    assert (told.status, told.id) == (DeliveryStatus.CANCELLED, "pdf.ready:acme.1:2")
    data = '{"id":"acme.1","customer_id":"acme","number":"I-1"}'
    assert told.body == f'{{"type":"pdf.ready","timestamp":"2026-12-01T12:00:00Z","data":{data}}}'


def test_an_endpoint_is_disabled_and_enabled() -> None:
    """The reason and the instant come and go."""
    disabled = ENDPOINT.disabled(DisabledReason.GONE, NOW)
    assert (disabled.is_active, disabled.disabled_reason, disabled.disabled_at) == (False, DisabledReason.GONE, NOW)
    assert disabled.enabled(NOW) == ENDPOINT
    assert ENDPOINT.wants("anything")
    assert [replace(ENDPOINT, events=("pdf.ready",)).wants(name) for name in ("pdf.ready", "invoice.paid")] == [True, False]


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    """Four failures cost nothing; then a minute, doubled with each, never more than fifteen."""
    minutes = [wait and wait // timedelta(minutes=1) for wait in (pause_after(n) for n in (1, 4, 5, 6, 7, 8, 9, 50))]
    assert minutes == [None, None, 1, 2, 4, 8, 15, 15]


def test_health_decides_on_patience() -> None:
    """Paused until its instant, in need of a probe after five failures, hopeless after five days."""
    assert not Health().is_paused(NOW)
    assert not Health().is_hopeless(NOW)
    poor = Health(failures=5, failing_since=NOW, paused_until=NOW)
    assert poor.needs_probe
    assert [poor.is_paused(NOW), poor.is_paused(NOW - timedelta(seconds=1))] == [False, True]
    assert [poor.is_hopeless(NOW), poor.is_hopeless(NOW + FAILING_UNTIL_DISABLED)] == [False, True]


def test_replaced_secrets_expire() -> None:
    """A new secret comes first, the old one ends in a day, an ended one is dropped, and there are never many."""
    first, second, third = (build_secret(bytes([n]) * 32) for n in range(3))
    secrets = rotate((first,), second, NOW)
    assert [each.valid_until for each in secrets] == [None, NOW + OVERLAP]
    later = rotate(secrets, third, NOW + timedelta(hours=1))
    assert [each.valid_until for each in later] == [None, NOW + timedelta(hours=25), NOW + OVERLAP]
    assert len(rotate(later, first, NOW + OVERLAP)) == 3
    many: tuple[WebhookSecret, ...] = ()
    for n in range(20):
        many = rotate(many, build_secret(bytes([n]) * 32), NOW)
    assert len(many) == MOST_SECRETS
    assert "whsec_" not in repr(many)


@given(st.binary(max_size=200), st.integers(0, 2**31))
def test_each_valid_secret_signs(body: bytes, seconds: int) -> None:
    """As many signatures as there are valid secrets, over the very bytes."""
    now = datetime.fromtimestamp(seconds, UTC)
    secrets = [build_secret(b"a" * 32), replace(build_secret(b"b" * 32), valid_until=now)]
    headers = sign(secrets, "msg_1", now, body)
    assert (headers["webhook-timestamp"], headers["webhook-id"]) == (str(seconds), "msg_1")
    assert len(headers["webhook-signature"].split(" ")) == 1
    assert headers != sign(secrets, "msg_1", now, body + b" ")
