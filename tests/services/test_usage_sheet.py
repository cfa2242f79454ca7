"""Call records as CSV: the same rows whether drawn plain or quoted, cut to the span, without what earlier batches had."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.s3 import models as moto_s3

from chalicelib.domain.spreadsheet import neutralise_column
from chalicelib.domain.usage_calls import REPORT_COLUMNS
from chalicelib.domain.usage_records import present_instant
from chalicelib.services import usage_export, usage_sheet
from chalicelib.services.usage_sheet import UsageSheet
from chalicelib.store import clients, uploads
from chalicelib.store.members import Member
from chalicelib.store.objects import find_object, list_keys
from tests.support.aws_calls import counted
from tests.support.cloud import Cloud
from tests.support.usage import Call, csv_file, import_file, save_customer, usage_deps

BEGIN = int(datetime(2026, 11, 5, tzinfo=UTC).timestamp())
MINUTE = 60
TEXTS = st.sampled_from(["UK", "=1+1", "+4420", 'a,"b"', "c\r\nd"])


def a_member(skipped: tuple[int, ...]) -> Member:
    """A member of which an earlier batch had some records."""
    texts = dict.fromkeys(("customer_id", "batch_id", "tag", "span_from", "span_to"), "x")
    numbers = dict.fromkeys(("number", "offset", "length", "ids_offset", "ids_count", "accepted", "duplicates"), 1)
    return Member(**texts, **numbers, skipped=(("b", skipped),) if skipped else ())  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    calls=st.lists(
        st.tuples(st.integers(-120, 180), st.sampled_from(["", ".5"]), TEXTS),
        min_size=1,
        max_size=12,
    ),
    skipped=st.sets(st.integers(0, 11)),
    is_quoted=st.booleans(),
)
def test_the_rows_are_those_of_the_span(calls: list[tuple[int, str, str]], skipped: set[int], *, is_quoted: bool) -> None:
    """Each record once, within one minute, neutralised, under its column; a free column of other batches stays empty."""
    calls = sorted(calls) if is_quoted else sorted((at, rest, text[:1]) for at, rest, text in calls)
    starts = [present_instant(BEGIN + at).replace("Z", f"{fraction}Z") for at, fraction, _ in calls]
    ids = [f"id{number}" for number in range(len(calls))]
    columns = [ids, ids, starts, [text for *_, text in calls], *([["1"] * len(calls)] * 4), ["-0.5"] * len(calls), ids]
    gone = tuple(sorted(at for at in skipped if at < len(calls)))
    sheet = UsageSheet(("cli", "note"), (BEGIN, BEGIN + MINUTE))
    drawn = b"".join(sheet.rows(a_member(gone), (*REPORT_COLUMNS, "note"), columns, is_plain=not is_quoted))
    rows = list(csv.DictReader(io.StringIO((sheet.header() + drawn).decode(), newline="")))
    expected = [
        (ids[at], starts[at], *neutralise_column([text]), "-0.5", "", ids[at])
        for at, (second, _, text) in enumerate(calls)
        if 0 <= second < MINUTE and at not in gone
    ]
    shown = ("call_id", "started_at", "destination", "charge", "cli", "note")
    assert [tuple(row[name] for name in shown) for row in rows] == expected


def test_a_large_file_is_uploaded_in_parts(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts as they fill, one in memory; the file is the same as one that was put at once."""
    save_customer()
    import_file(csv_file([Call(str(number)) for number in range(40)]))
    span = Call("1").started_at[:10]
    link = usage_export.find_usage_file(usage_deps(), "acme", *[datetime.fromisoformat(span).date()] * 2)
    assert link.url
    (key,) = list_keys("exports/acme/")
    whole = find_object(key)
    clients.s3().delete_object(Bucket=clients.names.bucket, Key=key)
    monkeypatch.setattr(uploads, "PART", 200)
    monkeypatch.setattr(usage_sheet, "ROWS", 7)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)
    with counted() as calls:
        usage_export.find_usage_file(usage_deps(), "acme", *[datetime.fromisoformat(span).date()] * 2)
    assert find_object(key) == whole
    assert (calls["UploadPart"], calls["CompleteMultipartUpload"], calls["PutObject"]) == (6, 1, 0)
