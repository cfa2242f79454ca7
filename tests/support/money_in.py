"""A clerk at work on payments: short ways to record, allocate and count what is where. Uses the services as handlers do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import Any

from chalicelib.domain.allocation import AllocationStrategy
from chalicelib.domain.drafting import NewInvoice
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.manual_lines import LineInput
from chalicelib.domain.money import total
from chalicelib.domain.payment import Payment, Use
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import Allocated, allocate_payment
from chalicelib.services.deps import Deps
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.payments import NewPayment, record_payment
from chalicelib.store.allocations import load_allocations
from chalicelib.store.invoice_batches import load_invoices
from chalicelib.store.invoices import get_invoice
from chalicelib.store.payments import get_payment, load_money
from tests.support.builders import tax
from tests.support.world import World


@dataclass(slots=True)
class Clerk:
    """Works in a world; invoices are without tax, so that amounts are easy to follow."""

    world: World = field(default_factory=World)

    def invoice(self, price: str = "10.00", customer_id: str = "acme", **fields: Any) -> Invoice:
        """An issued invoice over the price."""
        line = LineInput(given={"description": "Work", "unit_price": Decimal(price), "tax": tax(0)})
        new = replace(NewInvoice(customer_id=customer_id, lines=(line,)), **fields)
        return create_invoice(self.world.deps, new, issue=True)

    def payment(self, amount: str = "10.00", customer_id: str = "acme", **fields: Any) -> Payment:
        """A completed payment."""
        return record_payment(self.world.deps, NewPayment(customer_id=customer_id, amount=Decimal(amount), **fields))

    def allocate(self, payment: Payment, *amounts: tuple[Invoice, str], deps: Deps | None = None, **fields: Any) -> Allocated:
        """Allocate by hand."""
        lines = [(invoice.id, Decimal(amount)) for invoice, amount in amounts]
        command = AllocatePayment(payment_id=payment.id, amounts=lines, **fields)
        return allocate_payment(deps or self.world.deps, command)

    def allocate_by(self, payment: Payment, strategy: AllocationStrategy, **fields: Any) -> Allocated:
        """Allocate by strategy."""
        return allocate_payment(self.world.deps, AllocatePayment(payment_id=payment.id, strategy=strategy, **fields))


def repeatable(deps: Deps, first: int = 900) -> Deps:
    """Dependencies of one request: made again with the same arguments, they give the same ids again."""
    ids = count(first)
    return replace(deps, new_id=lambda: f"{next(ids):08d}")


def effective(rows: Iterable[Use]) -> Decimal:
    """The sum of the allocations or refunds that were not taken back."""
    return total(row.amount for row in rows if row.reversed_at is None)


def check_books(customer_id: str, invoice_ids: Iterable[str]) -> None:
    """Money is conserved: every amount on payments and invoices is what allocations and credit notes say, none below zero."""
    rows = load_allocations(customer_id)
    payments, refunds = load_money(customer_id)
    for payment in payments:
        assert payment.allocated == effective(row for row in rows if row.payment_id == payment.id)
        assert payment.refunded == effective(refund for refund in refunds if refund.payment_id == payment.id)
        assert payment.unallocated >= 0
    invoices = load_invoices(list(invoice_ids))
    for invoice in invoices.values():
        assert invoice.amount_paid == effective(row for row in rows if row.invoice_id == invoice.id)
        notes = load_invoices(invoice.credit_note_ids)
        assert invoice.amount_credited == total(note.total for note in notes.values())
        assert invoice.amount_refunded == total(payment.amount for payment in payments if payment.credit_note_id in notes)
        assert invoice.amount_due >= 0


def left_of(payment: Payment) -> str:
    """What is unallocated now."""
    return str(get_payment(payment.id).unallocated)


def due_on(invoice: Invoice) -> str:
    """What is due now."""
    return str(get_invoice(invoice.id).amount_due)
