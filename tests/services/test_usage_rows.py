"""Rows of usage files: what belongs together stays together, and what is broken costs itself only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.usage_records import REQUIRED
from chalicelib.services.usage_reading import CHUNK, MAX_LINE, read_text
from chalicelib.services.usage_rows import Broken, Fields, PlainLines, open_sheet

HEADER = ",".join(REQUIRED) + "\n"


def read(*texts: str) -> list[tuple[int, Sequence[str] | str]]:
    """(line, fields) of good rows and (line, code) of broken ones."""
    found: list[tuple[int, Sequence[str] | str]] = []
    for piece in open_sheet(iter(texts)).pieces:
        if isinstance(piece, PlainLines):
            found += [(line, text.split(",")) for line, text in enumerate(piece.lines, piece.first) if text]
        elif isinstance(piece, Fields):
            found.append((piece.line, list(piece.fields)))
        elif isinstance(piece, Broken):
            found.append((piece.line, piece.rejection.code))
    return found


CELLS = st.text(st.sampled_from('ab,"\n é'), max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8), cut=st.integers(0, 60))
def test_whatever_the_csv_module_writes_is_read_back(rows: list[list[str]], cut: int) -> None:
    """Rows written as RFC 4180 says are read back exactly, wherever the pieces of the file are cut at a line end."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    body = text.getvalue()
    end = body.find("\n", cut) + 1
    assert [fields for _, fields in read(HEADER, body[:end], body[end:])] == rows


def test_unclosed_quote_costs_its_own_line() -> None:
    """A quote that is never closed is refused with its line, and the lines after it are read."""
    lines = "".join(f"{n},acme\n" for n in range(100))
    found = read(HEADER + '1,"open\n' + lines)
    assert found[0] == (2, "invalid_value")
    assert [fields for _, fields in found[1:]] == [[str(n), "acme"] for n in range(100)]


def test_broken_quoting_costs_its_own_line() -> None:
    """Text behind a closing quote and stray carriage returns are refused."""
    assert read(HEADER + '"a"b,c\nx,y\rz\n1,2\n') == [(2, "invalid_value"), (3, "invalid_value"), (4, ["1", "2"])]


def test_endless_rows_are_refused() -> None:
    """A row longer than 64 KiB is refused, in CSV and JSON Lines, quoted or not."""
    long = "x" * (MAX_LINE + 1)
    assert read(f'{HEADER}{long}\n"{long}"\n1,2\n') == [(2, "too_long"), (3, "too_long"), (4, ["1", "2"])]
    many = '"' + "x\n" * 40_000 + '"\n'
    assert read(HEADER + many)[0] == (2, "invalid_value")
    assert [code for _, code in read('{"call_id": "1"}\n{"call_id": "' + long + '"}\n')][1:] == ["too_long"]


def test_blank_lines_before_the_header_count() -> None:
    """Line numbers are those of the file, whatever stands before the header."""
    assert read("\n\n", "\n" + HEADER + "1,2\n") == [(5, ["1", "2"])]


class Trickle:
    """A body that comes in small pieces."""

    def __init__(self, body: bytes) -> None:
        """All that will come."""
        self._pieces = self._cut(body)

    def read(self, _size: int, /) -> bytes:
        """The next three bytes."""
        return next(self._pieces, b"")

    @staticmethod
    def _cut(body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 3):
            yield body[start : start + 3]


@given(text=st.text(st.sampled_from("aé€😀\n,"), max_size=40))
def test_pieces_never_cut_characters_or_lines(text: str) -> None:
    """However bytes arrive, the text is the same, in pieces that end at line ends."""
    pieces = list(read_text(Trickle(text.encode())))
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") for piece in pieces[:-1])


@pytest.mark.parametrize("body", [b"a\x00b", b"\xc3", b"\xff"])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    """NUL, half characters and other encodings are no text."""
    with pytest.raises(Invalid, match="not_text"):
        list(read_text(io.BytesIO(body)))


def test_large_plain_files_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain file beyond the limit is refused while it is read, not after."""
    monkeypatch.setattr("chalicelib.services.usage_reading.MAX_BYTES", 2 * CHUNK)
    with pytest.raises(Invalid, match="file_too_large"):
        list(read_text(io.BytesIO(b"x,y\n" * CHUNK)))


@given(sizes=st.lists(st.sampled_from([0, 1, MAX_LINE // 2 - 1, MAX_LINE // 2, MAX_LINE, MAX_LINE + 1]), max_size=6))
def test_lines_are_as_long_as_they_may_be(sizes: list[int]) -> None:
    """Of lines of all lengths, together or alone, exactly those that are too long are refused."""
    body = "".join("x" * size + "\n" for size in sizes)
    expected = [(line, "too_long" if size > MAX_LINE else ["x" * size]) for line, size in enumerate(sizes, 2) if size]
    assert read(HEADER, body) == expected
