"""Deciding about an entry of a bank statement: a clerk confirms whose payment it is and what it pays, or dismisses it.

A dismissal is taken back by confirming, a confirmation by cancelling its payment and confirming again.

The decision is written first, once. What follows (payment, allocation) has ids that come from the entry, so whoever carries it
out again, by repeating the request or from the sweep, meets what was done and does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.bank_entry import BankEntry, EntryState
from chalicelib.domain.bank_statement import Decision, ListedEntry
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.payment import Payment, PaymentState
from chalicelib.domain.payment_rules import TEXT_LIMITS
from chalicelib.services.allocation_plans import AllocatePayment, check_amounts
from chalicelib.services.allocations import allocate_payment
from chalicelib.services.deps import Deps
from chalicelib.services.idempotency import as_of_first_try
from chalicelib.services.payments import NewPayment, check_new, record_payment
from chalicelib.store import bank_entries as store
from chalicelib.store import keys
from chalicelib.store.acting import current_actor
from chalicelib.store.contention import replanned
from chalicelib.store.customers import get_customer
from chalicelib.store.payer_accounts import forget_payer, record_payer
from chalicelib.store.payments import find_payment
from chalicelib.store.queue import send_messages

METHOD = "bank_transfer"
MESSAGE = "confirm_bank_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEntry:
    """Whose payment the entry is, and how much of it goes to which invoices at once.

    `not_a_duplicate`: somebody looked, and it is other money than the entry that it was taken for. `proposed_at` is that of the
    proposals that the clerk saw, which must still be the entry's (None: any).
    """

    statement_id: str
    entry_id: str
    customer_id: str
    allocations: Sequence[tuple[str, Decimal]] = ()
    not_a_duplicate: bool = False
    proposed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The entry as it is now, and the payment it became."""

    listed: ListedEntry
    payment: Payment


def confirm_entry(deps: Deps, command: ConfirmEntry) -> Confirmed:
    """Record the payment and allocate it; the same confirmation again answers with the same payment.

    Raises NotFound; Invalid with every issue; Conflict wrong_state for an entry that was decided otherwise, stale_plan where
    other proposals were made since, over_allocated.
    """
    return replanned(lambda: _confirm(deps, command))


def check_confirmation(deps: Deps, command: ConfirmEntry) -> None:
    """Raise Invalid with every issue of the confirmation of an entry by itself; NotFound. Changes nothing."""
    entry = store.get_entry(command.statement_id, command.entry_id).entry
    check_new(deps, _new_payment(entry, command.customer_id))
    _check_allocations(deps, entry, command)


def dismiss_entry(deps: Deps, statement_id: str, entry_id: str, note: str) -> ListedEntry:
    """Say that the entry is no payment; again changes nothing. Raises NotFound, Conflict wrong_state."""
    return replanned(lambda: _dismiss(deps, statement_id, entry_id, note))


def carry_out(deps: Deps, statement_id: str, entry_id: str) -> None:
    """Do what is left of a confirmation that was cut off; nothing where nothing is open."""
    listed = store.get_entry(statement_id, entry_id)
    if listed.state is EntryState.CONFIRMING:
        _carry_out(deps, listed)


def send_confirmation(statement_id: str, entry_id: str) -> None:
    """Have the work queue carry a confirmation out."""
    send_messages([{"type": MESSAGE, "statement_id": statement_id, "entry_id": entry_id}])


def carry_out_message(deps: Deps, message: dict[str, Any]) -> None:
    """Carry out the confirmation that a message names."""
    carry_out(deps, str(message["statement_id"]), str(message["entry_id"]))


def get_entry(statement_id: str, entry_id: str) -> ListedEntry:
    """The entry; NotFound."""
    return store.get_entry(statement_id, entry_id)


def _confirm(deps: Deps, command: ConfirmEntry) -> Confirmed:
    listed = store.get_entry(command.statement_id, command.entry_id)
    if may_be_confirmed(listed, not_a_duplicate=command.not_a_duplicate):
        if command.proposed_at not in {None, listed.proposed_at}:
            raise Conflict("stale_plan", "Other proposals were made for the entry since; look at it again.")
        check_confirmation(deps, command)
        store.decide_entry(listed, _decide(deps, listed, command))
        listed = store.get_entry(command.statement_id, command.entry_id)
    if not _is_decided_so(listed, command):
        asked = " without not_a_duplicate" if listed.state is EntryState.DUPLICATE else " so"
        raise Conflict("wrong_state", f"The entry is {listed.state}; it cannot be confirmed{asked}.")
    return _carry_out(deps, listed)


def may_be_confirmed(listed: ListedEntry, *, not_a_duplicate: bool) -> bool:
    """Whether nothing is booked of an entry, or what was booked was cancelled, which is for ever."""
    if listed.state is EntryState.DUPLICATE:
        return not_a_duplicate
    if listed.state is EntryState.CONFIRMED and listed.payment_id:
        payment = find_payment(listed.payment_id)
        return payment is not None and payment.status is PaymentState.CANCELLED
    return listed.state in {EntryState.PENDING, EntryState.DISMISSED}


def _is_decided_so(listed: ListedEntry, command: ConfirmEntry) -> bool:
    decision = listed.decision
    same = decision and (decision.customer_id, list(decision.allocations)) == (command.customer_id, list(command.allocations))
    return bool(same) and listed.state in {EntryState.CONFIRMING, EntryState.CONFIRMED}


def _decide(deps: Deps, listed: ListedEntry, command: ConfirmEntry) -> Decision:
    return Decision(
        customer_id=command.customer_id,
        at=deps.clock(),
        by=current_actor(),
        allocations=tuple(command.allocations),
        instead_of=listed.payment_id or "",
    )


def _try_name(listed: ListedEntry, decision: Decision) -> str:
    """What one decision about one entry is known by; an entry that is no duplicate shares its identity with another."""
    return f"{listed.statement_id}/{listed.entry.id}/{decision.instead_of}"


def _carry_out(deps: Deps, listed: ListedEntry) -> Confirmed:
    """Record, allocate, note. Every step may have been done before."""
    decision = listed.decision
    if decision is None:
        raise AssertionError("an entry that is being confirmed has its decision")
    once = as_of_first_try(deps, "bank", _try_name(listed, decision), decision.at)
    payment = record_payment(once, _new_payment(listed.entry, decision.customer_id))
    if listed.state is EntryState.CONFIRMING:
        problem = _allocate(deps, listed, decision, payment)
        _remember_payer(listed.entry.account, decision)
        store.settle_entry(listed, payment.id, problem)
        listed = store.get_entry(listed.statement_id, listed.entry.id)
    return Confirmed(listed=listed, payment=find_payment(payment.id) or payment)


def _remember_payer(account: str, decision: Decision) -> None:
    """Whom the account pays for; no longer whom a cancelled payment was of."""
    if account and decision.instead_of:
        forget_payer(account, keys.parse_payment_id(decision.instead_of)[0])
    if account:
        record_payer(account, decision.customer_id)


def _allocate(deps: Deps, listed: ListedEntry, decision: Decision, payment: Payment) -> str:
    """Allocate as decided; why not, where an invoice was paid by somebody else since: the payment stays, unallocated."""
    if not decision.allocations:
        return ""
    once = as_of_first_try(deps, "bank allocation", _try_name(listed, decision), decision.at)
    try:
        allocate_payment(once, AllocatePayment(payment_id=payment.id, amounts=decision.allocations))
    except (Conflict, Invalid) as error:
        return f"{error.code}: {error.message}"
    return ""


def _new_payment(entry: BankEntry, customer_id: str) -> NewPayment:
    """The payment that an entry becomes; its reference is what the payer wrote, else the bank's."""
    return NewPayment(
        customer_id=customer_id,
        amount=entry.amount,
        currency=entry.currency,
        date=entry.date,
        method=METHOD,
        reference=(entry.remittance or entry.reference)[: TEXT_LIMITS["reference"]].strip(),
    )


def _check_allocations(deps: Deps, entry: BankEntry, command: ConfirmEntry) -> None:
    if not command.allocations:
        return
    customer = get_customer(command.customer_id)
    if customer.create_invoice_on_payment:
        message = "Payments of this customer create the invoice that they pay; name none."
        raise Invalid.of(Issue("allocations", "invalid_value", message))
    now = deps.clock()
    payment = Payment(
        id=f"{customer.id}.{entry.date:%Y%m%d}.0",
        customer_id=customer.id,
        amount=entry.amount,
        currency=entry.currency,
        date=entry.date,
        created_at=now,
        updated_at=now,
    )
    check_amounts(payment, command.allocations)


def _dismiss(deps: Deps, statement_id: str, entry_id: str, note: str) -> ListedEntry:
    listed = store.get_entry(statement_id, entry_id)
    if listed.state is EntryState.DISMISSED:
        return listed
    if listed.state is not EntryState.PENDING:
        raise Conflict("wrong_state", f"An entry that is {listed.state} cannot be dismissed.")
    store.dismiss_entry(listed, Decision(at=deps.clock(), by=current_actor()), note)
    return store.get_entry(statement_id, entry_id)
