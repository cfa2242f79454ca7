"""Calls judged by columns are judged as if one looked at each row alone, whatever the rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain import usage_records as records
from chalicelib.domain.usage_calls import Calls, Judge, Judged, free_columns
from chalicelib.domain.usage_columns import split_columns
from chalicelib.domain.usage_records import Rejection, present_instant

COLUMNS = ("call_id", "customer_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge")
WIDER = (*COLUMNS, "attempts", "connected", "cli")
LATEST = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
RULES = (
    ("call_id", records.parse_call_id),
    ("started_at", records.parse_instant),
    ("destination", records.parse_destination),
    ("attempts", records.parse_attempts),
    ("connected", records.parse_connected),
    ("duration_seconds", records.parse_seconds),
    ("billed_seconds", records.parse_seconds),
    ("charge", records.parse_charge),
)

GOOD = {
    "call_id": st.sampled_from(["1", "2", "3", "id-é"]),
    "customer_id": st.just("acme"),
    "started_at": st.integers(LATEST - 5, LATEST + 1).map(present_instant) | st.just("2026-11-05T10:00:00.5+01:00"),
    "destination": st.sampled_from(["UK", " UK ", "Côte d’Ivoire"]),
    "duration_seconds": st.sampled_from(["0", "61"]),
    "billed_seconds": st.sampled_from(["0", "120"]),
    "charge": st.sampled_from(["0", "0.0272"]),
    "attempts": st.sampled_from(["", "1", "2"]),
    "connected": st.sampled_from(["", "0", "2", "yes"]),
    "cli": st.text(st.characters(exclude_characters=',"\n\r', exclude_categories=["Cs"]), max_size=5),
}
ODD = st.sampled_from(
    ["", " ", "x", "-1", "1e3", "٣", "²", "1" * 21, "2026-02-30T10:00:00Z", "2026-11-05T10:00:00", "\x1f", "\u2028", "x" * 129]
)


@st.composite
def rows(draw: st.DrawFn, columns: Sequence[str]) -> list[str]:
    """A row that is good, nearly good, or too short or long."""
    row = [draw(GOOD[name]) for name in columns]
    for at in draw(st.lists(st.integers(0, len(row) - 1), max_size=2)):
        row[at] = draw(ODD)
    return draw(st.sampled_from([row] * 8 + [row[:-1], [*row, "more"]]))


def judged_alone(columns: Sequence[str], row: Sequence[str]) -> tuple[Any, ...] | Rejection:
    """What the rules of single values say about a row: the values of its call, or the first complaint."""
    if len(row) != len(columns):
        return Rejection("invalid_value", f"The row has {len(row)} columns, not {len(columns)}.")
    texts = {"attempts": "", "connected": "", **dict(zip(columns, row, strict=True))}
    values: dict[str, Any] = {name: rule(texts[name]) for name, rule in RULES}
    complaint = next((value for value in values.values() if isinstance(value, Rejection)), None)
    if complaint:
        return complaint
    if values["connected"] is None:
        values["connected"] = int(bool(values["duration_seconds"]))
    if values["started_at"] > LATEST:
        return Rejection("invalid_date", f"started_at {present_instant(values['started_at'])} lies in the future.")
    if values["connected"] > values["attempts"]:
        return Rejection("invalid_value", "connected exceeds attempts.")
    return tuple(values.values())


def values_of(calls: Calls) -> list[tuple[Any, ...]]:
    """Line and values of each call, in the order of RULES."""
    values = (calls.ids, calls.starts, calls.destinations, calls.attempts, calls.connected, calls.durations, calls.billed)
    return list(zip(calls.lines, *values, calls.charges, strict=True))


def outcome(judged: Judged) -> tuple[Any, ...]:
    """Everything that was decided, as plain values."""
    refused, duplicates = (
        [(one.line, one.rejection, list(one.row)) for one in some] for some in (judged.refused, judged.duplicates)
    )
    return values_of(judged.calls), list(zip(*judged.calls.report_columns(), strict=True)), refused, duplicates


@given(data=st.data(), columns=st.sampled_from([COLUMNS, WIDER]))
def test_columns_are_judged_like_single_rows(data: st.DataObject, columns: Sequence[str]) -> None:
    """Each row gets the outcome that its values have one by one; of equal ids the first good one counts; order is by time."""
    some = data.draw(st.lists(rows(columns), max_size=8))
    alone = [(line, judged_alone(columns, row)) for line, row in enumerate(some, 2)]
    good = [(line, *values) for line, values in alone if not isinstance(values, Rejection)]
    first = {values[1]: values for values in reversed(good)}
    judged = Judge(columns, LATEST).judge(range(2, 2 + len(some)), some)
    assert values_of(judged.calls) == sorted(first.values(), key=lambda values: (values[2], values[0]))
    assert [(one.line, one.rejection) for one in judged.refused] == [one for one in alone if isinstance(one[1], Rejection)]
    assert [(one.line, one.rejection.message) for one in judged.duplicates] == [
        (values[0], f"The call is on line {first[values[1]][0]} already.") for values in good if first[values[1]] != values
    ]


@given(data=st.data(), columns=st.sampled_from([COLUMNS, WIDER]))
def test_plain_text_is_judged_like_its_rows(data: st.DataObject, columns: Sequence[str]) -> None:
    """Lines that are taken apart all at once get the outcome, also as shown in reports, of lines taken apart one by one."""
    some = data.draw(st.lists(rows(columns), min_size=1, max_size=8))
    lines = range(2, 2 + len(some))
    text = "\n".join(map(",".join, some))
    assert outcome(Judge(columns, LATEST).judge_text(lines, text)) == outcome(Judge(columns, LATEST).judge(lines, some))


@given(
    some=st.lists(st.lists(st.text(st.sampled_from("ab \x1f\u2028"), max_size=2), min_size=1, max_size=4), min_size=1, max_size=5)
)
@example(some=[["a"], ["b", "c", "d"]])
@example(some=[["a", "b", "c"], ["d"]])
def test_columns_are_split_only_from_rows_of_one_width(some: list[list[str]]) -> None:
    """Columns are what stands between commas, and there are none when any line has another number of fields."""
    expected = [list(column) for column in zip(*some, strict=True)] if set(map(len, some)) == {2} else None
    assert split_columns("\n".join(map(",".join, some)), 2) == expected


def test_a_judge_learns_nothing_wrong_from_bad_rows() -> None:
    """After refusals the same judge goes on to judge good and bad rows of other customers as before."""
    judge = Judge(COLUMNS, LATEST)
    good = ["1", "acme", "2026-11-05T10:00:00Z", "UK", "61", "120", "0.1"]
    bad = [*good[:-1], "free"]
    assert [len(judge.judge([2, 3], pair).refused) for pair in ([bad, bad], [good, bad], [good, [*good]])] == [2, 1, 0]


def test_columns_of_no_meaning_to_billing_are_kept() -> None:
    """Unknown columns are free; a column called like the line number of reports is not, reports have their own."""
    assert free_columns(("line", *WIDER, "rate")) == ("cli", "rate")
