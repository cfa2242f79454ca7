"""The stored body of an invoice: canonical JSON without what is default, lines turned into columns, compressed.

Columns put like beside like, so that an invoice of twenty lines fits one write unit. Defaults of the domain types are part of
the stored format: a golden test holds them. Never change this format; add a second one under another first byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from chalicelib.domain.invoice import Invoice
from chalicelib.store import codec, keys

SEPARATOR = "|"
TAX_NAME = "VAT"
"""What the tax of a line is called where its name is left out: the default of the day the format was made, and no longer."""


def pack_invoice(invoice: Invoice) -> bytes:
    """The invoice as stored under its key; lossless but for the ids, which the key tells."""
    head = codec.plain(invoice, but_defaults=True)
    del head["id"], head["customer_id"], head["customer"]["id"]
    head["days"] = _pack_days(invoice.days)
    head["lines"] = [[len(run), _to_columns(run)] for run in _runs([_without_tax_name(line) for line in head.pop("lines", [])])]
    return codec.pack_json(json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode())


def unpack_invoice(packed: bytes, invoice_id: str) -> Invoice:
    """Inverse of `pack_invoice`, given the public id of the key it was found under."""
    head = json.loads(codec.unpack_json(packed))
    customer_id = keys.parse_invoice_id(invoice_id)[0]
    head.update(id=invoice_id, customer_id=customer_id, customer={**head["customer"], "id": customer_id})
    head["days"] = _unpack_days(head["days"])
    head["lines"] = (_with_tax_name(line) for count, columns in head["lines"] for line in _from_columns(count, columns))
    return codec.restore(Invoice, head)


def _without_tax_name(line: dict[str, Any]) -> dict[str, Any]:
    """The line with no name of its tax where that is the one that goes without saying, and with it where there is none."""
    tax = line.get("tax", {})
    if tax.get("name", "") != TAX_NAME:
        return {**line, "tax": {**tax, "name": tax.get("name", "")}}
    rest = {key: value for key, value in tax.items() if key != "name"}
    return {**line, "tax": rest} if rest else {key: value for key, value in line.items() if key != "tax"}


def _with_tax_name(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "tax": {"name": TAX_NAME, **line.get("tax", {})}}


def _runs(lines: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Neighbouring lines that have the same fields."""
    flat = [_flatten(line) for line in lines]
    return (list(run) for _, run in groupby(flat, key=tuple))


def _flatten(line: dict[str, Any]) -> dict[str, Any]:
    """The fields of `usage` become fields of the line, "usage.calls" and so on."""
    usage = line.get("usage")
    if usage is None:
        return line
    return {**{k: v for k, v in line.items() if k != "usage"}, **{f"usage.{k}": v for k, v in usage.items()}}


def _to_columns(run: list[dict[str, Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: _to_column([line[name] for line in run]) for name in run[0]}
    if columns.get("usage.destination", "") == columns.get("description"):
        columns["usage.destination"] = {"as": "description"}
    return columns


def _to_column(values: list[Any]) -> Any:
    """A constant as {"=": value}; texts joined; whole numbers joined under {"#": …}; anything else as a list."""
    if all(value == values[0] for value in values):
        return {"=": values[0]}
    if all(isinstance(value, str) and SEPARATOR not in value for value in values):
        return SEPARATOR.join(values)
    if all(isinstance(value, int) for value in values):
        return {"#": SEPARATOR.join(map(str, values))}
    return values


def _from_columns(count: int, columns: dict[str, Any]) -> Iterator[dict[str, Any]]:
    values = {name: _from_column(count, column, columns) for name, column in columns.items()}
    for position in range(count):
        yield _unflatten({name: column[position] for name, column in values.items()})


def _from_column(count: int, column: Any, columns: Mapping[str, Any]) -> list[Any]:
    if isinstance(column, str):
        return column.split(SEPARATOR)
    if isinstance(column, list):
        return column
    if "as" in column:
        return _from_column(count, columns[column["as"]], columns)
    if "#" in column:
        return [int(number) for number in column["#"].split(SEPARATOR)]
    return [column["="]] * count


def _unflatten(line: dict[str, Any]) -> dict[str, Any]:
    usage = {name.removeprefix("usage."): value for name, value in line.items() if name.startswith("usage.")}
    if not usage:
        return line
    return {**{name: value for name, value in line.items() if not name.startswith("usage.")}, "usage": usage}


def _pack_days(days: tuple[date, ...]) -> Any:
    """Days that follow each other as [first, how many]; others one by one."""
    ordinals = [day.toordinal() for day in days]
    if len(days) > 1 and ordinals == list(range(ordinals[0], ordinals[0] + len(days))):
        return [days[0].isoformat(), len(days)]
    return [day.isoformat() for day in days]


def _unpack_days(packed: list[Any]) -> list[Any]:
    if len(packed) == 2 and isinstance(packed[1], int):  # noqa: PLR2004  # the pair that _pack_days makes
        first = date.fromisoformat(packed[0]).toordinal()
        return [date.fromordinal(first + n) for n in range(packed[1])]
    return packed
