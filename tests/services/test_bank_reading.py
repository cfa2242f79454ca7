"""CAMT.053 of old and new versions as banks write it; hostile and broken files are refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.bank_csv import CsvColumns, CsvLayout
from chalicelib.domain.bank_entry import Side
from chalicelib.domain.bank_statement import BankStatement, StatementFormat
from chalicelib.domain.errors import Invalid
from chalicelib.services import bank_reading
from chalicelib.services.bank_reading import ReadStatement, read_statement
from tests.support.statements import Row, camt_file

CAMT = BankStatement(id="s", format=StatementFormat.CAMT_053, created_at=datetime(2026, 11, 20, tzinfo=UTC))
CSV = replace(
    CAMT, format=StatementFormat.CSV, encoding="utf-8", layout=CsvLayout(columns=CsvColumns(date="d", amount="a"), currency="EUR")
)
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Document>&b;</Document>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document>&a;</Document>'


def read(inside: str, **fields: str) -> ReadStatement:
    """A statement with these entries, spelled out."""
    text = camt_file([]).replace("</Stmt>", f"{inside}</Stmt>")
    return read_statement(replace(CAMT, **fields), text.encode())  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [2, 4, 8, 13])
def test_every_version_is_read(version: int) -> None:
    """What moved between versions (status, parties) is found in either place."""
    row = Row(amount="12.50", text="INV-1001", name="Acme Ltd", account="DE89 3704", reference="R1")
    found = read_statement(CAMT, camt_file([row, replace(row, amount="-3.00")], version).encode())
    assert found.account == "DE1"
    first, second = found.entries
    assert (first.side, str(first.amount), first.currency, str(first.date)) == (Side.CREDIT, "12.50", "EUR", "2026-11-20")
    assert (first.remittance, first.name, first.account, first.reference) == ("INV-1001", "Acme Ltd", "DE893704", "R1")
    assert (second.line, second.side) == (2, Side.DEBIT)


def test_name_spaces_may_have_a_prefix() -> None:
    """Elements are known by their local names."""
    text = camt_file([Row()]).replace("<Document xmlns=", "<c:Document xmlns:c=").replace("</Document>", "</c:Document>")
    assert len(read_statement(CAMT, text.encode()).entries) == 1


def test_transactions_booked_as_one_are_entries_of_their_own() -> None:
    """Where each has its amount, in the old place or the new; else the entry counts as one."""
    inside = (
        '<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        "<BookgDt><DtTm>2026-11-20T08:00:00</DtTm></BookgDt>"
        "<AcctSvcrRef>R9</AcctSvcrRef><NtryDtls>"
        '<TxDtls><Amt Ccy="EUR">10.00</Amt><RmtInf><Strd><RfrdDocInf><Nb>INV-1</Nb></RfrdDocInf>'
        "<CdtrRefInf><Ref>RF18</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf></Strd></RmtInf></TxDtls>"
        '<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls><AddtlTxInf>INV-2</AddtlTxInf></TxDtls>'
        "</NtryDtls></Ntry>"
    )
    found = read(inside)
    assert [(str(one.amount), one.remittance) for one in found.entries] == [("10.00", "INV-1 RF18 more"), ("20.00", "INV-2")]
    assert len({one.identity for one in found.entries}) == 2
    whole = read(inside.replace("<AmtDtls>", "<Unknown>").replace("</AmtDtls>", "</Unknown>"))
    assert [str(one.amount) for one in whole.entries] == ["30.00"]


@pytest.mark.parametrize(
    "parts, amounts",
    [
        ([("60.00", "EUR", "CRDT"), ("30.00", "EUR", "CRDT")], ["60.00", "30.00"]),
        ([("100.00", "EUR", "CRDT"), ("10.00", "EUR", "DBIT")], ["100.00", "10.00"]),
        ([("60.00", "EUR", "CRDT"), ("60.00", "EUR", "CRDT")], ["90.00"]),
        ([("60.00", "EUR", "CRDT"), ("30.00", "USD", "CRDT")], ["90.00"]),
        ([("60.00", "EUR", "CRDT"), ("30.00", "EUR", "IN")], ["90.00"]),
        ([("60.00", "EUR", "CRDT"), ("thirty", "EUR", "CRDT")], ["90.00"]),
        ([("60.00", "EUR", "CRDT")], ["90.00"]),
    ],
)
def test_transactions_are_entries_only_where_they_are_all_of_the_entry(
    parts: list[tuple[str, str, str]], amounts: list[str]
) -> None:
    """Another sum, another currency, an unknown side: what was booked counts, as one."""
    inside = "".join(
        f'<TxDtls><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd></TxDtls>' for amount, currency, side in parts
    )
    found = read(
        '<Ntry><Amt Ccy="EUR">90.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>'
        f"<NtryDtls>{inside}</NtryDtls></Ntry>"
    )
    assert ([str(one.amount) for one in found.entries], found.rejects) == (amounts, ())


def test_the_payer_s_end_to_end_id_does_not_make_two_payments_one() -> None:
    """Two payers may give the same; it is shown as the reference where the bank gave none."""
    acme = camt_file([Row(name="Acme", account="DE77")]).replace("NOTPROVIDED", "RENT")
    (first,) = read_statement(CAMT, acme.encode()).entries
    (second,) = read_statement(CAMT, acme.replace("Acme", "Bolt").replace("DE77", "DE88").encode()).entries
    assert (first.reference, second.reference) == ("RENT", "RENT")
    assert first.identity != second.identity


def test_what_is_missing_is_left_empty() -> None:
    """Only amount, side and day are needed; the currency may be the account's."""
    inside = (
        "<Ntry><Amt>5</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-20</Dt></BookgDt><AddtlNtryInf>x</AddtlNtryInf></Ntry>"
    )
    (entry,) = read(inside).entries
    assert (entry.amount, entry.currency, entry.remittance, entry.name) == (Decimal("5.00"), "EUR", "x", "")


def test_entries_that_are_not_booked_are_rejected_by_line() -> None:
    """Pending ones may never come; broken ones say why; the others are taken."""
    good = camt_file([Row()]).partition("<Ccy>EUR</Ccy></Acct>")[2].partition("</Stmt>")[0]
    sideless = good.replace("<CdtDbtInd>CRDT</CdtDbtInd>", "") + good.replace("CRDT", "DEBIT")
    found = read(good.replace("BOOK", "PDNG") + good.replace("12.00", "12.005") + sideless + good)
    assert [(one.line, one.code) for one in found.rejects] == [
        (1, "invalid_value"),
        (2, "invalid_amount"),
        (3, "invalid_value"),
        (4, "invalid_value"),
    ]
    assert [one.line for one in found.entries] == [5]


@pytest.mark.parametrize(
    "party", ["<Dbtr/><DbtrAcct/>", "<DbtrAcct><Id><Othr><Id>4711</Id></Othr></Id></DbtrAcct>", "<Dbtr><Pty/></Dbtr>"]
)
def test_parties_may_be_half_empty(party: str) -> None:
    """An account of another scheme counts, nothing is nothing."""
    inside = camt_file([Row()]).partition("<Ccy>EUR</Ccy></Acct>")[2].partition("</Stmt>")[0]
    before, _, rest = inside.partition("<RltdPties>")
    (entry,) = read(f"{before}<RltdPties>{party}{rest[rest.index('</RltdPties>') :]}").entries
    assert (entry.name, entry.account) == ("", "4711" if "4711" in party else "")


def test_an_account_that_was_named_wins_and_several_are_none() -> None:
    """Whose account it is follows from the file only where it says so once."""
    entry = camt_file([Row()]).partition("<Ccy>EUR</Ccy></Acct>")[2].partition("</Stmt>")[0]
    assert read(entry, account="DE2").account == "DE2"
    assert read(f"{entry}</Stmt><Stmt>{entry}").account == ""


def test_an_entry_is_the_same_in_a_file_of_one_account_and_of_several() -> None:
    """Each entry is known by the account of its own statement, however that is spaced."""
    one = camt_file([Row(reference="R1")])
    statement = one.partition("</GrpHdr>")[2].partition("</BkToCstmrStmt>")[0]
    both = one.replace("</BkToCstmrStmt>", f"{statement.replace('DE1', 'de 2')}</BkToCstmrStmt>")
    first, second = read_statement(CAMT, both.encode()).entries
    assert [read_statement(CAMT, text.encode()).entries[0].identity for text in (one, one.replace("DE1", "DE2"))] == [
        first.identity,
        second.identity,
    ]
    assert first.identity != second.identity


@pytest.mark.parametrize(
    "content",
    [
        BOMB.encode(),
        OUTSIDE.encode(),
        b"<!DOCTYPE x><Document/>",
        b"<Document>",
        b"",
        b"Date;Amount",
        b"<Document/>",
        b"<html/>",
        BOMB.encode("utf-16"),
        b'<?xml version="1.0" encoding="nonsense"?><Document/>',
        b'<?xml version="1.0" encoding="utf-16"?><Document/>',
        b"<a>" * 100_000,
        b"<Document><BkToCstmrStmt>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</BkToCstmrStmt></Document>",
    ],
)
def test_hostile_and_broken_files_are_refused(content: bytes) -> None:
    """Entities, foreign files, no CAMT, unknown encodings: one code, never an error of ours."""
    with pytest.raises(Invalid) as refused:
        read_statement(CAMT, content)
    assert refused.value.code == "wrong_format"


def test_text_of_another_encoding_is_refused() -> None:
    """A CSV that is not what was stated."""
    with pytest.raises(Invalid) as refused:
        read_statement(CSV, "d,a\nMüller,1".encode("latin-1"))
    assert refused.value.code == "not_text"
    latin = replace(
        CSV, encoding="iso-8859-1", layout=CsvLayout(columns=CsvColumns(date="d", amount="a", name="n"), currency="EUR")
    )
    assert read_statement(latin, "d,a,n\n2026-11-20,1,Müller".encode("latin-1")).entries[0].name == "Müller"


def test_empty_statements_and_too_long_ones_are_refused() -> None:
    """Nothing in it, or more than one statement may hold."""
    with pytest.raises(Invalid) as refused:
        read_statement(CSV, b"d,a\n")
    assert refused.value.code == "empty_file"
    many = b"d,a\n" + b"2026-11-20,1\n" * (bank_reading.MAX_ENTRIES + 1)
    with pytest.raises(Invalid) as refused:
        read_statement(CSV, many)
    assert refused.value.code == "too_many_items"
