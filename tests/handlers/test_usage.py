"""`/usage` and the usage views of a customer, over HTTP."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from typing import Any

import pytest

from chalicelib.handlers.on_upload import import_usage
from chalicelib.services.usage_import import import_object
from chalicelib.store import ledger
from chalicelib.store.objects import find_object
from tests.support.builders import a_customer
from tests.support.http import ApiClient
from tests.support.usage import Call, at, csv_file, save_customer, upload, usage_deps

RECORD: dict[str, Any] = {
    "call_id": "1",
    "customer_id": "acme",
    "started_at": "2026-11-05T10:00:00Z",
    "destination": "UK Mobile",
    "duration_seconds": 61,
    "billed_seconds": 120,
    "charge": "0.0272",
    "cli": "+442071234567",
}


def linked(url: str) -> str:
    """The text of the object that a presigned link leads to."""
    key = re.search(r"(exports|usage)/[^?]+", url)
    assert key is not None
    body = find_object(key[0])
    assert body is not None
    return body.decode()


def test_records_come_in_by_post(api: ApiClient) -> None:
    """Records are taken in like a file, with bad ones listed, and the batch can be read and listed."""
    save_customer()
    bad = {**RECORD, "call_id": "2", "charge": 0.0272}
    reply = api.post("/usage", {"records": [RECORD, bad]})
    assert reply.status == 202
    assert (reply.json["status"], reply.json["rows"], reply.json["accepted"], reply.json["rejected"]) == ("done", 2, 1, 1)
    assert reply.json["by_customer"] == [{"customer_id": "acme", "accepted": 1, "duplicates": 0, "rejected": 1}]
    assert "send charges as strings" not in linked(reply.json["rejects_url"])
    assert "JSON number" in linked(reply.json["rejects_url"])
    read = api.get(f"/usage/batches/{reply.json['id']}")
    assert read.status == 200
    assert read.json["accepted"] == 1
    listed = api.get("/usage/batches")
    assert [(item["id"], item["rejects_url"]) for item in listed.json["items"]] == [(reply.json["id"], None)]
    described = api.get("/openapi.json").json["components"]["schemas"]["BatchAnswer"]["properties"]["rejects_url"]["description"]
    assert described.startswith("Null in lists")


def test_too_many_records_are_refused(api: ApiClient) -> None:
    """A request carries at most 1,000 records, and at least one."""
    assert api.post("/usage", {"records": []}).status == 422
    assert api.post("/usage", {"records": [{}] * 1001}).status == 422


def test_unknown_batch_is_not_found(api: ApiClient) -> None:
    """An unknown batch id is 404."""
    assert api.get("/usage/batches/nothing").status == 404


def test_batches_are_paged_newest_first(api: ApiClient) -> None:
    """Pages go on where the one before ended."""
    save_customer()
    for minute in range(3):
        now = at(f"2026-11-15T10:0{minute}:00Z")
        import_object(usage_deps(now), upload(csv_file([Call(str(minute))]), f"{minute}.csv"))
    first = api.get("/usage/batches?limit=2").json
    second = api.get(f"/usage/batches?limit=2&cursor={first['next_cursor']}").json
    instants = [item["created_at"] for item in first["items"] + second["items"]]
    assert instants == ["2026-11-15T10:02:00Z", "2026-11-15T10:01:00Z", "2026-11-15T10:00:00Z"]
    assert second["next_cursor"] is None
    assert api.get("/usage/batches?cursor=rubbish").status == 422


def test_upload_is_taken_in_when_it_arrives(api: ApiClient) -> None:
    """An upload form names a key of its own, and the event of its arrival starts the import."""
    save_customer()
    form = api.post("/usage/uploads", {"format": "csv.gz"})
    assert form.status == 201
    assert form.json["key"].startswith("usage/incoming/")
    assert form.json["fields"]["key"] == form.json["key"]
    body = csv_file([Call("1")])
    upload(body, form.json["key"].removeprefix("usage/incoming/"))
    import_usage({"detail": {"bucket": {"name": "b"}, "object": {"key": form.json["key"]}}})
    batch = api.get(f"/usage/batches/{hashlib.sha256(body).hexdigest()}")
    assert batch.json["status"] == "done"


def test_an_empty_upload_is_refused_with_a_reason(api: ApiClient) -> None:
    """The form lets an empty file through, so that its batch says why nothing of it is billed."""
    form = api.post("/usage/uploads", {"format": "csv"}).json
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    assert ["content-length-range", 0, form["max_bytes"]] in policy["conditions"]
    upload(b"", form["key"].removeprefix("usage/incoming/"))
    import_usage({"detail": {"bucket": {"name": "b"}, "object": {"key": form["key"]}}})
    batch = api.get(f"/usage/batches/{hashlib.sha256(b'').hexdigest()}").json
    assert (batch["status"], batch["code"], batch["rows"]) == ("refused", "empty_file", 0)


def test_event_of_a_vanished_file_is_done(api: ApiClient) -> None:
    """An event whose object is gone is not repeated for ever."""
    import_usage({"detail": {"object": {"key": "usage/incoming/gone.csv"}}})


def test_summary_shows_usage_and_what_billed_it(api: ApiClient) -> None:
    """Daily rows carry sums, ratios and the invoice; weekly rows name the one invoice only if it covers all days."""
    save_customer()
    import_object(usage_deps(), upload(csv_file([Call("1"), Call("2", duration_seconds="0", started_at="2026-11-06T10:00:00Z")])))
    day = at("2026-11-05T00:00:00Z").date()
    ledger.claim_days("acme", [day], "20261105#R", "me", {})
    daily = api.get("/customers/acme/summary?from=2026-11-05&to=2026-11-06").json
    first, second = daily["items"]
    assert first["invoice_id"] == "acme.20261105.R"
    assert (first["billed"], second["billed"]) == ("billed", "unbilled")
    assert (first["asr"], first["acd_seconds"], first["charge"]) == ("100.0", "61.0", "0.0272")
    assert (second["asr"], second["acd_seconds"], second["unbilled_days"]) == ("0.0", None, ["2026-11-06"])
    (week,) = api.get("/customers/acme/summary?granularity=weekly&from=2026-11-05&to=2026-11-06").json["items"]
    assert (week["start_date"], week["end_date"], week["attempts"]) == ("2026-11-02", "2026-11-08", 2)
    assert (week["invoice_id"], week["invoices"], week["billed"]) == (None, ["acme.20261105.R"], "partly")
    assert week["unbilled_charge"] == "0.0272"


def test_late_usage_counts_on_its_own_day(api: ApiClient) -> None:
    """A call that came after its day was billed shows on that day, as waiting for an invoice."""
    save_customer()
    day = at("2026-11-05T00:00:00Z").date()
    ledger.claim_days("acme", [day], "20261105#R", "me", {})
    import_object(usage_deps(), upload(csv_file([Call("1")])))
    (row,) = api.get("/customers/acme/summary?from=2026-11-05&to=2026-11-05").json["items"]
    assert (row["attempts"], row["billed"], row["unbilled_charge"]) == (1, "partly", "0.0272")
    assert (row["invoice_id"], row["unbilled_days"]) == ("acme.20261105.R", [])


@pytest.mark.parametrize("granularity, rows", [("daily", 31), ("weekly", 12), ("monthly", 12)])
def test_summary_has_a_default_range(api: ApiClient, granularity: str, rows: int) -> None:
    """Without days: the last 31 days, 12 weeks or 12 months."""
    save_customer()
    assert len(api.get(f"/customers/acme/summary?granularity={granularity}").json["items"]) == rows


def test_summary_refuses_impossible_ranges(api: ApiClient) -> None:
    """An empty range and one of more than 366 rows are 422, an unknown customer 404."""
    save_customer()
    assert api.get("/customers/acme/summary?from=2026-11-06&to=2026-11-05").codes == {"from": "invalid_date"}
    long = api.get("/customers/acme/summary?from=2020-11-06&to=2026-11-05")
    assert (long.codes, "answer" in long.json["title"]) == ({"from": "too_many_days"}, True)
    assert api.get("/customers/nobody/summary").status == 404


def test_customers_see_their_own_usage_only(api: ApiClient) -> None:
    """A customer's token reads its own summary, and nobody else's."""
    save_customer()
    save_customer(a_customer(id="other"))
    assert api.get("/customers/acme/summary", customer="acme").status == 200
    assert api.get("/customers/other/summary", customer="acme").status == 404
    assert api.get("/customers/other/usage.csv?from=2026-11-01&to=2026-11-30", customer="acme").status == 404


def test_call_records_of_days_download_as_csv(api: ApiClient) -> None:
    """The file has the calls of the local days, each once, free columns of all batches, and no formula."""
    save_customer(a_customer(timezone="Europe/Paris"))
    import_object(usage_deps(), upload(csv_file([Call("1", destination="=1+1"), Call("2", started_at="2026-11-05T23:00:00Z")])))
    header = ("call_id", "customer_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge")
    import_object(usage_deps(), upload(csv_file([Call("1"), Call("3", started_at="2026-11-04T23:00:00Z")], header), "b.csv"))
    reply = api.get("/customers/acme/usage.csv?from=2026-11-05&to=2026-11-05&bom=1")
    assert reply.status == 200
    rows = list(csv.DictReader(io.StringIO(linked(reply.json["url"]).removeprefix("\ufeff"))))
    assert sorted((row["call_id"], row["destination"], row["cli"]) for row in rows) == [
        ("1", "'=1+1", "442071234567"),
        ("3", "UK Mobile", ""),
    ]
    assert list(rows[0]) == ["call_id", "started_at", "destination", "attempts", "connected", *header[4:], "cli"]
