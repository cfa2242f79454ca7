"""The file of a bank statement to raw entries, CSV or CAMT.053. What cannot be read at all is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.domain.bank_csv import read_csv
from chalicelib.domain.bank_entry import (
    BankEntry,
    EntryReject,
    RawEntry,
    Style,
    account_number,
    identify,
    judge_entry,
    parse_money,
)
from chalicelib.domain.bank_statement import BankStatement, StatementFormat
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.money import total
from chalicelib.services import camt_053 as camt

MAX_ENTRIES = 10_000
BOOKED = "BOOK"
SIGNS = {"CRDT": 1, "DBIT": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """What a file holds: entries with their identities, rejected rows, and whose account it is, where it says so."""

    account: str
    entries: tuple[BankEntry, ...]
    rejects: tuple[EntryReject, ...]


def read_statement(statement: BankStatement, content: bytes) -> ReadStatement:
    """Every row judged. Raises Invalid: not_text, empty_file, wrong_header, wrong_format, too_many_items."""
    account, style = statement.account, Style()
    if statement.format is StatementFormat.CSV and statement.layout is not None:
        rows: Iterable[RawEntry | EntryReject] = read_csv(_decode(content, statement.encoding), statement.layout)
        style = statement.layout.style
    else:
        found = camt.load_statements(content if statement.encoding is None else _decode(content, statement.encoding))
        account, rows = account or _own_account(found), _camt_rows(found, are_several=not _own_account(found))
    judged = [judge_entry(row, style) if isinstance(row, RawEntry) else row for row in _bounded(rows)]
    if not judged:
        raise Invalid("empty_file", "The statement holds no entries.")
    return ReadStatement(
        account=account,
        entries=tuple(identify((one for one in judged if isinstance(one, BankEntry)), account)),
        rejects=tuple(one for one in judged if isinstance(one, EntryReject)),
    )


def _bounded(rows: Iterable[RawEntry | EntryReject]) -> Iterator[RawEntry | EntryReject]:
    for position, row in enumerate(rows):
        if position == MAX_ENTRIES:
            raise Invalid("too_many_items", f"A statement holds at most {MAX_ENTRIES} entries; split the file.")
        yield row


def _decode(content: bytes, encoding: str | None) -> str:
    try:
        return content.decode("utf-8-sig" if encoding in {None, "utf-8"} else str(encoding))
    except UnicodeDecodeError as error:
        raise Invalid("not_text", f"The file is not {encoding or 'utf-8'} text.") from error


def _own_account(statements: Iterable[camt.Statement]) -> str:
    """The account of the file; none where it holds statements of several."""
    accounts = {account_number(_account_number(one.account)) for one in statements}
    return accounts.pop() if len(accounts) == 1 else ""


def _camt_rows(statements: Iterable[camt.Statement], *, are_several: bool) -> Iterator[RawEntry | EntryReject]:
    """Transactions in the order of the file, counted from 1. In a file of several accounts each says its own."""
    line = 0
    for statement in statements:
        own_account = _account_number(statement.account) if are_several else ""
        for entry in statement.entries:
            for transaction in _transactions(statement, entry):
                line += 1
                row = _camt_row(line, statement, entry, transaction)
                yield _refuse(line, entry) or replace(row, own_account=own_account)


def _transactions(statement: camt.Statement, entry: camt.Entry) -> list[camt.Transaction]:
    """The transactions of an entry where they are all of it; else the entry itself, as one."""
    found = [one for details in entry.details for one in details.transactions]
    if len(found) == 1:
        return [replace(found[0], amount=entry.amount, side=entry.side)]
    if found and _add_up(statement, entry, found):
        return found
    return [camt.Transaction(amount=entry.amount, side=entry.side, more=entry.more)]


def _add_up(statement: camt.Statement, entry: camt.Entry, parts: Iterable[camt.Transaction]) -> bool:
    """Whether the parts are in the entry's currency and their sum is its amount; what came in counts against what went out."""
    amounts = [_transaction_amount(part) for part in parts]
    currencies = {_currency(statement, entry.amount), *(_currency(statement, amount or entry.amount) for amount in amounts)}
    if len(currencies) > 1 or None in amounts:
        return False
    try:
        signed = [_signed(amount, part.side or entry.side) for amount, part in zip(amounts, parts, strict=True)]
        return total(signed) == _signed(entry.amount, entry.side)
    except Invalid:
        return False


def _signed(amount: camt.Amount | None, side: str | None) -> Decimal:
    """What came in, above zero, or went out, below. Raises Invalid."""
    mark = (side or "").strip()
    if mark not in SIGNS:
        raise Invalid.of(Issue("", "invalid_value", "Neither CRDT nor DBIT."))
    return SIGNS[mark] * parse_money(amount.value if amount else "", Style().decimal_mark)


def _currency(statement: camt.Statement, amount: camt.Amount | None) -> str:
    of_account = statement.account.currency if statement.account else None
    return (amount.currency if amount else None) or of_account or ""


def _refuse(line: int, entry: camt.Entry) -> EntryReject | None:
    status = entry.status and (entry.status.code or entry.status.value).strip()
    if status in {None, "", BOOKED}:
        return None
    return EntryReject(line=line, code="invalid_value", message=f"Only booked entries are taken; this one is {str(status)[:20]}.")


def _camt_row(line: int, statement: camt.Statement, entry: camt.Entry, transaction: camt.Transaction) -> RawEntry:
    amount = _transaction_amount(transaction) or camt.Amount()
    references, parties = transaction.references or camt.References(), transaction.parties or camt.Parties()
    return RawEntry(
        line=line,
        amount=amount.value,
        side=transaction.side or entry.side or "",
        currency=_currency(statement, amount),
        date=(entry.booked and (entry.booked.day or entry.booked.instant)) or "",
        reference=references.servicer or entry.servicer or "",
        payer_reference=references.end_to_end or "",
        remittance=" ".join(_remittance(transaction)),
        name=_name(parties.debtor),
        account=_account_number(parties.debtor_account),
    )


def _transaction_amount(transaction: camt.Transaction) -> camt.Amount | None:
    older = transaction.details.transaction.amount if transaction.details and transaction.details.transaction else None
    return transaction.amount or older


def _remittance(transaction: camt.Transaction) -> Iterator[str]:
    told = transaction.remittance or camt.Remittance()
    yield from told.lines
    for part in told.structured:
        yield from (document.number for document in part.documents if document.number)
        if part.creditor and part.creditor.reference:
            yield part.creditor.reference
        yield from part.more
    if not told.lines and not told.structured and transaction.more:
        yield transaction.more


def _name(party: camt.Party | None) -> str:
    if party is None:
        return ""
    return party.name or (party.party.name if party.party else None) or ""


def _account_number(account: camt.Account | None) -> str:
    if account is None or account.id is None:
        return ""
    return account.id.iban or (account.id.other.id if account.id.other else None) or ""
