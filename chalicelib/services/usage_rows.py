"""Rows of a usage file: CSV (RFC 4180) or JSON Lines, each with its line number.

A row that cannot be read is handed on with its reason and never takes the next one with it: a quote that is not closed within a
few lines costs its own line only. Values are not judged here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from chalicelib.domain.errors import Invalid
from chalicelib.domain.usage_json import JsonColumns
from chalicelib.domain.usage_records import Rejection, parse_header
from chalicelib.services.usage_reading import MAX_LINE

QUOTED_LINES = 50
"""A quoted field may span so many lines."""


@dataclass(frozen=True, slots=True)
class PlainLines:
    """CSV lines without any quote, from line `first` on: their fields are what stands between commas. Empty ones are no rows.

    `characters` is about how many they hold.
    """

    first: int
    lines: Sequence[str]
    characters: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A row that was taken apart already."""

    line: int
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no row."""

    line: int
    rejection: Rejection
    text: str


Piece = PlainLines | Fields | Broken


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file. Columns of JSON Lines grow while rows are read, and rows may be shorter than they (`is_ragged`)."""

    columns: Sequence[str]
    pieces: Iterator[Piece]
    is_ragged: bool = False


def open_sheet(texts: Iterator[str]) -> Sheet:
    """Recognise the format by the first line that is not blank. Raises Invalid when it is neither, or empty."""
    skipped = 0
    for text in texts:
        content = text.lstrip()
        skipped += text[: len(text) - len(content)].count("\n")
        if content:
            return _open(content, texts, skipped + 1)
    raise Invalid("empty_file")


def _open(text: str, texts: Iterator[str], number: int) -> Sheet:
    first, _, rest = text.partition("\n")
    if first[0] in "{[":
        columns = JsonColumns()
        if isinstance(columns.parse(first), Rejection):
            raise Invalid("not_tabular", "The file begins like JSON, but its first line is not one JSON object; send JSON Lines.")
        return Sheet(columns.names, _json_pieces(chain([text], texts), number, columns), is_ragged=True)
    if "," not in first:
        raise Invalid("not_tabular", "The first line is neither a CSV header (comma) nor a JSON object.")
    return Sheet(parse_header(_split(first) or ()), _csv_pieces(chain([rest], texts), number + 1))


def _json_pieces(texts: Iterator[str], number: int, columns: JsonColumns) -> Iterator[Piece]:
    for text in texts:
        lines = _lines(text)
        for line, content in enumerate(lines, number):
            if content and not content.isspace():
                fields = columns.parse(content) if len(content) <= MAX_LINE else _too_long()
                yield Broken(line, fields, content) if isinstance(fields, Rejection) else Fields(line, fields)
        number += len(lines)


def _csv_pieces(texts: Iterator[str], number: int) -> Iterator[Piece]:
    """Runs of plain lines as they are, lines with quotes row by row. A row still open at the end of a text waits for the next."""
    open_row: list[str] = []
    for text in chain(texts, [""]):
        lines, position = open_row + _lines(text), 0
        if lines and not open_row and _has_plain_lines(text):
            yield PlainLines(number, lines, len(text))
            position = len(lines)
        open_row = []
        while position < len(lines):
            if (plain := _plain_run(lines, position)) > position:
                run = lines[position:plain]
                yield PlainLines(number + position, run, sum(map(len, run)))
                position = plain
            elif _may_go_on(lines, position) and text:
                open_row = lines[position:]
                break
            else:
                piece, length = _quoted_row(lines, position, number + position)
                yield piece
                position += length
        number += position


def _lines(text: str) -> list[str]:
    """Lines without their ends; what follows the last line end is a line only if it holds anything."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _is_plain(text: str) -> bool:
    return '"' not in text and "\r" not in text


def _has_plain_lines(text: str) -> bool:
    """Whether surely all lines are plain and none too long: each half of the longest line's length has a line end in it."""
    half = MAX_LINE // 2
    return _is_plain(text) and all(text.find("\n", at, at + half) >= 0 for at in range(0, len(text) - half + 1, half))


def _plain_run(lines: Sequence[str], start: int) -> int:
    """Where the run of plain lines from `start` ends."""
    for position in range(start, len(lines)):
        if not _is_plain(lines[position]) or len(lines[position]) > MAX_LINE:
            return position
    return len(lines)


def _closing(lines: Sequence[str], start: int) -> int:
    """How many lines the row takes until its quotes are even, 0 if that is not within reach."""
    quotes = size = 0
    for count, line in enumerate(lines[start : start + QUOTED_LINES], 1):
        quotes += line.count('"')
        size += len(line) + 1
        if size > MAX_LINE:
            return 0
        if quotes % 2 == 0:
            return count
    return 0


def _may_go_on(lines: Sequence[str], start: int) -> bool:
    """Whether lines that have not come yet may close the row."""
    return not _closing(lines, start) and len(lines) - start < QUOTED_LINES and len(lines[start]) <= MAX_LINE


def _quoted_row(lines: Sequence[str], start: int, number: int) -> tuple[Piece, int]:
    """The row at `start` and how many lines it takes; a row that cannot be closed takes its first line only."""
    if len(lines[start]) > MAX_LINE:
        return Broken(number, _too_long(), lines[start]), 1
    length = _closing(lines, start)
    text = "\n".join(lines[start : start + max(1, length)])
    fields = _split(text) if length else None
    if fields is None:
        return Broken(number, Rejection("invalid_value", "The quotes of the row are not CSV (RFC 4180)."), text), 1
    return Fields(number, fields), length


def _split(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return None


def _too_long() -> Rejection:
    return Rejection("too_long", f"The row is longer than {MAX_LINE} characters.")
