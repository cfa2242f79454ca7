"""Rows put together by customer: in whatever spelling and pieces they come, each customer's rows are judged in order of lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.usage_calls import Judge
from chalicelib.domain.usage_records import REQUIRED, Rejection
from chalicelib.services import usage_partition
from chalicelib.services.usage_partition import Partition
from chalicelib.services.usage_rows import open_sheet

LATEST = 1 << 40
Outcome = tuple[dict[str, object], list[tuple[str, int, str, str]], int]


def zones(customer_ids: Collection[str]) -> dict[str, str]:
    """Two customers exist."""
    return dict.fromkeys(set(customer_ids) & {"a", "b"}, "UTC")


def taken_in(*texts: str) -> Outcome:
    """By customer what was decided, the rows that are nobody's, and how many rows there were."""
    refused: list[tuple[str, int, str, str]] = []

    def refuse(customer_id: str, line: int, rejection: Rejection, text: str) -> None:
        refused.append((customer_id, line, rejection.code, text))

    with TemporaryFile() as spool:
        sheet = open_sheet(iter(texts))
        partition = Partition(sheet, spool, zones, refuse)
        partition.read()
        judge = Judge(tuple(sheet.columns), LATEST)
        found: dict[str, object] = {}
        for customer_id in partition.customers():
            judged = partition.judge(customer_id, judge)
            others = [[(one.line, one.rejection, list(one.row)) for one in some] for some in (judged.refused, judged.duplicates)]
            found[customer_id] = list(zip(*judged.calls.report_columns(), strict=True)), others
    return found, sorted(refused), partition.rows


def csv_text(rows: Sequence[Sequence[str]], quoted: Sequence[bool]) -> str:
    """Rows as CSV, some with all their fields in quotes."""
    text = io.StringIO(newline="")
    plain, full = csv.writer(text, lineterminator="\n"), csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row, in_quotes in zip(rows, quoted, strict=True):
        (full if in_quotes else plain).writerow(row)
    return text.getvalue()


HEADER = ",".join(REQUIRED) + "\n"
ROWS = st.lists(
    st.builds(
        lambda number, who, charge: [number, who, f"2026-11-05T10:00:0{number}Z", "UK", "61", "120", charge],
        st.sampled_from("123"),
        st.sampled_from(["a", " a", "b", "nobody", "", " "]),
        st.sampled_from(["0.1", "0.2", "bad"]),
    ),
    max_size=8,
)


@given(data=st.data(), some=ROWS)
def test_quotes_change_nothing(data: st.DataObject, some: list[list[str]]) -> None:
    """Rows in quotes go another way through the import than plain ones, to the same outcome."""
    quoted = data.draw(st.lists(st.booleans(), min_size=len(some), max_size=len(some)))
    plain, mixed = (taken_in(HEADER, csv_text(some, quotes)) for quotes in ([False] * len(some), quoted))
    assert (plain[0], [one[:3] for one in plain[1]], plain[2]) == (mixed[0], [one[:3] for one in mixed[1]], mixed[2])


@given(some=ROWS, cut=st.integers(0, 8))
def test_pieces_change_nothing(some: list[list[str]], cut: int) -> None:
    """A file in several pieces, each put on disk before the next comes, has the outcome of the file in one piece."""
    whole = taken_in(HEADER, csv_text(some, [False] * len(some)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage_partition, "BUFFERED_ROWS", 1)
        first, second = some[:cut], some[cut:]
        assert taken_in(HEADER, csv_text(first, [False] * len(first)), csv_text(second, [False] * len(second))) == whole


def test_rows_without_a_customer_are_counted_and_blank_lines_are_not() -> None:
    """Rows too short to name a customer, or not to be read at all, are refused as nobody's; a line of spaces is no row."""
    found, refused, rows = taken_in(HEADER, 'only\n   \n\n1,a,2026-11-05T10:00:00Z,UK,1,1,0\n"broken"x\n')
    assert (list(found), [one[:3] for one in refused], rows) == (["a"], [("", 2, "required"), ("", 6, "invalid_value")], 3)
