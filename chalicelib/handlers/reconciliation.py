"""`/reports/reconciliation`: what does not hold in the books, by customer. Staff only; finds and repairs nothing."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Id
from chalicelib.handlers.requests import PageQuery, Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import reconcile
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
