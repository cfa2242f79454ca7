"""What a call record may hold, and that the fast way through columns is the same rule as value by value."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import usage_records as records
from chalicelib.domain.errors import Invalid
from chalicelib.domain.usage_columns import column_parsers
from chalicelib.domain.usage_json import JsonColumns
from chalicelib.domain.usage_records import Memo, Rejection

RULES: dict[str, Any] = {
    "call_id": records.parse_call_id,
    "started_at": records.parse_instant,
    "destination": records.parse_destination,
    "attempts": records.parse_attempts,
    "connected": records.parse_connected,
    "duration_seconds": records.parse_seconds,
    "billed_seconds": records.parse_seconds,
    "charge": records.parse_charge,
}
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", " ", "0", "1", "true", "0.5", "-1", "1e3", "NaN", "٣", "1" * 30, "x" * 129, "a b"]),
    st.integers(0, 4_000_000_000).map(records.present_instant),
    st.sampled_from(["2026-11-05T10:00:00Z", "2026-11-05 10:00:00.5+05:30", "2026-02-30T10:00:00Z", "2026-11-05T10:00:60Z"]),
)


@given(column=st.lists(VALUES, max_size=6), name=st.sampled_from(sorted(RULES)))
def test_columns_are_parsed_like_their_values(column: list[str], name: str) -> None:
    """A column parsed as a whole gives exactly what its values give one by one."""
    expected = [RULES[name](text) for text in column]
    refused = {i: value for i, value in enumerate(expected) if isinstance(value, Rejection)}
    assert column_parsers()[name](column) == (expected, refused)


@given(seconds=st.integers(946_771_200, 4_000_000_000), micros=st.integers(0, 999_999), minutes=st.integers(-1439, 1439))
def test_instants_are_read_exactly(seconds: int, micros: int, minutes: int) -> None:
    """Any instant with any offset is read as the second it falls in."""
    at = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes))).replace(microsecond=micros)
    assert records.parse_instant(at.isoformat()) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-05",
        "2026-11-05T10:00Z",
        "2026-11-05T10:00:00",
        "20261105T100000Z",
        "2026-11-05T10:00:00+24:00",
        "2026-13-05T10:00:00Z",
        "1999-12-31T23:59:59Z",
        "2026-11-05T25:00:00Z",
        "2026-11-05T10:00:00Zjunk",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Dates alone, local times, impossible times and times before 2000 are no starts of calls."""
    assert records.parse_instant(text).code == "invalid_date"  # type: ignore[union-attr]  # fails the test if it is a number


@given(charge=st.decimals(min_value=0, max_value=10**12, places=12))
def test_charges_are_exact(charge: Decimal) -> None:
    """A charge of up to twelve digits after the point is read as units of 10**-12 without change."""
    units = records.parse_charge(format(charge, "f"))
    assert isinstance(units, int)
    assert Decimal(units).scaleb(-12) == charge


@pytest.mark.parametrize("text", ["", "-0.1", "+1", "1e3", "NaN", "Infinity", "0.0000000000001", "1,5", " 1", "1.", ".5", "٣"])
def test_what_is_no_charge_is_refused(text: str) -> None:
    """Signs, exponents, words, spaces and more than twelve digits after the point are refused."""
    assert isinstance(records.parse_charge(text), Rejection)


def test_memo_starts_over_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many texts come, a memo keeps a bounded number of them, and stays right."""
    monkeypatch.setattr(records, "MEMO_SIZE", 2)
    memo = Memo(len)
    assert [memo["x" * n] for n in (1, 2, 3, 1)] == [1, 2, 3, 1]
    assert len(memo) == 2


@pytest.mark.parametrize("names", [(*records.REQUIRED, "call_id"), (*records.REQUIRED, ""), ("call_id",), ()])
def test_unusable_headers_are_refused(names: tuple[str, ...]) -> None:
    """A header must have the required columns, each name once, none empty."""
    with pytest.raises(Invalid, match="wrong_header"):
        records.parse_header(names)


def test_headers_are_read_without_spaces_and_capitals() -> None:
    """Names are trimmed and lower-case, in the order of the file."""
    assert records.parse_header([" CLI", *(name.upper() for name in records.REQUIRED)]) == ("cli", *records.REQUIRED)


def test_json_columns_grow_as_names_come() -> None:
    """New names become columns behind the known ones; values become text, and what no file can hold is taken out."""
    columns = JsonColumns()
    assert columns.parse('{"Call_ID": "a", "rate": 0.50, "note": "\\u0000x\\ud800", "flag": true, "none": null}') == [
        "a",
        *[""] * 8,
        "0.50",
        "x?",
        "true",
        "",
    ]
    assert columns.parse('{"charge": 1e3, "rate": [1]}') == [
        "",
        "",
        "",
        "",
        "",
        "",
        "JSON number 1e3",
        "",
        "",
        '["1"]',
        "",
        "",
        "",
    ]
    assert columns.names[9:] == ["rate", "note", "flag", "none"]


@pytest.mark.parametrize("line", ["[1]", "{", "1", "[" * 100_000, '{"a": NaN}x'])
def test_what_is_no_json_object_is_refused(line: str) -> None:
    """A line that is not one JSON object is no record, however deep it nests."""
    assert JsonColumns().parse(line) == Rejection("malformed_json", "The line is not one JSON object.")


def test_json_columns_have_a_limit() -> None:
    """A record with too many or nameless fields is refused."""
    many = ", ".join(f'"c{n}": 1' for n in range(100))
    assert isinstance(JsonColumns().parse(f"{{{many}}}"), Rejection)
    assert isinstance(JsonColumns().parse('{" ": 1}'), Rejection)


@pytest.mark.parametrize("text, code", [("", "required"), ("x" * 129, "too_long"), ("a\x00b", "invalid_value")])
def test_what_is_no_name_is_refused(text: str, code: str) -> None:
    """Call ids and destinations must be there, fit, and hold printable characters only."""
    for parse in (records.parse_call_id, records.parse_destination):
        found = parse(text)
        assert isinstance(found, Rejection)
        assert found.code == code
