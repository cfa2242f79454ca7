"""Reconciliation: do the books hold what the rules promise? Recalculates with arithmetic of its own and changes nothing.

It shares with billing the layout of items and the rules in docs/design.md, none of its decisions. Work under way may look like a
finding for moments, so whatever is found is looked at again; what stays is a bug, or somebody's hand in the tables.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain

from chalicelib.domain.errors import Unavailable
from chalicelib.services.deps import Deps
from chalicelib.services.reconcile_amounts import check_amounts
from chalicelib.services.reconcile_credits import check_credits
from chalicelib.services.reconcile_days import check_days
from chalicelib.services.reconcile_documents import check_documents
from chalicelib.services.reconcile_findings import Finding
from chalicelib.services.reconcile_money import check_money
from chalicelib.services.reconcile_numbers import Place, check_numbers, check_part, find_first_place
from chalicelib.services.reconcile_usage import check_usage
from chalicelib.store.accounts import Account, get_account
from chalicelib.store.books import Books, StoredUsage, load_books, load_usage
from chalicelib.store.customers import list_of_shards
from chalicelib.store.settings import get_settings
from chalicelib.store.shards import LISTS, shards_to_read

log = logging.getLogger(__name__)

READERS = 8
"""Customers looked at side by side, for each means waiting for answers; as many as there are connections to share."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The findings of a page of customers, how many those were, and where to go on."""

    findings: tuple[Finding, ...]
    checked: int
    next_cursor: str | None


def reconcile_customer(customer_id: str) -> tuple[Finding, ...]:
    """Every finding about one customer; NotFound for an unknown one."""
    return _confirm(_look_at(customer_id), lambda: _look_at(customer_id))


def _look_at(customer_id: str) -> tuple[Finding, ...]:
    account = get_account(customer_id)
    return check_books(account, load_books(customer_id), load_usage(customer_id))


def _confirm(found: Sequence[Finding], look_again: Callable[[], Sequence[Finding]]) -> tuple[Finding, ...]:
    """Those that are still there at a second look, which is spared where nothing was found."""
    again = look_again() if found else ()
    return tuple(one for one in found if one in again)


def check_books(account: Account, books: Books, usage: Sequence[StoredUsage]) -> tuple[Finding, ...]:
    """Every finding about a customer, from its books and roll-ups as they were read."""
    figures = tuple(finding for invoice in books.invoices for finding in check_amounts(invoice))
    return (
        *check_numbers(books),
        *check_days(books, account),
        *check_usage(books, usage, account.customer.currency),
        *figures,
        *check_money(books),
        *check_credits(books),
        *check_documents(books),
    )


def reconcile_series() -> tuple[Finding, ...]:
    """Every finding about the number series."""
    findings: list[Finding] = []
    place = find_first_place()
    while place is not None:
        found, place = reconcile_part(place)
        findings += found
    return tuple(findings)


def reconcile_part(place: Place) -> tuple[tuple[Finding, ...], Place | None]:
    """The findings about some blocks of numbers, and the place to go on from; None when every series was looked at."""
    order = get_settings().date_order
    found, following = check_part(order, place)
    return _confirm(found, lambda: check_part(order, place)[0]), following


def reconcile_page(deps: Deps, limit: int, cursor: str | None) -> Reconciliation:
    """The findings of a page of customers by name; the first page also has those of the number series."""
    page = reconcile_customers(shards_to_read(LISTS, deps.settings.list_shards), limit, cursor)
    return page if cursor else replace(page, findings=(*reconcile_series(), *page.findings))


def reconcile_customers(shards: Iterable[int], limit: int, cursor: str | None) -> Reconciliation:
    """The findings of a page of customers by name, of some shards of their list; they are looked at side by side."""
    customers, following = list_of_shards(shards, "", limit, cursor)
    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(_reconcile_whatever, [customer.id for customer in customers]))
    return Reconciliation(tuple(chain.from_iterable(found)), len(customers), following)


def _reconcile_whatever(customer_id: str) -> tuple[Finding, ...]:
    """The findings about a customer; books that nobody can read are one, so that they do not hide those of others."""
    return _confirm(_look_whatever(customer_id), lambda: _look_whatever(customer_id))


def _look_whatever(customer_id: str) -> tuple[Finding, ...]:
    try:
        return _look_at(customer_id)
    except Unavailable:
        raise
    except Exception as error:
        log.exception("books of customer %s cannot be read", customer_id)
        return (Finding("unreadable", customer_id, type(error).__name__),)
