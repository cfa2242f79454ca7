"""A bank statement file and what became of its rows. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.bank_csv import CsvLayout
from chalicelib.domain.bank_entry import BankEntry, EntryReject, EntryState
from chalicelib.domain.bank_matching import Proposal

MAX_LISTED_REJECTS = 200
"""Rejected rows that are named; all are counted."""


class StatementFormat(StrEnum):
    """What a file is."""

    CSV = "csv"
    CAMT_053 = "camt053"


class StatementStatus(StrEnum):
    """Processing until every row has been looked at; refused when the file as a whole is not what it should be."""

    PROCESSING = "processing"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """One file; `id` is a hash of its bytes and of how it is read, so the same file twice is one statement.

    entries = credits + debits + duplicates. `encoding` None: the file tells (XML). `account` is the operator's own.
    """

    id: str
    format: StatementFormat
    name: str = ""
    account: str = ""
    encoding: str | None = None
    layout: CsvLayout | None = None
    status: StatementStatus = StatementStatus.PROCESSING
    code: str = ""
    reason: str = ""
    entries: int = 0
    credits: int = 0
    debits: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejects: tuple[EntryReject, ...] = ()
    created_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a clerk decided about an entry: whose payment it is and what it pays; nobody's where it was dismissed.

    `at` is the instant it counts from. `instead_of` is the cancelled payment that an earlier decision had led to.
    """

    customer_id: str = ""
    at: datetime
    by: str = ""
    allocations: tuple[tuple[str, Decimal], ...] = ()
    instead_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedEntry:
    """What the audit log tells of an entry: what was decided, named as in the API, and nothing of what the bank wrote."""

    statement_id: str
    id: str
    status: EntryState
    customer_id: str
    payment_id: str
    problem: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry as kept: its state, the proposals and since when they are so, and what was decided.

    `duplicate_of` names statement and line that had it first. `problem` says why a confirmed payment was not allocated as asked.
    """

    statement_id: str
    entry: BankEntry
    state: EntryState
    proposals: tuple[Proposal, ...] = ()
    proposed_at: datetime | None = None
    duplicate_of: tuple[str, int] | None = None
    decision: Decision | None = None
    payment_id: str | None = None
    problem: str = ""
    note: str = ""
