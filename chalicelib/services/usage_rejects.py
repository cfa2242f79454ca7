"""The list of rows that were not taken, as CSV for people: line, customer, code, reason, the row. Nothing is left out of it."""

from __future__ import annotations

import csv
from typing import IO

from chalicelib.domain.spreadsheet import neutralise
from chalicelib.domain.usage_records import Rejection

HEADER = ("line", "customer_id", "code", "reason", "row")
SHOWN = 1000
"""Characters of a row that are shown."""


class Utf8Lines:
    """Lets the csv module write to a binary file, and leaves the file open."""

    def __init__(self, file: IO[bytes]) -> None:
        """Write to this file."""
        self._file = file

    def write(self, text: str) -> int:
        """Write text; what UTF-8 cannot hold becomes a question mark."""
        return self._file.write(text.encode(errors="replace"))


class RejectWriter:
    """Writes refused rows to a scratch file."""

    def __init__(self, file: IO[bytes], *, header: bool) -> None:
        """`header` False: the rows continue a list."""
        self._csv = csv.writer(Utf8Lines(file))
        self.rows = 0
        if header:
            self._csv.writerow(HEADER)

    def add(self, customer_id: str, line: int, rejection: Rejection, row: str) -> None:
        """Add a row."""
        self.rows += 1
        texts = (neutralise(text) for text in (customer_id[:SHOWN], rejection.code, rejection.message, row[:SHOWN]))
        self._csv.writerow((line, *texts))
