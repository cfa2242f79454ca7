"""What can go wrong, in four kinds, and the one catalogue of stable codes.

Callers switch on `code`, never on text. This module knows no HTTP status and no AWS name; the edges translate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CODES: dict[str, str] = {
    # conflicts with the present state
    "already_exists": "An object with this id or key exists already.",
    "stale_version": "The object changed since it was read; read it again and repeat.",
    "wrong_state": "The action is not allowed in the object's present state.",
    "day_already_billed": "Some of the days are on an invoice already.",
    "has_documents": "The customer has documents; set its status to inactive instead of deleting it.",
    "in_use": "The object is still referred to by others.",
    "has_payments": "The invoice has payments or credits; take them back first.",
    "payment_allocated": "The payment is allocated to invoices; take the allocations back first.",
    "over_allocated": "The amount exceeds what is unallocated on the payment or due on the invoice.",
    "over_credited": "The credit exceeds what is left of the invoice, a line or a tax group.",
    "over_refunded": "The refund exceeds the unallocated part of the payment.",
    "job_open": "An allocation in steps is still running for the customer; ask again when it is done.",
    "stale_plan": "The plan no longer fits the present state; ask for a new preview.",
    "idempotency_mismatch": "This Idempotency-Key was used with another request body.",
    "idempotency_in_progress": "A request with this Idempotency-Key is still running.",
    "issued_locked": "Issued invoices are locked by the settings; make a credit note instead.",
    "total_below_paid": "The total cannot drop below what is paid and credited.",
    "date_order": "The series keeps date order; an earlier date than its last is not possible.",
    "not_ready": "The document is not there yet.",
    # input that breaks a rule by itself
    "invalid_request": "Some fields are not valid; see the issues.",
    "required": "The field is required.",
    "unknown_field": "The field is not known here.",
    "invalid_type": "The value has the wrong type.",
    "invalid_value": "The value is not allowed here.",
    "invalid_date": "The value is not a calendar date or instant.",
    "invalid_amount": "The value is not a decimal amount of the currency.",
    "too_long": "The value is too long.",
    "unknown_currency": "The currency is not an ISO 4217 code in use.",
    "unknown_timezone": "The time zone is not in the IANA time zone database.",
    "unknown_customer": "There is no customer with this id.",
    "unknown_package": "There is no package with this id.",
    "unknown_invoice": "There is no invoice with this id.",
    "unknown_payment": "There is no payment with this id.",
    "unknown_line": "The invoice has no line with this id.",
    "reason_required": "This tax category needs a reason text.",
    "negative_total": "An invoice total cannot be negative; make a credit note.",
    "currency_mismatch": "Amounts of different currencies cannot be combined.",
    "customer_mismatch": "The objects belong to different customers.",
    "day_not_closed": "Some of the days are not over yet (settling hours included).",
    "nothing_to_bill": "The days carry neither usage nor charges.",
    "start_already_billed": "An assignment may not start on a day that is already billed.",
    "too_many_days": "More days, weeks or months than one invoice, file or answer may cover.",
    "too_many_items": "More items than one request may carry.",
    "unknown_host": "The name of the host leads nowhere.",
    "forbidden_address": "The host must lead to public addresses only.",
    "no_schedule": "The customer has no invoice schedule.",
    "number_format": "The number format lacks {number} or has an unknown field.",
    # usage files
    "not_text": "The file is not UTF-8 text.",
    "not_tabular": "The file is neither CSV nor JSON Lines.",
    "empty_file": "The file holds no records.",
    "wrong_header": "The CSV header lacks required columns.",
    "truncated_gzip": "The gzip file is truncated or damaged.",
    "wrong_format": "The file is not of the format that was named.",
    "file_too_large": "The file expands beyond the limit.",
    "source_changed": "The file was replaced or removed while it was being imported; upload it again.",
    "duplicate_call": "The call was in an earlier batch, or earlier in this file.",
    # edges
    "malformed_json": "The body is not JSON.",
    "missing_header": "A required header is missing.",
    "precondition_required": "Send If-Match with the ETag of the object you read.",
    "unauthenticated": "Credentials are missing or not valid.",
    "forbidden": "The credentials do not carry the permission.",
    "not_found": "There is no such object.",
    "method_not_allowed": "The path does not know this method.",
    "payload_too_large": "The request body is too large; use an upload instead.",
    "rate_limited": "Too many requests; repeat later.",
    "unavailable": "A service is busy; repeat the request later.",
    "internal_error": "An unexpected error; quote the request id.",
    # documents
    "template_failed": "The document template could not be rendered.",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One complaint about input: where (`path`, dotted, list positions as numbers), which code, and the fix in words."""

    path: str
    code: str
    message: str


class BillingError(Exception):
    """Base of the four kinds; `details` are plain values for the answer's extra members."""

    def __init__(self, code: str, message: str = "", *, issues: tuple[Issue, ...] = (), **details: Any) -> None:
        """Refuse a code that the catalogue lacks, so that none can be invented in passing."""
        if code not in CODES:
            raise KeyError(code)
        self.code = code
        self.message = message or CODES[code]
        self.issues = issues
        self.details = details
        super().__init__(f"{code}: {self.message}")


class Invalid(BillingError):
    """The input breaks rules by itself; carries every issue at once."""

    @classmethod
    def of(cls, *issues: Issue) -> Invalid:
        """Collect issues under one error whose code is that of a single issue, else `invalid_request`."""
        code = issues[0].code if len(issues) == 1 else "invalid_request"
        message = "; ".join(f"{issue.path}: {issue.message}" if issue.path else issue.message for issue in issues[:3])
        return cls(code, message, issues=tuple(issues))


class NotFound(BillingError):
    """An id in a path or message names nothing (or somebody else's object)."""

    def __init__(self, entity: str, entity_id: str) -> None:
        """Name what was looked for."""
        super().__init__("not_found", f"There is no {entity} {entity_id!r}.")


class Conflict(BillingError):
    """The request is fine but the present state forbids it."""


class Unavailable(BillingError):
    """A dependency is throttled, contended or unreachable; the same call may go through later."""

    def __init__(self, message: str = "") -> None:
        """Carry the reason for the log; the caller only learns to repeat."""
        super().__init__("unavailable", message)
