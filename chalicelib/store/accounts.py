"""All that billing reads of a customer in one query: profile, package assignments and billing clock lie side by side."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import NotFound
from chalicelib.domain.packages import Assignment
from chalicelib.store import clock, codec, keys
from chalicelib.store.retry import retried
from chalicelib.store.tables import AssignmentItem, BillingItem, ClockItem, CustomerItem


@dataclass(frozen=True, slots=True)
class Account:
    """A customer as billing sees it; `clock` is None until the customer first had a schedule."""

    customer: Customer
    assignments: tuple[Assignment, ...]
    clock: clock.Clock | None


def get_account(customer_id: str) -> Account:
    """The customer with its assignments and clock, read consistently; NotFound for an unknown id."""
    customer, assignments, found_clock = None, [], None
    for item in _query(customer_id):
        if isinstance(item, CustomerItem):
            customer = codec.restore(Customer, item.doc)
        elif isinstance(item, AssignmentItem):
            assignments.append(codec.restore(Assignment, item.doc))
        elif isinstance(item, ClockItem):
            found_clock = clock.from_item(item)
    if customer is None:
        raise NotFound("customer", customer_id)
    return Account(customer, tuple(assignments), found_clock)


@retried
def _query(customer_id: str) -> list[BillingItem]:
    span = BillingItem.sk.between(keys.PROFILE, keys.CLOCK)
    return list(BillingItem.query(keys.customer_pk(customer_id), span, consistent_read=True))
