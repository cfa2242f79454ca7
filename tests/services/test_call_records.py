"""Call records as stored: every cell comes back, whatever it holds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.usage_calls import Calls, Judge
from chalicelib.services.call_records import pack_records, unpack_records

COLUMNS = ("customer_id", "call_id", "started_at", "destination", "duration_seconds", "billed_seconds", "charge", "note")
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters=',"\r\n\x00'), max_size=5)
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)


def calls_with(notes: list[str]) -> Calls:
    """One call for each note."""
    rows = [["a", f"id{n}", "2026-11-05T10:00:00Z", "UK", "60", "60", "0.5", note] for n, note in enumerate(notes)]
    return Judge(COLUMNS, 1 << 40).judge(range(len(rows)), rows).calls


@given(st.lists(PLAIN, min_size=1, max_size=5))
def test_plain_cells_are_stored_as_the_csv_module_would(notes: list[str]) -> None:
    """Joining columns and writing them with the csv module is the same where nothing needs quotes, empty cells included."""
    calls = calls_with(notes)
    plain = replace(calls, is_plain=True)
    assert unpack_records(pack_records(plain)) == unpack_records(pack_records(calls))
    assert [row[-1] for row in unpack_records(pack_records(plain))] == notes


@given(st.lists(ANY, min_size=1, max_size=5))
def test_cells_with_commas_quotes_and_line_ends_come_back(notes: list[str]) -> None:
    """Free columns may hold anything."""
    assert [row[-1] for row in unpack_records(pack_records(calls_with(notes)))] == notes
