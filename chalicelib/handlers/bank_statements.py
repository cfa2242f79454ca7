"""`/bank-statements`: take a statement in, see what each entry may be, confirm or dismiss it. Nothing is booked unconfirmed."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.domain.bank_csv import MAX_PREAMBLE, CsvColumns, CsvLayout
from chalicelib.domain.bank_entry import ISO_DATE, EntryState
from chalicelib.domain.bank_statement import StatementFormat, StatementStatus
from chalicelib.handlers.api import Api
from chalicelib.handlers.bank_presenter import (
    BankEntryAnswer,
    BankStatementAnswer,
    BankStatementDetails,
    ConfirmedAnswer,
    present_entry,
    present_statement,
)
from chalicelib.handlers.fields import Amount, Id, Instant, OneLine
from chalicelib.handlers.payment_presenter import present_payment
from chalicelib.handlers.requests import Body, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import bank_confirmation as confirmation
from chalicelib.services import bank_proposals as proposals
from chalicelib.services import bank_statements as service
from chalicelib.services.bank_statements import NewStatement, StatementUpload

api = Api(__name__)

MAX_BODY = 1_000_000


class ColumnsInput(Body):
    """Which column is what, by its header. Amounts: one signed column, or one in and one out. `remittance` may be several."""

    date: OneLine
    amount: OneLine | None = None
    credit: OneLine | None = None
    debit: OneLine | None = None
    side: OneLine | None = None
    currency: OneLine | None = None
    reference: OneLine | None = None
    remittance: list[OneLine] = Field(default=[], max_length=20)
    name: OneLine | None = None
    account: OneLine | None = None


class CsvInput(Body):
    """How a CSV is read. `side` says in or out by one of `credit_marks` or `debit_marks`; other texts are refused by line."""

    columns: ColumnsInput
    delimiter: str = Field(default=",", max_length=1)
    decimal_mark: str = Field(default=".", max_length=1)
    date_format: OneLine = ISO_DATE
    skip_lines: int = Field(default=0, ge=0, le=MAX_PREAMBLE)
    currency: OneLine = ""
    credit_marks: list[OneLine] | None = Field(default=None, min_length=1, max_length=20)
    debit_marks: list[OneLine] | None = Field(default=None, min_length=1, max_length=20)


class StatementInput(Body):
    """A statement: its text, or an upload. `account` is the operator's own, where the file does not say it."""

    format: StatementFormat
    text: str | None = Field(default=None, min_length=1)
    upload: Id | None = None
    name: OneLine = ""
    account: OneLine = ""
    encoding: OneLine = "utf-8"
    csv: CsvInput | None = None


class ConfirmLine(Body):
    """How much of the payment goes to which invoice."""

    invoice_id: Id
    amount: Amount


class ConfirmInput(Body):
    """Whose payment it is, and what it pays at once; what is not allocated stays on the customer as credit.

    `not_a_duplicate` books an entry that was taken for one seen before. With `proposed_at`, that of the entry as it was seen, it
    is refused (409 `stale_plan`) where other proposals were made since.
    """

    customer_id: Id
    allocations: list[ConfirmLine] = Field(default=[], max_length=1000)
    not_a_duplicate: bool = False
    proposed_at: Instant | None = None


class EntriesQuery(PageQuery):
    """Which entries: those of one status, or all."""

    status: EntryState | None = None


class DismissInput(Body):
    """Why the entry is no customer's payment."""

    reason: OneLine = ""


@api.endpoint(
    "POST",
    "/bank-statements/uploads",
    permission="payments:write",
    summary="Open an upload for a statement that is too large for a request",
    answer=StatementUpload,
    status=201,
)
def create_bank_upload(request: Request) -> Answer:
    """A form to post one file with."""
    return Answer(service.open_upload(request.deps))


@api.endpoint(
    "POST",
    "/bank-statements",
    permission="payments:write",
    summary="Take in a bank statement: CSV or CAMT.053",
    body=StatementInput,
    answer=BankStatementDetails,
    status=201,
    statuses=(202,),
    max_body=MAX_BODY,
)
def create_bank_statement(request: Request) -> Answer:
    """Read it, or have it read when it is large (202); the same file again is the same statement."""
    kept = service.import_statement(request.deps, parse_new(request.body))
    status = 202 if kept.status is StatementStatus.PROCESSING else None
    return Answer(present_statement(*service.get_statement(kept.id)), status=status)


@api.endpoint(
    "GET",
    "/bank-statements",
    permission="billing:read",
    summary="List bank statements, newest first",
    query=PageQuery,
    answer=Page[BankStatementAnswer],
)
def list_bank_statements(request: Request) -> Answer:
    """A page of statements."""
    found, following = service.list_statements(request.query.limit, request.query.cursor)
    return Answer(page([present_statement(one) for one in found], following))


@api.endpoint(
    "GET",
    "/bank-statements/{statement_id}",
    permission="billing:read",
    summary="A bank statement: rejected rows, and how many entries wait",
    answer=BankStatementDetails,
)
def get_bank_statement(request: Request) -> Answer:
    """One statement."""
    return Answer(present_statement(*service.get_statement(request.path["statement_id"])))


@api.endpoint(
    "GET",
    "/bank-statements/{statement_id}/entries",
    permission="billing:read",
    summary="The entries of a bank statement with the customers and invoices they may be of",
    query=EntriesQuery,
    answer=Page[BankEntryAnswer],
)
def list_bank_entries(request: Request) -> Answer:
    """A page of entries, in the statement's order."""
    query: EntriesQuery = request.query
    found, following = service.list_entries(request.path["statement_id"], query.limit, query.cursor, query.status)
    return Answer(page([present_entry(one) for one in found], following))


@api.endpoint(
    "GET",
    "/bank-statements/{statement_id}/entries/{entry_id}",
    permission="billing:read",
    summary="One entry of a bank statement",
    answer=BankEntryAnswer,
)
def get_bank_entry(request: Request) -> Answer:
    """One entry."""
    return Answer(present_entry(confirmation.get_entry(request.path["statement_id"], request.path["entry_id"])))


@api.endpoint(
    "POST",
    "/bank-statements/{statement_id}/match",
    permission="payments:write",
    summary="Propose anew whom the entries that wait may be of",
    query=PageQuery,
    answer=Page[BankEntryAnswer],
)
def match_bank_entries(request: Request) -> Answer:
    """A page of pending entries, matched with what is owed now."""
    query: PageQuery = request.query
    found, following = proposals.match_entries(request.deps, request.path["statement_id"], query.limit, query.cursor)
    return Answer(page([present_entry(one) for one in found], following))


@api.endpoint(
    "POST",
    "/bank-statements/{statement_id}/entries/{entry_id}/match",
    permission="payments:write",
    summary="Propose anew whom an entry may be of",
    answer=BankEntryAnswer,
)
def match_bank_entry(request: Request) -> Answer:
    """One entry, matched with what is owed now; also one that was dismissed, or whose payment was cancelled."""
    return Answer(present_entry(proposals.match_entry(request.deps, request.path["statement_id"], request.path["entry_id"])))


@api.endpoint(
    "POST",
    "/bank-statements/{statement_id}/entries/{entry_id}/confirm",
    permission="payments:write",
    summary="Book an entry as a customer's payment, and allocate it",
    body=ConfirmInput,
    answer=ConfirmedAnswer,
)
def confirm_bank_entry(request: Request) -> Answer:
    """Confirm, a dismissed entry too; the same again answers with the same payment, unless that was cancelled."""
    done = confirmation.confirm_entry(request.deps, parse_confirmation(request))
    return Answer({"entry": present_entry(done.listed), "payment": present_payment(done.payment, request.actor)})


@api.endpoint(
    "POST",
    "/bank-statements/{statement_id}/entries/{entry_id}/dismiss",
    permission="payments:write",
    summary="Say that an entry is no customer's payment",
    body=DismissInput,
    answer=BankEntryAnswer,
)
def dismiss_bank_entry(request: Request) -> Answer:
    """Dismiss; again changes nothing."""
    path, reason = request.path, request.body.reason
    return Answer(present_entry(confirmation.dismiss_entry(request.deps, path["statement_id"], path["entry_id"], reason)))


def parse_new(body: StatementInput) -> NewStatement:
    """The file to take in."""
    given = {name: getattr(body, name) for name in StatementInput.model_fields if name != "csv"}
    return NewStatement(**given, layout=None if body.csv is None else _layout(body.csv))


def parse_confirmation(request: Request) -> confirmation.ConfirmEntry:
    """The decision that the body asks for."""
    asked: ConfirmInput = request.body
    return confirmation.ConfirmEntry(
        statement_id=request.path["statement_id"],
        entry_id=request.path["entry_id"],
        customer_id=asked.customer_id,
        allocations=[(line.invoice_id, line.amount) for line in asked.allocations],
        not_a_duplicate=asked.not_a_duplicate,
        proposed_at=asked.proposed_at,
    )


def _layout(given: CsvInput) -> CsvLayout:
    columns: dict[str, Any] = {name: getattr(given.columns, name) or None for name in ColumnsInput.model_fields}
    columns["remittance"] = tuple(given.columns.remittance)
    marks = {name: tuple(texts) for name in ("credit_marks", "debit_marks") if (texts := getattr(given, name)) is not None}
    return CsvLayout(
        columns=CsvColumns(**columns),
        delimiter=given.delimiter,
        decimal_mark=given.decimal_mark,
        date_format=given.date_format,
        skip_lines=given.skip_lines,
        currency=given.currency,
        **marks,
    )
