"""Package assignments beside their customer. What a change relies on (a day not billed yet) is a condition of its transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.packages import Assignment
from chalicelib.store import codec, keys
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.ledger import add_unbilled_check
from chalicelib.store.packages import add_use
from chalicelib.store.retry import retried
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import AssignmentItem, CustomerItem
from chalicelib.store.transaction import commit


def list_assignments(customer_id: str, limit: int, cursor: str | None) -> tuple[list[Assignment], str | None]:
    """A page of a customer's assignments, oldest first, read consistently, and the cursor to go on with."""
    found = [codec.restore(Assignment, item.doc) for item in _page(customer_id, decode_cursor(cursor) or "", limit + 1)]
    following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return found[:limit], following


def find_assignment(customer_id: str, assignment_id: str) -> Assignment | None:
    """The assignment, or None."""
    item = _find(customer_id, assignment_id)
    return None if item is None else codec.restore(Assignment, item.doc)


def get_assignment(customer_id: str, assignment_id: str) -> Assignment:
    """The assignment; NotFound for an unknown id."""
    assignment = find_assignment(customer_id, assignment_id)
    if assignment is None:
        raise NotFound("assignment", assignment_id)
    return assignment


def put_assignment(assignment: Assignment, unbilled: Sequence[date]) -> None:
    """Keep a new assignment while customer and package exist and none of the days is billed; one that is there is met again.

    Conflict `stale_version` when any of that is no longer so.
    """

    def fill(transaction: TransactWrite) -> None:
        pk = keys.customer_pk(assignment.customer_id)
        transaction.condition_check(CustomerItem, pk, keys.PROFILE, condition=CustomerItem.pk.exists())
        add_unbilled_check(transaction, assignment.customer_id, unbilled)
        transaction.save(_item(assignment), condition=AssignmentItem.pk.does_not_exist())
        add_use(transaction, assignment.package_id)

    try:
        commit(fill)
    except ConditionFailedError as error:
        if find_assignment(assignment.customer_id, assignment.id) is None:
            raise Conflict("stale_version", "Customer, package or billed days changed meanwhile; repeat.") from error


def save_assignment(assignment: Assignment, unbilled: Sequence[date]) -> Assignment:
    """Save a changed assignment that still carries the version it was read with, while none of the days is billed.

    Returns it with its new version; Conflict `stale_version` when somebody changed it, or a run billed a day, in between.
    """
    saved = replace(assignment, version=assignment.version + 1)

    def fill(transaction: TransactWrite) -> None:
        add_unbilled_check(transaction, assignment.customer_id, unbilled)
        transaction.save(_item(saved), condition=AssignmentItem.ver == assignment.version)

    _commit_current(fill)
    return saved


def delete_assignment(assignment: Assignment, unbilled: Sequence[date]) -> None:
    """Delete an assignment as it was read, while none of the days is billed; Conflict `stale_version` otherwise."""
    item = _item(assignment)
    sign_off(item)

    def fill(transaction: TransactWrite) -> None:
        add_unbilled_check(transaction, assignment.customer_id, unbilled)
        transaction.delete(item, condition=AssignmentItem.ver == assignment.version)

    _commit_current(fill)


def _commit_current(fill: Callable[[TransactWrite], None]) -> None:
    try:
        commit(fill)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def _item(assignment: Assignment) -> AssignmentItem:
    pk, sk = keys.customer_pk(assignment.customer_id), keys.assignment_sk(assignment.id)
    return AssignmentItem(pk, sk, ver=assignment.version, doc=codec.plain(assignment))


@retried
def _page(customer_id: str, after: str, limit: int) -> list[AssignmentItem]:
    span = AssignmentItem.sk.between(keys.assignment_sk(f"{after}!"), keys.assignment_sk("~"))
    return list(AssignmentItem.query(keys.customer_pk(customer_id), span, consistent_read=True, limit=limit))


@retried
def _find(customer_id: str, assignment_id: str) -> AssignmentItem | None:
    try:
        return AssignmentItem.get(keys.customer_pk(customer_id), keys.assignment_sk(assignment_id), consistent_read=True)
    except AssignmentItem.DoesNotExist:
        return None
