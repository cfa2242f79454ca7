"""Packages on customers: assigned from a day that is not billed yet, changed, ended, and taken back while nothing was charged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chalicelib.domain.assignments import check_start, check_uncharged, end_assignment, needs_uncharged, validate_span
from chalicelib.domain.customer import CustomerStatus
from chalicelib.domain.errors import Conflict, Invalid, Issue
from chalicelib.domain.instalments import first_due
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.packages import Assignment, PackageStatus
from chalicelib.services.deps import Deps
from chalicelib.services.versions import check_version
from chalicelib.store import assignments as store
from chalicelib.store.customers import get_customer
from chalicelib.store.ledger import load_ledger
from chalicelib.store.packages import find_package, get_package


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPackage:
    """A package for a customer from a day on; `fields` are any other fields of an assignment (`end_date`, prices, …)."""

    customer_id: str
    package_id: str
    start_date: date
    end_date: date | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def assign_package(deps: Deps, command: AssignPackage) -> Assignment:
    """Assign a package. Raises NotFound for the customer, Invalid with every issue, or `start_already_billed`.

    Conflict `wrong_state` for an inactive customer or an archived package.
    """
    customer, package = get_customer(command.customer_id), find_package(command.package_id)
    if package is None:
        raise Invalid.of(_unknown(command.package_id), *validate_span(command.start_date, command.end_date))
    if customer.status is not CustomerStatus.ACTIVE or package.status is not PackageStatus.ACTIVE:
        raise Conflict("wrong_state", "An inactive customer gets no packages, and nobody gets an archived one.")
    ledger = load_ledger(customer.id, command.start_date)
    now = deps.clock()
    bare = Assignment(
        id=deps.new_id(),
        customer_id=customer.id,
        package_id=package.id,
        quantity=package.quantity,
        start_date=command.start_date,
        created_at=now,
        updated_at=now,
    )
    assignment = end_assignment(replace(bare, **command.fields), command.end_date, ledger)
    if store.find_assignment(customer.id, assignment.id) is None:  # a repetition finds its own, whatever was billed since
        check_start(assignment, package, ledger)
        days = {assignment.start_date, first_due(assignment, package) or assignment.start_date}
        store.put_assignment(assignment, sorted(days))
    return assignment


def check_new(customer_id: str, package_id: str | None, start_date: date | None, end_date: date | None) -> None:
    """Raise Invalid with every issue of an assignment to be, None being not known; assigns nothing. NotFound."""
    get_customer(customer_id)
    issues = [] if package_id is None or find_package(package_id) else [_unknown(package_id)]
    if start_date is not None:
        issues += validate_span(start_date, end_date)
    if issues:
        raise Invalid.of(*issues)


def list_assignments(customer_id: str, limit: int, cursor: str | None) -> tuple[list[Assignment], str | None]:
    """A page of a customer's assignments, oldest first; NotFound for an unknown customer."""
    return store.list_assignments(get_customer(customer_id).id, limit, cursor)


def update_assignment(
    deps: Deps, customer_id: str, assignment_id: str, changes: Mapping[str, Any], expected: int | None
) -> Assignment:
    """Change the fields given. Raises Invalid, NotFound, Conflict `stale_version`, `day_already_billed`."""
    before = store.get_assignment(customer_id, assignment_id)
    check_version(before.version, expected)
    changed = {name: value for name, value in changes.items() if value != getattr(before, name)}
    ledger = load_ledger(customer_id, min(before.start_date, changed.get("start_date", before.start_date)))
    untouched = _check_changes(before, changed, ledger)
    end_date = changed.pop("end_date", before.end_date)
    after = end_assignment(replace(before, **changed, updated_at=deps.clock()), end_date, ledger)
    if end_date != before.end_date:
        untouched |= {before.settlement_day, after.settlement_day}
    return store.save_assignment(after, [day for day in untouched if day is not None])


def _check_changes(before: Assignment, changed: Mapping[str, Any], ledger: DayLedger) -> set[date | None]:
    """Refuse what days already billed do not allow; the days that must stay unbilled until the change is saved."""
    unbilled: set[date | None] = set()
    package = get_package(before.package_id)
    if needs_uncharged(changed, package):
        check_uncharged(before, package, ledger)
        unbilled.add(first_due(before, package))
    if "start_date" in changed:
        check_start(replace(before, start_date=changed["start_date"]), package, ledger)
        unbilled.add(changed["start_date"])
    return unbilled


def delete_assignment(customer_id: str, assignment_id: str, expected: int | None) -> None:
    """Take an assignment back that was never charged. Raises NotFound, Conflict `day_already_billed`, `stale_version`."""
    assignment = store.get_assignment(customer_id, assignment_id)
    check_version(assignment.version, expected)
    package = get_package(assignment.package_id)
    check_uncharged(assignment, package, load_ledger(customer_id, assignment.start_date))
    due = first_due(assignment, package)
    store.delete_assignment(assignment, [due] if due is not None else [])


def _unknown(package_id: str) -> Issue:
    return Issue("package_id", "unknown_package", f"There is no package {package_id!r}.")
