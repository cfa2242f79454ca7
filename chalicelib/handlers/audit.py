"""`…/history`: who did what to an object, when, and what it changed. Read only, and for staff."""

from __future__ import annotations

from chalicelib.domain.audit import AuditEntry, ObjectKind
from chalicelib.domain.audit_subjects import SETTINGS
from chalicelib.handlers.api import Api
from chalicelib.handlers.requests import PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services.audit_log import list_history

api = Api(__name__)


@api.endpoint(
    "GET",
    "/invoices/{invoice_id}/history",
    permission="billing:read",
    summary="What was done to an invoice, its allocations included, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_invoice_history(request: Request) -> Answer:
    """A page of an invoice's history; a deleted draft keeps its own."""
    return _answer(request, (ObjectKind.INVOICE, request.path["invoice_id"]))


@api.endpoint(
    "GET",
    "/payments/{payment_id}/history",
    permission="billing:read",
    summary="What was done to a payment, its allocations and refunds included, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_payment_history(request: Request) -> Answer:
    """A page of a payment's history."""
    return _answer(request, (ObjectKind.PAYMENT, request.path["payment_id"]))


@api.endpoint(
    "GET",
    "/customers/{customer_id}/history",
    permission="billing:read",
    summary="What was done to a customer and its packages, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_customer_history(request: Request) -> Answer:
    """A page of a customer's history; a deleted customer keeps its own."""
    return _answer(request, (ObjectKind.CUSTOMER, request.path["customer_id"]))


@api.endpoint(
    "GET",
    "/packages/{package_id}/history",
    permission="billing:read",
    summary="What was done to a package, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_package_history(request: Request) -> Answer:
    """A page of a package's history; a deleted package keeps its own."""
    return _answer(request, (ObjectKind.PACKAGE, request.path["package_id"]))


@api.endpoint(
    "GET",
    "/bank-statements/{statement_id}/history",
    permission="billing:read",
    summary="What was decided about the entries of a bank statement, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_bank_statement_history(request: Request) -> Answer:
    """A page of the decisions about a statement's entries."""
    return _answer(request, (ObjectKind.BANK_STATEMENT, request.path["statement_id"]))


@api.endpoint(
    "GET",
    "/settings/history",
    permission="settings:write",
    summary="What was done to settings, templates and API keys, newest first",
    query=PageQuery,
    answer=Page[AuditEntry],
)
def list_settings_history(request: Request) -> Answer:
    """A page of the history of the settings."""
    return _answer(request, SETTINGS)


def _answer(request: Request, history: tuple[ObjectKind, str]) -> Answer:
    return Answer(page(*list_history(history, request.query.limit, request.query.cursor)))
