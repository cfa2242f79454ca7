"""Reports over all customers: how old open amounts are, and where every document number went."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from chalicelib.domain.ageing import AgeingRow
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Day, Id, Instant, OneLine
from chalicelib.handlers.requests import Query, Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import ageing, numbering_report
from chalicelib.services.ageing import AgeingQuestion

api = Api(__name__)

MAX_PART = 1000


class AgeingAmounts(BaseModel):
    """Open amounts by days past due; `total` adds them, `unallocated` stands beside them."""

    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    total: Decimal
    unallocated: Decimal


class AgeingCustomer(AgeingAmounts):
    """The amounts of one customer."""

    customer_id: str
    name: str


class AgeingAnswer(BaseModel):
    """Customers that owe or have something, and all of them together; in parts, those of the part."""

    as_of: date
    known_at: datetime | None
    currency: str
    customers: list[AgeingCustomer]
    total: AgeingAmounts
    next_cursor: str | None


class AgeingQuery(Query):
    """On which day, as known when, in which currency (default: now, all that is known, the one in use).

    Of one customer; or, with `limit`, of that many customers at a time, by id, where all would take too long.
    """

    as_of: Day | None = None
    currency: OneLine | None = None
    known_at: Instant | None = None
    customer_id: Id | None = None
    limit: int | None = Field(default=None, ge=1, le=MAX_PART)
    cursor: str | None = Field(default=None, max_length=2000)


class Gap(BaseModel):
    """Numbers without a document, both ends inclusive."""

    first: int
    last: int


class NumberingAnswer(BaseModel):
    """issued + void + numbers in gaps = last − first + 1; null when no number was taken yet."""

    series: str
    first: int | None
    last: int | None
    issued: int
    void: int
    gaps: list[Gap]


class NumberingQuery(Query):
    """Which series; where it restarts yearly `name:year` names an earlier one."""

    series: OneLine | None = None


@api.endpoint(
    "GET",
    "/reports/ageing",
    permission="billing:read",
    summary="Open amounts by age",
    query=AgeingQuery,
    answer=AgeingAnswer,
)
def get_ageing(request: Request) -> Answer:
    """How old what customers owe is."""
    query: AgeingQuery = request.query
    found = ageing.build_ageing(request.deps, AgeingQuestion(**{name: getattr(query, name) for name in AgeingQuery.model_fields}))
    customers = [
        {"customer_id": key, "name": found.names.get(key, ""), **_amounts(row)} for key, row in found.ageing.customers.items()
    ]
    return Answer(
        {
            "as_of": found.as_of,
            "known_at": found.known_at,
            "currency": found.currency,
            "customers": customers,
            "total": _amounts(found.ageing.total),
            "next_cursor": found.next_cursor,
        }
    )


@api.endpoint(
    "GET",
    "/reports/numbering",
    permission="billing:read",
    summary="Every number of a series accounted for",
    query=NumberingQuery,
    answer=NumberingAnswer,
)
def get_numbering(request: Request) -> Answer:
    """Which numbers were taken, what became of them, and any gap."""
    found = numbering_report.build_numbering(request.deps, request.query.series)
    shown = {name: getattr(found, name) for name in NumberingAnswer.model_fields}
    return Answer({**shown, "gaps": [{"first": low, "last": high} for low, high in found.gaps]})


def _amounts(row: AgeingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AgeingAmounts.model_fields}
