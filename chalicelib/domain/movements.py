"""What moved a customer's balance, as the rows of a statement. Allocations only match what moved, so they make none.

A payment that was cancelled never counted, by business dates; a void document did, from its date to the day it was voided,
and a refund to the day it was taken back. What a credit note gave moves as the credit note and not once more as the payment that
keeps it; refunding it does.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.history import History, void_date
from chalicelib.domain.invoice import Invoice, InvoiceKind
from chalicelib.domain.money import ZERO
from chalicelib.domain.payment import Payment, PaymentState, Refund
from chalicelib.domain.statement import Movement, MovementKind


def list_movements(history: History) -> list[Movement]:
    """Every movement of the account, in no order."""
    counted = [payment for payment in history.payments if payment.status is PaymentState.COMPLETED]
    ids = {payment.id for payment in counted}
    return [
        *(movement for document in history.documents for movement in _of_document(document)),
        *(_of_payment(payment) for payment in counted if payment.credit_note_id is None),
        *(movement for refund in history.refunds if refund.payment_id in ids for movement in _of_refund(refund)),
    ]


def _of_document(document: Invoice) -> Iterable[Movement]:
    is_invoice = document.kind is InvoiceKind.INVOICE
    debit, credit = (document.total, ZERO) if is_invoice else (ZERO, document.total)
    number = document.number or ""
    yield Movement(
        date=document.invoice_date,
        kind=MovementKind.INVOICE if is_invoice else MovementKind.CREDIT_NOTE,
        number=number,
        debit=debit,
        credit=credit,
        entered_at=document.issued_at or document.created_at,
    )
    ended = void_date(document)
    if ended is not None and document.voided_at is not None:
        yield Movement(
            date=ended, kind=MovementKind.VOID, number=number, debit=credit, credit=debit, entered_at=document.voided_at
        )


def _of_payment(payment: Payment) -> Movement:
    return Movement(
        date=payment.date,
        kind=MovementKind.PAYMENT,
        reference=payment.reference,
        debit=ZERO,
        credit=payment.amount,
        entered_at=payment.completed_at or payment.created_at,
    )


def _of_refund(refund: Refund) -> Iterable[Movement]:
    """Money went back; where that was taken back, the customer's credit is there again from that day on."""
    yield Movement(
        date=refund.date,
        kind=MovementKind.REFUND,
        reference=refund.reference,
        debit=refund.amount,
        credit=ZERO,
        entered_at=refund.created_at,
    )
    if refund.reversed_at is not None and refund.reversed_date is not None:
        yield Movement(
            date=refund.reversed_date,
            kind=MovementKind.REFUND_REVERSAL,
            reference=refund.reference,
            debit=ZERO,
            credit=refund.amount,
            entered_at=refund.reversed_at,
        )
