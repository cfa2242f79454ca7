"""Adds the calls up once more, from the files, with DuckDB: nothing of the product's code takes part.

The rule: the usage of an invoice, that is the sum of the nets of its usage lines, equals the exact sum of the charges of its
customer's accepted calls that began on the invoice's local days, rounded once, half up, to the currency. Calls that came after
their day was billed make the late usage of a customer in the same way. Accepted means: complete, readable, not negative, of a
known customer, and the first of its customer and call id. DuckDB's own calendar converts zones; sums are whole millionths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from local.demo.calls import CallFiles
from local.demo.world import DemoCustomer

DIGITS = {"JPY": 0, "KWD": 3}
"""Digits of a currency where they are not two; written down here so as not to ask the product."""

CALLS = """
CREATE TABLE raw AS
SELECT *, filename LIKE '%late-%' AS late
FROM read_csv($files, all_varchar = true, header = true, filename = true, null_padding = true);

CREATE TABLE calls AS
SELECT r.customer_id, r.call_id, r.late, r.connected = 'true' AS connected,
       (try_cast(r.started_at AS TIMESTAMPTZ) AT TIME ZONE c.timezone)::DATE AS day,
       (try_cast(r.charge AS DECIMAL(18, 6)) * 1000000)::BIGINT AS millionths
FROM raw r JOIN customers c ON c.id = r.customer_id
WHERE r.call_id <> '' AND try_cast(r.started_at AS TIMESTAMPTZ) IS NOT NULL
  AND try_cast(r.duration_seconds AS INTEGER) >= 0 AND try_cast(r.charge AS DECIMAL(18, 6)) >= 0;

CREATE TABLE accepted AS SELECT DISTINCT ON (customer_id, call_id) * FROM calls ORDER BY customer_id, call_id, late;
"""

COMPARISON = """
WITH expected AS (
  SELECT i.id, coalesce(sum(a.millionths), 0) AS millionths, count(*) FILTER (a.connected) AS connected
  FROM invoices i LEFT JOIN accepted a ON a.customer_id = i.customer_id AND a.late = i.late
       AND (i.late OR a.day BETWEEN i.first_day AND i.last_day)
  GROUP BY i.id)
SELECT i.number, i.customer_id, c.digits, i.minor, i.calls, e.connected,
       ((e.millionths::HUGEINT * c.scale * 2 + 1000000) // 2000000)::HUGEINT AS expected
FROM invoices i JOIN expected e ON e.id = i.id JOIN customers c ON c.id = i.customer_id
ORDER BY i.number
"""

UNBILLED = """
SELECT count(*) FROM accepted a
WHERE NOT EXISTS (SELECT 1 FROM invoices i WHERE i.customer_id = a.customer_id AND i.late = a.late
                  AND (i.late OR a.day BETWEEN i.first_day AND i.last_day))
"""


@dataclass(frozen=True, slots=True)
class Check:
    """What the independent addition found. `differences` is empty when everything agrees."""

    calls: int
    duplicates: int
    rejected: int
    invoices: int
    differences: tuple[str, ...]


def check_sums(files: CallFiles, customers: Sequence[DemoCustomer], invoices: Sequence[dict[str, Any]]) -> Check:
    """Compare every invoice that carries usage with the files."""
    with duckdb.connect() as database:
        _load(database, files, customers, invoices)
        counts = [_count(database, table) for table in ("raw", "calls", "accepted")]
        compared = database.execute(COMPARISON).fetchall()
        unbilled = _number(database, UNBILLED)
    differences = [_describe(row) for row in compared if row[3] != row[6] or row[4] != row[5]]
    if unbilled:
        differences.append(f"{unbilled} accepted calls are on no invoice")
    total, readable, accepted = counts
    return Check(total, readable - accepted, total - readable, len(compared), tuple(differences))


def _load(
    database: duckdb.DuckDBPyConnection, files: CallFiles, customers: Sequence[DemoCustomer], invoices: Sequence[dict[str, Any]]
) -> None:
    database.execute("SET TimeZone = 'UTC'")
    database.execute("CREATE TABLE customers (id TEXT, timezone TEXT, digits INTEGER, scale BIGINT)")
    known = [(one.id, one.timezone, _digits(one.currency), 10 ** _digits(one.currency)) for one in customers]
    database.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", known)
    database.execute(CALLS.replace("$files", repr([str(path) for path in (*files.month, files.late)])))
    database.execute(
        "CREATE TABLE invoices (id TEXT, number TEXT, customer_id TEXT, first_day DATE, last_day DATE, late BOOL, "
        "minor HUGEINT, calls BIGINT)"
    )
    rows = [row for invoice in invoices for row in _usage_rows(invoice)]
    database.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _usage_rows(invoice: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One row for the usage of an invoice, one for its late usage, where there is any."""
    rows = []
    for kind in ("usage", "late_usage"):
        lines = [line for line in invoice["lines"] if line["kind"] == kind]
        if lines:
            minor = sum((Decimal(line["net"]) for line in lines), Decimal(0)).scaleb(_digits(invoice["currency"]))
            calls = sum(line["usage"]["calls"] for line in lines)
            period = invoice["period"]
            head = (
                f"{invoice['id']}/{kind}",
                invoice["number"],
                invoice["customer_id"],
                period["start_date"],
                period["end_date"],
            )
            rows.append((*head, kind == "late_usage", int(minor), calls))
    return rows


def _describe(row: tuple[Any, ...]) -> str:
    number, customer, digits, minor, calls, connected, expected = row
    printed, added = (Decimal(int(value)).scaleb(-digits) for value in (minor, expected))
    return f"{number} ({customer}): printed {printed} for {calls} calls, the files give {added} for {connected}"


def _digits(currency: str) -> int:
    return DIGITS.get(currency, 2)


def _count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    return _number(database, f"SELECT count(*) FROM {table}")  # noqa: S608 -- the names are ours


def _number(database: duckdb.DuckDBPyConnection, query: str) -> int:
    row = database.execute(query).fetchone()
    return int(row[0]) if row else 0
