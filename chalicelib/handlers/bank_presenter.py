"""Bank statements and their entries as clients see them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.bank_entry import EntryState, Side, entry_id
from chalicelib.domain.bank_matching import MatchReason, Proposal
from chalicelib.domain.bank_statement import BankStatement, Decision, ListedEntry, StatementFormat, StatementStatus
from chalicelib.handlers.fields import Instant
from chalicelib.handlers.payment_presenter import PaymentAnswer


class RejectAnswer(BaseModel):
    """A row that is no entry; `line` counts lines of a CSV, transactions of a CAMT.053."""

    line: int
    code: str
    message: str


class BankStatementAnswer(BaseModel):
    """A statement; entries = credits + debits. Of the rejected rows the first 200 are named."""

    id: str
    format: StatementFormat
    name: str
    account: str
    status: StatementStatus
    code: str | None
    reason: str | None
    entries: int
    credits: int
    debits: int
    duplicates: int
    rejected: int
    rejects: list[RejectAnswer]
    created_at: Instant
    finished_at: Instant | None


class BankStatementDetails(BankStatementAnswer):
    """A statement, and how many of its entries are in which state."""

    states: dict[str, int]


class ProposedAllocation(BaseModel):
    """How much would go to which invoice."""

    invoice_id: str
    invoice_number: str
    amount: Decimal


class ProposalAnswer(BaseModel):
    """A customer that the money may be of, why, and what it would pay. The score orders proposals; it is no probability."""

    customer_id: str
    customer_name: str
    score: int
    reasons: list[MatchReason]
    currency: str
    currency_mismatch: bool
    allocations: list[ProposedAllocation]


class DuplicateOf(BaseModel):
    """Where the entry was seen first."""

    statement_id: str
    entry_id: str


class BankEntryAnswer(BaseModel):
    """An entry: a pending payment until somebody decides. Debits are ignored; proposals are so since `proposed_at`."""

    id: str
    statement_id: str
    line: int
    status: EntryState
    side: Side
    amount: Decimal
    currency: str
    date: dt.date
    reference: str
    remittance: str
    name: str
    account: str
    proposals: list[ProposalAnswer]
    proposed_at: Instant | None
    duplicate_of: DuplicateOf | None
    customer_id: str | None
    decided_by: str | None
    decided_at: Instant | None
    payment_id: str | None
    problem: str | None
    note: str | None


class ConfirmedAnswer(BaseModel):
    """The entry and its payment; `entry.problem` says why it could not be allocated as asked."""

    entry: BankEntryAnswer
    payment: PaymentAnswer


SHOWN = ("line", "side", "amount", "currency", "date", "reference", "remittance", "name", "account")


def present_statement(statement: BankStatement, states: Counter[EntryState] | None = None) -> dict[str, Any]:
    """A statement; with the states of its entries where they were counted."""
    shown: dict[str, Any] = {name: getattr(statement, name) for name in BankStatementAnswer.model_fields}
    shown |= {"code": statement.code or None, "reason": statement.reason or None}
    return shown if states is None else {**shown, "states": {state: states[state] for state in EntryState}}


def present_entry(listed: ListedEntry) -> dict[str, Any]:
    """An entry with its proposals and what became of it."""
    first = listed.duplicate_of
    return {
        "id": listed.entry.id,
        "statement_id": listed.statement_id,
        "status": listed.state,
        **{name: getattr(listed.entry, name) for name in SHOWN},
        "proposals": [_present_proposal(one) for one in listed.proposals],
        "proposed_at": listed.proposed_at,
        "duplicate_of": {"statement_id": first[0], "entry_id": entry_id(first[1])} if first else None,
        **_present_decision(listed.decision),
        "payment_id": listed.payment_id,
        "problem": listed.problem or None,
        "note": listed.note or None,
    }


def _present_decision(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return dict.fromkeys(("customer_id", "decided_by", "decided_at"))
    return {"customer_id": decision.customer_id or None, "decided_by": decision.by or None, "decided_at": decision.at}


def _present_proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "customer_id": proposal.customer_id,
        "customer_name": proposal.customer_name,
        "score": proposal.score,
        "reasons": list(proposal.reasons),
        "currency": proposal.currency,
        "currency_mismatch": not proposal.fits_currency,
        "allocations": [
            {"invoice_id": line.invoice_id, "invoice_number": line.number, "amount": line.amount} for line in proposal.lines
        ],
    }
