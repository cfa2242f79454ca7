"""The demo's world is rich enough and always the same, and its independent check does find a wrong cent."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from local.demo.calls import CallFiles, write_calls
from local.demo.check import check_sums
from local.demo.dialplan import build_destinations
from local.demo.world import DemoCustomer, Month, last_full_month, read_customers

MONTH = Month(date(2026, 10, 1), date(2026, 11, 1))


@cache
def _customers() -> list[DemoCustomer]:
    return read_customers(MONTH)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CallFiles:
    """A small month of calls."""
    return write_calls(tmp_path_factory.mktemp("calls"), _customers(), MONTH, 3000)


def test_the_world_is_wide() -> None:
    """Sixty customers in many zones and currencies, with and without decimals, of all frequencies and tax treatments."""
    customers = _customers()
    assert len({one.id for one in customers}) == 60
    assert len({one.timezone for one in customers}) >= 8
    assert {"JPY", "KWD", "EUR", "USD", "GBP"} <= {one.currency for one in customers}
    assert {one.frequency for one in customers} == {"daily", "weekly", "monthly"}
    assert {one.body["tax"]["category"] for one in customers} == {"S", "AE", "O", "E"}


def test_the_month_before() -> None:
    """January looks back to December of the year before."""
    assert last_full_month(date(2026, 1, 1)) == Month(date(2025, 12, 1), date(2026, 1, 1))


def test_dialled_numbers_are_valid_numbers_of_their_country() -> None:
    """Every number of every destination is valid by the phone metadata."""
    for place in build_destinations(1):
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")) for number in place.numbers[:2])


def test_the_same_files_every_time(files: CallFiles, tmp_path: Path) -> None:
    """The seed decides every byte."""
    again = write_calls(tmp_path, _customers(), MONTH, 3000)
    assert [path.read_bytes() for path in again.month] == [path.read_bytes() for path in files.month]


def test_the_check_agrees_with_an_addition_by_hand(files: CallFiles) -> None:
    """Invoices made of the files by plain Python differ nowhere, and every row is accounted for."""
    check = check_sums(files, _customers(), list(_invoices(files)))
    assert check.differences == ()
    assert check.rejected == 48
    assert check.calls - check.duplicates - check.rejected == len(list(_accepted(files)))


def test_the_check_finds_one_wrong_cent_and_a_forgotten_invoice(files: CallFiles) -> None:
    """A line that is a minor unit off, and calls on no invoice, are both reported."""
    *invoices, _forgotten = _invoices(files)
    line = invoices[0]["lines"][0]
    line["net"] = str(Decimal(line["net"]) + Decimal("0.01"))
    differences = check_sums(files, _customers(), invoices).differences
    assert len(differences) == 2
    assert invoices[0]["number"] in differences[0]
    assert "on no invoice" in differences[1]


def _invoices(files: CallFiles) -> Iterator[dict[str, Any]]:
    """One invoice per customer over the month, and one for its late calls."""
    sums: dict[tuple[str, bool], list[Decimal]] = defaultdict(list)
    for customer, day, charge, late in _accepted(files):
        assert MONTH.first <= day < MONTH.next_first
        sums[customer.id, late].append(charge)
    zero, digits = Decimal(0), {"JPY": 0, "KWD": 3}
    for customer in _customers():
        for late, kind in ((False, "usage"), (True, "late_usage")):
            charges = sums[customer.id, late]
            net = sum(charges, zero).quantize(Decimal(1).scaleb(-digits.get(customer.currency, 2)), ROUND_HALF_UP)
            connected = sum(charge > 0 for charge in charges)
            name = f"{customer.id}/{kind}"
            period = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
            line = {"kind": kind, "net": str(net), "usage": {"calls": connected}}
            base = {"id": name, "number": name, "customer_id": customer.id, "currency": customer.currency}
            if charges:
                yield {**base, "period": period, "lines": [line]}


def _accepted(files: CallFiles) -> Iterator[tuple[DemoCustomer, date, Decimal, bool]]:
    known, seen = {one.id: one for one in _customers()}, set()
    for path in (*files.month, files.late):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for row in csv.DictReader(content.decode().splitlines()):
            key = (row["customer_id"], row["call_id"])
            if key in seen or not _is_good(row, known):
                continue
            seen.add(key)
            customer = known[row["customer_id"]]
            day = datetime.fromisoformat(row["started_at"]).astimezone(ZoneInfo(customer.timezone)).date()
            yield customer, day, Decimal(row["charge"]), path == files.late


def _is_good(row: dict[str, str], known: dict[str, DemoCustomer]) -> bool:
    broken = {"not a date", "sixty", "twelve", "-0.030000"} & set(row.values())
    return not broken and row["call_id"] != "" and row["customer_id"] in known
