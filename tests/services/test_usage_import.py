"""Taking in usage files: what is accepted, refused, repeated, and where it is billed."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.usage import Tally
from chalicelib.domain.usage_batch import Batch, BatchStatus
from chalicelib.services.usage_duplicates import CallFiles, load_rows
from chalicelib.services.usage_import import import_records, resume_batch
from chalicelib.services.usage_report import list_customer_counts
from chalicelib.store import batches, ledger, members
from tests.support.aws_calls import meanwhile
from tests.support.builders import NOW, a_customer
from tests.support.cloud import Cloud
from tests.support.usage import (
    HEADER,
    Call,
    billed_days,
    csv_file,
    import_file,
    json_lines,
    rejects,
    save_customer,
    total_charge,
    usage_deps,
)

DAY = date(2026, 11, 5)


def test_calls_are_added_up_by_day_and_destination(cloud: Cloud) -> None:
    """Accepted calls become exact sums per local day and destination of their customer."""
    save_customer()
    calls = [
        Call("1"),
        Call("2", charge="0.0001"),
        Call("3", destination="France", duration_seconds="0", billed_seconds="0", charge="0"),
    ]
    batch = import_file(csv_file(calls))
    assert (batch.status, batch.rows, batch.accepted, batch.duplicates, batch.rejected) == (BatchStatus.DONE, 3, 3, 0, 0)
    assert billed_days() == {
        (DAY, DAY, "UK Mobile"): Tally(2, 2, 122, 240, Decimal("0.0273")),
        (DAY, DAY, "France"): Tally(1, 0, 0, 0, Decimal(0)),
    }


def test_bad_rows_are_listed_by_line_and_stop_no_good_one(cloud: Cloud) -> None:
    """Each bad row is reported with its line number, code and text; the others are taken."""
    save_customer()
    calls = [
        Call("1"),
        Call("2", charge="-1"),
        Call("3", started_at="2026-11-05T10:00:00"),
        Call("4", customer_id="nobody"),
        Call("5", started_at="2027-01-01T00:00:00Z"),
        Call("", cli="=cmd"),
        Call("7"),
        Call("1"),
        Call("9", customer_id=""),
    ]
    batch = import_file(csv_file(calls) + b"short,row\n" + b'"unclosed,acme\n' + csv_file([Call("8")]).splitlines()[1] + b"\n")
    assert (batch.rows, batch.accepted, batch.duplicates, batch.rejected) == (12, 3, 1, 8)
    assert {(int(row["line"]), row["code"]) for row in rejects(batch)} == {
        (3, "invalid_amount"),
        (4, "invalid_date"),
        (5, "unknown_customer"),
        (6, "invalid_date"),
        (7, "required"),
        (9, "duplicate_call"),
        (10, "required"),
        (11, "unknown_customer"),
        (12, "invalid_value"),
    }
    counts = {count.customer_id: (count.accepted, count.duplicates, count.rejected) for count in list_customer_counts(batch)}
    assert counts == {"": (0, 0, 4), "acme": (3, 1, 4)}


def test_same_file_twice_has_no_effect(cloud: Cloud) -> None:
    """The same bytes, whatever their name, are the same batch and are billed once."""
    save_customer()
    first = import_file(csv_file([Call("1")]))
    again = import_file(csv_file([Call("1")]), "other-name.csv")
    assert again == first
    assert total_charge() == Decimal("0.0272")


def test_same_call_in_two_files_is_billed_once(cloud: Cloud) -> None:
    """A call of an earlier batch is a duplicate that names the batch, also when a third file brings it again."""
    save_customer()
    first = import_file(csv_file([Call("1"), Call("2")]))
    second = import_file(csv_file([Call("2", charge="9"), Call("3", started_at="2026-11-05T23:00:00Z")]))
    third = import_file(csv_file([Call("4"), Call("2"), Call("3")]))
    assert (second.accepted, second.duplicates) == (1, 1)
    assert (third.accepted, third.duplicates) == (1, 2)
    assert total_charge() == 4 * Decimal("0.0272")
    assert first.id in rejects(second)[0]["reason"]
    assert [(row["line"], row["reason"].split()[5]) for row in rejects(third)] in (
        [("3", first.id), ("4", second.id)],
        [("4", second.id), ("3", first.id)],
    )


@pytest.mark.parametrize(
    "body, code",
    [
        (b"", "empty_file"),
        (b"\n \n", "empty_file"),
        (",".join(HEADER).encode() + b"\n", "empty_file"),
        (csv_file([Call("1")])[:-20] + b"\xff\xfe\n", "not_text"),
        ("call_id,customer_id\n".encode("utf-16"), "not_text"),
        (b"call_id,customer_id\n1,acme\n", "wrong_header"),
        (b"call_id,CALL_ID," + ",".join(HEADER).encode() + b"\n1\n", "wrong_header"),
        (b"hello world\n", "not_tabular"),
        (b'[{"call_id": "1"}]\n', "not_tabular"),
        (b"PK\x03\x04" + b"x" * 100, "not_tabular"),
        (gzip.compress(csv_file([Call(str(n)) for n in range(500)]))[:-20], "truncated_gzip"),
        (b"\x1f\x8b\x08\x00garbage", "truncated_gzip"),
        (gzip.compress(csv_file([Call("1")])) + b"trailing", "truncated_gzip"),
        (gzip.compress(csv_file([Call("1", cli="9" * 60_000)] * 600)), "file_too_large"),
        (b"a,b" * 100_000, "not_tabular"),
    ],
)
def test_unusable_file_is_refused_as_a_whole(cloud: Cloud, body: bytes, code: str) -> None:
    """A file that cannot be a usage file is refused with a reason, and nothing of it is billed."""
    save_customer()
    batch = import_file(body)
    assert (batch.status, batch.code, batch.accepted) == (BatchStatus.REFUSED, code, 0)
    assert batch.reason
    assert billed_days() == {}
    assert import_file(body) == batch


def test_gzip_members_and_line_ends_do_not_matter(cloud: Cloud) -> None:
    """A gzip file of several members with CRLF line ends, a BOM and blank lines is read like its content."""
    save_customer()
    head, *rows = csv_file([Call("1"), Call("2"), Call("3")]).splitlines()
    parts = [b"\xef\xbb\xbf\r\n" + head + b"\r\n" + rows[0] + b"\r\n\r\n", rows[1] + b"\r\n", rows[2]]
    batch = import_file(b"".join(map(gzip.compress, parts)), "calls.csv.gz")
    assert (batch.status, batch.accepted, batch.rejected) == (BatchStatus.DONE, 3, 0)


def test_quoted_fields_are_read_as_rfc_4180_says(cloud: Cloud) -> None:
    """Commas, quotes and line ends inside quotes belong to the field, and line numbers stay true."""
    save_customer()
    calls = [Call("1", destination='Côte d\'Ivoire, "mobile"'), Call("2", cli="two\nlines"), Call("3", charge="bad")]
    batch = import_file(csv_file(calls))
    assert (batch.accepted, [row["line"] for row in rejects(batch)]) == (2, ["5"])
    assert {destination for _, _, destination in billed_days()} == {'Côte d\'Ivoire, "mobile"', "UK Mobile"}


def test_json_lines_are_read_like_csv(cloud: Cloud) -> None:
    """JSON Lines give the same sums; a charge that is a JSON fraction is refused, because it may have been rounded."""
    save_customer()
    good = {**vars(Call("1")), "duration_seconds": 61, "connected": True, "rate": 0.5, "note": None}
    batch = import_file(json_lines([good, {**good, "call_id": "2", "charge": 0.5}, {"call_id": "3"}]) + b"{broken\n")
    assert (batch.accepted, batch.rejected) == (1, 3)
    assert {(row["line"], row["code"]) for row in rejects(batch)} == {
        ("2", "invalid_amount"),
        ("3", "required"),
        ("4", "malformed_json"),
    }
    assert total_charge() == Decimal("0.0272")


def test_days_are_the_customers_own(cloud: Cloud) -> None:
    """A call belongs to the local day it started on, also around a change of the clocks."""
    save_customer(a_customer(timezone="Africa/Cairo"))
    instants = ["2024-04-25T21:59:59Z", "2024-04-25T22:00:00Z", "2024-04-26T00:00:00+02:00", "2024-04-26T20:59:59.999Z"]
    import_file(csv_file([Call(str(n), started_at=text) for n, text in enumerate(instants)]))
    attempts = {(day.isoformat(), tally.attempts) for (_, day, _), tally in billed_days().items()}
    assert attempts == {
        ("2024-04-25", 1),
        ("2024-04-26", 3),
    }


def test_late_calls_go_on_the_first_unbilled_day(cloud: Cloud) -> None:
    """Calls of billed days keep their day and are placed on the first unbilled day after it."""
    save_customer()
    ledger.claim_days("acme", [DAY, date(2026, 11, 6)], "20261105#R", "me", {})
    batch = import_file(csv_file([Call("1"), Call("2", started_at="2026-11-08T10:00:00Z")]))
    assert batch.accepted == 2
    assert set(billed_days()) == {
        (date(2026, 11, 7), DAY, "UK Mobile"),
        (date(2026, 11, 8), date(2026, 11, 8), "UK Mobile"),
    }


def test_years_of_calls_go_in_by_parts(cloud: Cloud) -> None:
    """A file that spans years takes several transactions, and the same file again still has no effect."""
    save_customer()
    calls = [Call(str(n), started_at=f"20{year}-{month:02d}-15T10:00:00Z") for n, (year, month) in enumerate(_months())]
    batch = import_file(csv_file(calls))
    assert batch.accepted == len(calls)
    assert len(members.list_members("acme", "2000", "2100")) > 5
    again = import_file(csv_file([*calls, Call("new")]))
    assert (again.accepted, again.duplicates) == (1, len(calls))
    assert total_charge() == (len(calls) + 1) * Decimal("0.0272")


def _months() -> list[tuple[int, int]]:
    return [(year, month) for year in (24, 25) for month in range(1, 13)]


def test_call_with_a_corrected_start_is_still_the_same_call(cloud: Cloud) -> None:
    """A call id that comes again with another start, within a day of the earlier batch, is a duplicate."""
    save_customer()
    import_file(csv_file([Call("1")]))
    batch = import_file(csv_file([Call("1", started_at="2026-11-06T08:00:00Z")]))
    assert (batch.accepted, batch.duplicates) == (0, 1)


def test_ids_of_other_customers_are_no_duplicates(cloud: Cloud) -> None:
    """The same call id of another customer is another call."""
    save_customer()
    save_customer(a_customer(id="other"))
    import_file(csv_file([Call("1")]))
    batch = import_file(csv_file([Call("1", customer_id="other")]))
    assert (batch.accepted, batch.duplicates) == (1, 0)


def test_replaced_file_is_refused_when_resumed(cloud: Cloud) -> None:
    """A batch whose file was replaced before it was read is refused, not filled with other calls."""
    save_customer()
    deps = usage_deps()
    batch = import_file(csv_file([]), deps=deps)
    stale = replace(batch, id="f" * 64, status=BatchStatus.PENDING, version='"other"', code="", reason="", finished_at=None)
    batches.register_batch(stale)
    resumed = resume_batch(deps, stale.id)
    assert resumed is not None
    assert (resumed.status, resumed.code) == (BatchStatus.REFUSED, "source_changed")
    assert resume_batch(deps, "unknown") is None


def test_the_file_of_a_batch_whose_object_went_away_may_be_uploaded_again(cloud: Cloud) -> None:
    """The same bytes are taken in then, once, and the batch is listed once; what was wrong with its bytes stays refused."""
    save_customer()
    body = csv_file([Call("1")])
    batch_id = hashlib.sha256(body).hexdigest()
    gone = Batch(id=batch_id, source="usage/incoming/gone.csv", version='"1"', created_at=NOW)
    batches.register_batch(gone)
    assert (refused := resume_batch(usage_deps(), batch_id)) is not None
    assert refused.code == "source_changed"
    later = usage_deps(NOW + timedelta(hours=1))
    again = import_file(body, "again.csv", later)
    assert (again.id, again.status, again.accepted, again.code) == (batch_id, BatchStatus.DONE, 1, "")
    assert import_file(body, "and-again.csv", later) == again
    assert (batches.list_batches(10, None)[0], total_charge()) == ([again], Decimal("0.0272"))


def test_of_two_uploads_that_open_a_batch_again_one_counts(cloud: Cloud) -> None:
    """The second goes on with what the first made of it."""
    refused = Batch(id="f" * 64, source="a", version="1", status=BatchStatus.REFUSED, code="source_changed", created_at=NOW)
    batches.register_batch(refused)
    first, second = (replace(refused, source=name, status=BatchStatus.PENDING, code="") for name in ("b", "c"))
    with meanwhile("TransactWriteItems", 2, lambda: batches.register_batch(first)):
        assert batches.register_batch(second) == first


def test_a_part_without_calls_has_no_records(cloud: Cloud) -> None:
    """Nothing lies in the bucket for it, and nothing is read."""
    assert load_rows(CallFiles("batch", "tag", offset=0, length=0, ids_offset=0, ids_count=0)) == []


def test_posted_records_are_a_batch_of_their_own(cloud: Cloud) -> None:
    """The same records sent twice are the same batch."""
    save_customer()
    records = [{"call_id": "1", **{name: getattr(Call("1"), name) for name in HEADER[1:]}}]
    assert import_records(usage_deps(), records) == import_records(usage_deps(), records)
    assert total_charge() == Decimal("0.0272")
