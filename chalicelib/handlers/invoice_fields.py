"""What clients send of invoices: lines, new invoices, changes. Turned into the commands of the domain here and nowhere else."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.drafting import InvoiceChanges, NewInvoice
from chalicelib.domain.invoice import LineKind
from chalicelib.domain.line_rules import MAX_LINES
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.tax import Tax
from chalicelib.handlers.fields import Amount, Day, Id, OneLine, Text
from chalicelib.handlers.party_fields import TaxInput
from chalicelib.handlers.requests import Body

MAX_INVOICE_BODY = 4_000_000
"""Bytes of an invoice with as many lines as fit on one."""
NOT_GIVEN = frozenset(
    {"id", "package_id", "kind", "net", "usage", "assignment_id", "original_invoice_id", "original_invoice_number"}
)
"""Fields of a line that a clerk does not choose freely."""


class InvoiceLineInput(Body):
    """A line. `package_id` fills in description, quantity, unit price and tax unless they are given; tax is else the customer's.

    In a change, a line with the `id` of an existing one keeps what is left out. kind, net, usage and what else the invoice says
    of a line may come back as they were read; they are ignored.
    """

    id: str | None = Field(default=None, max_length=40)
    package_id: Id | None = None
    description: Text | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    quantity: Amount | None = None
    unit: OneLine | None = None
    unit_price: Amount | None = None
    discount_percent: Amount | None = None
    tax: TaxInput | None = None
    kind: LineKind | None = None
    net: Amount | None = None
    usage: dict[str, Any] | None = None
    assignment_id: str | None = None
    original_invoice_id: str | None = None
    original_invoice_number: str | None = None


class InvoiceInput(Body):
    """An invoice by hand. Dates default to today in the customer's zone and the customer's terms; `issue` issues it at once."""

    customer_id: Id
    invoice_date: Day | None = None
    due_date: Day | None = None
    lines: list[InvoiceLineInput] = Field(default=[], max_length=MAX_LINES)
    notes: Text | None = None
    buyer_reference: OneLine = ""
    prices_include_tax: bool | None = None
    issue: bool = False


class InvoiceChange(Body):
    """What is to change; what is left out stays. `lines` replaces all lines."""

    invoice_date: Day | None = None
    due_date: Day | None = None
    lines: list[InvoiceLineInput] | None = Field(default=None, max_length=MAX_LINES)
    notes: Text | None = None
    buyer_reference: OneLine | None = None
    prices_include_tax: bool | None = None
    line_grouping: LineGrouping | None = None


def parse_new(asked: InvoiceInput) -> NewInvoice:
    """The invoice asked for."""
    return NewInvoice(
        customer_id=asked.customer_id,
        invoice_date=asked.invoice_date,
        due_date=asked.due_date,
        lines=tuple(parse_line(line) for line in asked.lines),
        notes=asked.notes,
        buyer_reference=asked.buyer_reference,
        prices_include_tax=asked.prices_include_tax,
    )


def parse_changes(asked: InvoiceChange) -> InvoiceChanges:
    """The changes asked for."""
    return InvoiceChanges(
        invoice_date=asked.invoice_date,
        due_date=asked.due_date,
        lines=None if asked.lines is None else tuple(parse_line(line) for line in asked.lines),
        notes=asked.notes,
        buyer_reference=asked.buyer_reference,
        prices_include_tax=asked.prices_include_tax,
    )


def parse_line(asked: InvoiceLineInput) -> LineInput:
    """The line asked for: only what was sent counts as given."""
    given = {name: getattr(asked, name) for name in asked.model_fields_set - NOT_GIVEN}
    if asked.tax is not None:
        given["tax"] = Tax(**asked.tax.model_dump())
    return LineInput(id=asked.id, package_id=asked.package_id, given=given)
