"""Taking in usage files: what is accepted, refused, repeated, and where it is billed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from chalicelib.domain.usage import Tally
from chalicelib.domain.usage_batch import BatchStatus
from chalicelib.services.usage_report import list_customer_counts
from tests.support.cloud import Cloud
from tests.support.usage import (
    Call,
    billed_days,
    csv_file,
    import_file,
    rejects,
    save_customer,
    total_charge,
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
    ]
    batch = import_file(csv_file(calls) + b"short,row\n" + b'"unclosed,acme\n' + csv_file([Call("8")]).splitlines()[1] + b"\n")
    assert (batch.rows, batch.accepted, batch.duplicates, batch.rejected) == (11, 3, 1, 7)
    assert {(int(row["line"]), row["code"]) for row in rejects(batch)} == {
        (3, "invalid_amount"),
        (4, "invalid_date"),
        (5, "unknown_customer"),
        (6, "invalid_date"),
        (7, "required"),
        (9, "duplicate_call"),
        (10, "unknown_customer"),
        (11, "invalid_value"),
    }
    counts = {count.customer_id: (count.accepted, count.duplicates, count.rejected) for count in list_customer_counts(batch)}
    assert counts == {"": (0, 0, 3), "acme": (3, 1, 4)}


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
