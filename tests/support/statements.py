"""Bank statements as banks write them: a CSV export, and CAMT.053 in an older and a newer version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

HEADER = "Booked;Text;Name;IBAN;Amount;Reference"
LAYOUT = {
    "delimiter": ";",
    "decimal_mark": ",",
    "date_format": "DD.MM.YYYY",
    "currency": "EUR",
    "columns": {
        "date": "Booked",
        "amount": "Amount",
        "remittance": ["Text"],
        "name": "Name",
        "account": "IBAN",
        "reference": "Reference",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One transaction."""

    amount: str = "12.00"
    text: str = ""
    name: str = ""
    account: str = ""
    reference: str = ""
    day: str = "2026-11-20"


def csv_request(*rows: Row, **fields: Any) -> dict[str, Any]:
    """A request that takes a CSV in."""
    return {"format": "csv", "text": "\n".join([HEADER, *map(_csv_row, rows)]), "csv": LAYOUT, "account": "DE1", **fields}


def camt_request(*rows: Row, **fields: Any) -> dict[str, Any]:
    """A request that takes a CAMT.053 in."""
    return {"format": "camt053", "text": camt_file(rows), **fields}


def camt_file(rows: Iterable[Row], version: int = 8) -> str:
    """A statement of one account."""
    entries = "".join(_camt_entry(row, version) for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>"
        f"<Stmt><Id>1</Id><Acct><Id><IBAN>DE1</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def _csv_row(row: Row) -> str:
    year, month, day = row.day.split("-")
    return f"{day}.{month}.{year};{row.text};{row.name};{row.account};{row.amount.replace('.', ',')};{row.reference}"


def _camt_entry(row: Row, version: int) -> str:
    is_new = version >= 8
    side, amount = ("DBIT", row.amount[1:]) if row.amount.startswith("-") else ("CRDT", row.amount)
    status = "<Sts><Cd>BOOK</Cd></Sts>" if is_new else "<Sts>BOOK</Sts>"
    name = f"<Pty><Nm>{row.name}</Nm></Pty>" if is_new else f"<Nm>{row.name}</Nm>"
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}<BookgDt><Dt>{row.day}</Dt></BookgDt>'
        f"<AcctSvcrRef>{row.reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id><IBAN>{row.account}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{row.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
