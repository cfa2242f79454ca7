"""A customer's account: the balance now, the statement over some days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.domain.money import quantise
from chalicelib.domain.statement import MovementKind, StatementRow
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Day, Instant
from chalicelib.handlers.requests import Query, Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import accounts as service
from chalicelib.services import statement_files
from chalicelib.services.papers import PaperFile
from chalicelib.services.statement_files import StatementQuestion

api = Api(__name__)

RENDERING_SECONDS = 2
"""When it is worth asking again."""


class BalanceAnswer(BaseModel):
    """What the customer owes and has now; balance = due − unallocated."""

    currency: str
    due: Decimal
    overdue: Decimal
    unallocated: Decimal
    balance: Decimal


class MovementAnswer(BaseModel):
    """One row: documents have a number, money a reference; `balance` is that after it."""

    date: date
    kind: MovementKind
    number: str | None
    reference: str | None
    debit: Decimal
    credit: Decimal
    balance: Decimal


class StatementAnswer(BaseModel):
    """opening + Σ debits − Σ credits = closing; positive means the customer owes."""

    currency: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    opening: Decimal
    closing: Decimal
    movements: list[MovementAnswer]


class PaperFileAnswer(BaseModel):
    """`ready` with a link that lives until `expires_at`, or still `rendering`: ask again."""

    status: Literal["ready", "rendering"]
    url: str | None
    expires_at: Instant | None


class StatementQuery(Query):
    """Which days, both inclusive (default: all until today); with `known_at` only what had been entered by that instant."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    known_at: Instant | None = None


@api.endpoint(
    "GET",
    "/customers/{customer_id}/balance",
    permission="billing:read",
    summary="What a customer owes and has now",
    answer=BalanceAnswer,
    customers=True,
)
def get_balance(request: Request) -> Answer:
    """Due, overdue, unallocated."""
    found = service.get_balance(request.deps, request.path["customer_id"])
    return Answer({name: getattr(found, name) for name in BalanceAnswer.model_fields})


@api.endpoint(
    "GET",
    "/customers/{customer_id}/statement",
    permission="billing:read",
    summary="A customer's account over some days",
    query=StatementQuery,
    answer=StatementAnswer,
    customers=True,
)
def get_statement(request: Request) -> Answer:
    """Opening balance, movements, closing balance."""
    query: StatementQuery = request.query
    customer_id = request.path["customer_id"]
    currency, found = service.get_statement(
        request.deps, customer_id, first=query.first, last=query.last, known_at=query.known_at
    )
    return Answer(
        {
            "currency": currency,
            "from": found.start,
            "to": found.end,
            "opening": found.opening,
            "closing": found.closing,
            "movements": [present_movement(row, currency) for row in found.rows],
        }
    )


@api.endpoint(
    "GET",
    "/customers/{customer_id}/statement.csv",
    permission="billing:read",
    summary="A link to a customer's statement as CSV",
    query=StatementQuery,
    answer=PaperFileAnswer,
    customers=True,
)
def get_statement_csv(request: Request) -> Answer:
    """The link."""
    return answer_file(statement_files.find_statement_csv(request.deps, _question(request)))


@api.endpoint(
    "GET",
    "/customers/{customer_id}/statement.pdf",
    permission="billing:read",
    summary="A link to a customer's statement as PDF",
    query=StatementQuery,
    answer=PaperFileAnswer,
    statuses=(202,),
    customers=True,
)
def get_statement_pdf(request: Request) -> Answer:
    """The link, or 202 while the PDF is being drawn; 409 template_failed with the reason when it cannot be."""
    return answer_file(statement_files.find_statement_pdf(request.deps, _question(request)))


def _question(request: Request) -> StatementQuestion:
    query: StatementQuery = request.query
    customer_id = request.path["customer_id"]
    return StatementQuestion(customer_id=customer_id, first=query.first, last=query.last, known_at=query.known_at)


def answer_file(found: PaperFile) -> Answer:
    """The link to a file, or that it is being drawn."""
    shown = {"url": found.url, "expires_at": found.expires_at}
    if found.url is None:
        return Answer({"status": "rendering", **shown}, status=202, headers={"Retry-After": str(RENDERING_SECONDS)})
    return Answer({"status": "ready", **shown})


def present_movement(row: StatementRow, currency: str) -> dict[str, Any]:
    """A row of the statement."""
    movement = row.movement
    return {
        "date": movement.date,
        "kind": movement.kind,
        "number": movement.number or None,
        "reference": movement.reference or None,
        "debit": quantise(movement.debit, currency),
        "credit": quantise(movement.credit, currency),
        "balance": row.balance,
    }
