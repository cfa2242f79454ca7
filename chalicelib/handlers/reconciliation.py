"""`/reports/reconciliation`: what does not hold in the books, now or at the last daily look. Staff only; repairs nothing."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Id
from chalicelib.handlers.requests import PageQuery, Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import checkup, reconcile
from chalicelib.services.reconcile_findings import CODES, Finding

api = Api(__name__)


class ReconciliationQuery(PageQuery):
    """Whose books; without a customer all, `limit` customers a page, by name."""

    customer_id: Id | None = None
    limit: int = Field(default=50, ge=1, le=200, description="Customers per page.")


class FindingAnswer(BaseModel):
    """A rule that does not hold: its code and meaning, what it is about, and what was seen."""

    code: str
    rule: str
    where: str
    detail: str


class ReconciliationAnswer(BaseModel):
    """Findings of `checked` customers; the first page of all customers also has those of the number series."""

    checked: int
    findings: list[FindingAnswer]
    next_cursor: str | None


@api.endpoint(
    "GET",
    "/reports/reconciliation",
    permission="billing:read",
    summary="Whether the books hold what the rules promise",
    query=ReconciliationQuery,
    answer=ReconciliationAnswer,
)
def get_reconciliation(request: Request) -> Answer:
    """Everything that does not add up; empty when all is well."""
    query: ReconciliationQuery = request.query
    if query.customer_id is not None:
        return Answer(_present(1, reconcile.reconcile_customer(query.customer_id), None))
    found = reconcile.reconcile_page(request.deps, query.limit, query.cursor)
    return Answer(_present(found.checked, found.findings, found.next_cursor))


def _present(checked: int, findings: tuple[Finding, ...], cursor: str | None) -> dict[str, Any]:
    shown = [{"code": one.code, "rule": CODES[one.code], "where": one.where, "detail": one.detail} for one in findings]
    return {"checked": checked, "findings": shown, "next_cursor": cursor}


class CheckupAnswer(BaseModel):
    """The last daily reconciliation: `found` counts its findings, the first 500 are listed. Unfinished, it says how far it is."""

    status: Literal["never", "running", "done"]
    day: dt.date | None
    started_at: datetime | None
    finished_at: datetime | None
    checked: int
    found: int
    findings: list[FindingAnswer]


NEVER: dict[str, Any] = {
    "status": "never",
    "day": None,
    "started_at": None,
    "finished_at": None,
    "checked": 0,
    "found": 0,
    "findings": [],
}


@api.endpoint(
    "GET",
    "/reports/reconciliation/last",
    permission="billing:read",
    summary="What the last daily reconciliation of all books found",
    answer=CheckupAnswer,
)
def get_last_reconciliation(_request: Request) -> Answer:
    """When all books were looked at last, and everything that did not add up then."""
    last = checkup.find_last()
    if last is None:
        return Answer(NEVER)
    shown = [{"code": one.code, "rule": CODES[one.code], "where": one.where, "detail": one.detail} for one in last.findings]
    return Answer(
        {
            "status": "running" if last.place else "done",
            "day": last.day,
            "started_at": last.started_at,
            "finished_at": last.finished_at,
            "checked": last.checked,
            "found": last.found,
            "findings": shown,
        }
    )
