"""Call records as JSON objects: each becomes a row of text, under columns that grow as new names come. It judges no value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.usage_records import MAX_COLUMNS, OPTIONAL, REQUIRED, Rejection

NO_OBJECT = Rejection("malformed_json", "The line is not one JSON object.")


class _Fraction(str):
    """The text of a JSON number with a fraction or exponent."""

    __slots__ = ()


class JsonColumns:
    """The columns seen so far: the known ones, then free ones by first appearance."""

    def __init__(self) -> None:
        """Begin with the known columns."""
        self.names: list[str] = [*REQUIRED, *OPTIONAL]
        self._at = {name: position for position, name in enumerate(self.names)}

    def parse(self, line: str) -> list[str] | Rejection:
        """A line as one row; names are taken trimmed and in lower case, as in a CSV header.

        >>> JsonColumns().parse('{"call_id": "a", "charge": 0.5}')
        ['a', '', '', '', '', '', 'JSON number 0.5', '', '']
        """
        try:
            record = json.loads(line, parse_float=_Fraction, parse_int=str, parse_constant=_Fraction)
        except (ValueError, RecursionError):
            return NO_OBJECT
        return self._row(record) if isinstance(record, dict) else NO_OBJECT

    def _row(self, record: Mapping[str, Any]) -> list[str] | Rejection:
        row = [""] * len(self.names)
        for key, value in record.items():
            name = _clean(key).strip().lower()
            position = self._position(name)
            if position is None:
                return Rejection("invalid_value", f"Column names must be given, and be at most {MAX_COLUMNS} in a file.")
            row += [""] * (position + 1 - len(row))
            row[position] = _text(name, value)
        return row

    def _position(self, name: str) -> int | None:
        if name not in self._at:
            if not name or len(self.names) >= MAX_COLUMNS:
                return None
            self._at[name] = len(self.names)
            self.names.append(name)
        return self._at[name]


def _text(name: str, value: Any) -> str:
    """A value as CSV would hold it. A charge must come as a string: a fraction may have been rounded in binary by its sender."""
    if isinstance(value, _Fraction):
        return f"JSON number {value}" if name == "charge" else str(value)
    if isinstance(value, str):
        return _clean(value)
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=True)


def _clean(text: str) -> str:
    """Without NUL and half characters (lone surrogates), which no file can hold."""
    return text if text.isascii() and "\x00" not in text else text.replace("\x00", "").encode("utf-8", "replace").decode()
