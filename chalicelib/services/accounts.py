"""A customer's account: the balance now, and the statement over some days."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.domain.balance import Balance, calculate_balance
from chalicelib.domain.date_rules import validate_span
from chalicelib.domain.errors import Invalid
from chalicelib.domain.history import check_known_at, restrict_to_known
from chalicelib.domain.movements import list_movements
from chalicelib.domain.periods import local_date
from chalicelib.domain.statement import Statement, calculate_statement
from chalicelib.services.deps import Deps
from chalicelib.store.customers import get_customer
from chalicelib.store.history import load_history
from chalicelib.store.invoice_batches import load_summaries
from chalicelib.store.payments import load_money


def get_balance(deps: Deps, customer_id: str) -> Balance:
    """What the customer owes and has now; NotFound."""
    customer = get_customer(customer_id)
    payments, _refunds = load_money(customer_id)
    return calculate_balance(customer.currency, load_summaries(customer_id), payments, deps.clock())


def get_statement(
    deps: Deps, customer_id: str, *, first: date | None, last: date | None, known_at: datetime | None
) -> tuple[str, Statement]:
    """The currency, and the account from `first` to `last`, both inclusive; by default from the first movement to today.

    As known at an instant, today is the customer's day of that instant. Raises NotFound; Invalid when the days are the wrong way
    round or the instant is to come.
    """
    check_known_at(known_at, deps.clock())
    customer = get_customer(customer_id)
    history = load_history(customer_id, known_at)
    movements = list_movements(history if known_at is None else restrict_to_known(history, known_at))
    end = last or local_date(known_at or deps.clock(), customer.timezone)
    start = first or min([end, *(movement.date for movement in movements)])
    if issues := validate_span(start, end):
        raise Invalid.of(*issues)
    return customer.currency, calculate_statement(movements, start=start, end=end, currency=customer.currency, known_at=known_at)
