"""Bank statements: taken in as files, read into entries with proposals. Nothing is booked here (see `bank_confirmation`).

A small file is read while the caller waits, a large one by the work queue. Reading again goes on where it stopped: each entry is
kept once, under its line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.bank_csv import CsvLayout, validate_layout
from chalicelib.domain.bank_entry import BankEntry, EntryState, Side
from chalicelib.domain.bank_matching import propose
from chalicelib.domain.bank_statement import MAX_LISTED_REJECTS, BankStatement, ListedEntry, StatementFormat, StatementStatus
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.money import exponent
from chalicelib.services.bank_debtors import Debtors
from chalicelib.services.bank_reading import ReadStatement, read_statement
from chalicelib.services.deps import Deps
from chalicelib.store import bank_entries, objects
from chalicelib.store import bank_statements as store
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.queue import send_messages

MAX_BYTES = 10_000_000
AT_ONCE = {StatementFormat.CSV: 16_000, StatementFormat.CAMT_053: 160_000}
"""Bytes of a file that is read while the caller waits: some two hundred entries, each a few calls."""
ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15")
MESSAGE = "read_bank_statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """A file to take in: its `text`, or the key of an `upload`. CSV needs a layout; `encoding` is that of an uploaded CSV."""

    format: StatementFormat
    text: str | None = None
    upload: str | None = None
    name: str = ""
    account: str = ""
    encoding: str = "utf-8"
    layout: CsvLayout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementUpload:
    """A form to post one file with: `fields` first, then `file`; `upload` names it in the request that takes it in."""

    url: str
    fields: dict[str, str]
    upload: str
    max_bytes: int
    expires_at: datetime


def open_upload(deps: Deps) -> StatementUpload:
    """A form for one file."""
    name = deps.new_id()
    form = objects.presign_post(store.incoming_key(name), MAX_BYTES)
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    return StatementUpload(url=form["url"], fields=form["fields"], upload=name, max_bytes=MAX_BYTES, expires_at=expires)


def check_new(new: NewStatement) -> None:
    """Raise Invalid with every issue of a request by itself."""
    if issues := _issues(new):
        raise Invalid.of(*issues)


def import_statement(deps: Deps, new: NewStatement) -> BankStatement:
    """Take a file in; the same file, read the same way, is the statement it was. Raises Invalid with every issue."""
    check_new(new)
    content = _load(new)
    statement = _build(deps, new, content)
    objects.put_object(store.file_key(statement.id), content)
    kept = store.register_statement(statement)
    if kept.status is not StatementStatus.PROCESSING:
        return kept
    if len(content) > AT_ONCE[new.format]:
        send_messages([read_message(kept.id)])
        return kept
    return process_statement(deps, kept.id)


def read_message(statement_id: str) -> dict[str, Any]:
    """The message that has a statement read."""
    return {"type": MESSAGE, "statement_id": statement_id}


def process_statement(deps: Deps, statement_id: str) -> BankStatement:
    """Read a statement to its end, from where it stopped; one that is at its end stays as it is."""
    statement = store.get_statement(statement_id)
    if statement.status is not StatementStatus.PROCESSING:
        return statement
    content = objects.find_object(store.file_key(statement_id)) or b""
    try:
        read = read_statement(statement, content)
    except Invalid as error:
        refused = replace(statement, status=StatementStatus.REFUSED, code=error.code, reason=error.message)
        return _close(deps, refused)
    duplicates = _keep_entries(deps, statement_id, read)
    return _close(deps, _counted(statement, read, duplicates))


def process_message(deps: Deps, message: dict[str, Any]) -> None:
    """Read the statement that a message names."""
    process_statement(deps, str(message["statement_id"]))


def get_statement(statement_id: str) -> tuple[BankStatement, Counter[EntryState]]:
    """The statement, and how many of its entries are in which state; NotFound."""
    statement = store.get_statement(statement_id)
    return statement, Counter(bank_entries.load_states(statement_id).values())


def list_statements(limit: int, cursor: str | None) -> tuple[list[BankStatement], str | None]:
    """A page of statements, newest first, and the cursor of the next."""
    found, following = store.list_statements(limit, decode_cursor(cursor))
    return found, encode_cursor(following) if following else None


def list_entries(
    statement_id: str, limit: int, cursor: str | None, state: EntryState | None = None
) -> tuple[list[ListedEntry], str | None]:
    """A page of a statement's entries in its order, all or those in one state; NotFound."""
    store.get_statement(statement_id)
    found, following = bank_entries.list_entries(statement_id, limit, decode_cursor(cursor), state)
    return found, encode_cursor(following) if following else None


def _issues(new: NewStatement) -> list[Issue]:
    issues = []
    if (new.text is None) == (new.upload is None):
        issues.append(Issue("text", "invalid_value", "Send either text or upload."))
    if new.encoding not in ENCODINGS:
        issues.append(Issue("encoding", "invalid_value", f"Choose one of {', '.join(ENCODINGS)}."))
    if (new.layout is None) == (new.format is StatementFormat.CSV):
        issues.append(Issue("csv", "invalid_value", "csv says how a file of the format csv is read; it needs it, others do not."))
    if new.layout is not None:
        issues += validate_layout(new.layout)
        issues += _currency_issues(new.layout.currency)
    return issues


def _currency_issues(currency: str) -> list[Issue]:
    try:
        exponent(currency or "EUR")
    except Invalid as error:
        return [replace(issue, path="csv.currency") for issue in error.issues]
    return []


def _load(new: NewStatement) -> bytes:
    if new.text is not None:
        return new.text.encode(errors="surrogatepass")
    content = objects.find_object(store.incoming_key(str(new.upload)))
    if content is None:
        raise Invalid.of(Issue("upload", "invalid_value", "There is no upload of this name, or its file has not arrived."))
    return content


def _build(deps: Deps, new: NewStatement, content: bytes) -> BankStatement:
    is_uploaded_xml = new.upload is not None and new.format is StatementFormat.CAMT_053
    encoding = None if is_uploaded_xml else ("utf-8" if new.text is not None else new.encoding)
    account = "".join(new.account.split()).upper()
    how = repr((new.format.value, account, encoding, new.layout)).encode()
    return BankStatement(
        id=hashlib.sha256(hashlib.sha256(content).digest() + how).hexdigest()[:40],
        format=new.format,
        name=new.name,
        account=account,
        encoding=encoding,
        layout=new.layout,
        created_at=deps.clock(),
    )


def _keep_entries(deps: Deps, statement_id: str, read: ReadStatement) -> int:
    """Put what is not kept yet; how many of all entries were seen before in other statements."""
    kept = bank_entries.load_states(statement_id)
    missing = [entry for entry in read.entries if entry.line not in kept]
    debtors = Debtors(deps) if any(entry.side is Side.CREDIT for entry in missing) else None
    read_at = deps.clock()
    listed = (replace(_listed(statement_id, entry, debtors), proposed_at=read_at) for entry in missing)
    put = [bank_entries.put_entry_once(one).state for one in listed]
    return [*kept.values(), *put].count(EntryState.DUPLICATE)


def _listed(statement_id: str, entry: BankEntry, debtors: Debtors | None) -> ListedEntry:
    if entry.side is Side.DEBIT or debtors is None:
        return ListedEntry(statement_id=statement_id, entry=entry, state=EntryState.IGNORED)
    proposals = propose(entry, debtors.of_entry(entry))
    return ListedEntry(statement_id=statement_id, entry=entry, state=EntryState.PENDING, proposals=proposals)


def _counted(statement: BankStatement, read: ReadStatement, duplicates: int) -> BankStatement:
    debits = sum(entry.side is Side.DEBIT for entry in read.entries)
    return replace(
        statement,
        status=StatementStatus.DONE,
        account=read.account,
        entries=len(read.entries),
        credits=len(read.entries) - debits,
        debits=debits,
        duplicates=duplicates,
        rejected=len(read.rejects),
        rejects=read.rejects[:MAX_LISTED_REJECTS],
    )


def _close(deps: Deps, statement: BankStatement) -> BankStatement:
    closed = replace(statement, finished_at=deps.clock())
    store.close_statement(closed)
    return closed
