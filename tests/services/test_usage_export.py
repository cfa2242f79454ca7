"""Call records as a file: made at once or by the queue, once for the same question."""

from __future__ import annotations

import json
from datetime import date

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.services import usage_export
from chalicelib.services.usage_export import export_usage, find_usage_file
from chalicelib.store import clients
from chalicelib.store.objects import find_object, list_keys
from tests.support.cloud import Cloud
from tests.support.usage import Call, csv_file, import_file, save_customer, usage_deps

DAYS = date(2026, 11, 1), date(2026, 11, 30)


def test_many_records_are_made_by_the_queue(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is asked for by a message; once the message is done, the same question gets the link."""
    monkeypatch.setattr(usage_export, "AT_ONCE", 1)
    save_customer()
    import_file(csv_file([Call("1"), Call("2")]))
    assert find_usage_file(usage_deps(), "acme", *DAYS).url is None
    (message,) = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url)["Messages"]
    for _ in range(2):
        export_usage(usage_deps(), json.loads(message["Body"]))
    assert find_usage_file(usage_deps(), "acme", *DAYS).url is not None
    assert len(list(list_keys("exports/acme/"))) == 1


def test_a_byte_order_mark_is_put_before_the_header_when_asked_for(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the queue, too; it makes a file of its own, which is otherwise the same."""
    save_customer()
    import_file(csv_file([Call("1", destination="\uff1d3"), Call("2")]))
    find_usage_file(usage_deps(), "acme", *DAYS)
    (plain,) = list_keys("exports/acme/")
    monkeypatch.setattr(usage_export, "AT_ONCE", 1)
    assert find_usage_file(usage_deps(), "acme", *DAYS, with_bom=True).url is None
    (message,) = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url)["Messages"]
    export_usage(usage_deps(), json.loads(message["Body"]))
    (marked,) = set(list_keys("exports/acme/")) - {plain}
    content = find_object(plain) or b""
    assert find_object(marked) == b"\xef\xbb\xbf" + content
    assert ",'\uff1d3," in content.decode()


def test_later_usage_makes_another_file(cloud: Cloud) -> None:
    """The same question gives the same file until more usage came in."""
    save_customer()
    import_file(csv_file([Call("1")]))
    for _ in range(2):
        find_usage_file(usage_deps(), "acme", *DAYS)
    assert len(list(list_keys("exports/acme/"))) == 1
    import_file(csv_file([Call("2")]))
    find_usage_file(usage_deps(), "acme", *DAYS)
    assert len(list(list_keys("exports/acme/"))) == 2


@pytest.mark.parametrize("first, last", [(date(2026, 11, 2), date(2026, 11, 1)), (date(2025, 1, 1), date(2026, 11, 1))])
def test_impossible_ranges_are_refused(cloud: Cloud, first: date, last: date) -> None:
    """An empty range and one of more than a year are refused."""
    with pytest.raises(Invalid):
        find_usage_file(usage_deps(), "acme", first, last)
