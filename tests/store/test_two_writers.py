"""Two writers who read the same state: one of them wins, the other is told, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.packages import Assignment, Package
from chalicelib.store import assignments, customers, packages
from chalicelib.store.clock import build_clock
from chalicelib.store.settings import get_settings, save_settings
from chalicelib.store.tables import LedgerItem
from tests.support.builders import NOW, a_customer
from tests.support.cloud import Cloud

FLAT = Package(id="flat", name="Flat", created_at=NOW, updated_at=NOW)
NOVEMBER = date(2026, 11, 1)
ASSIGNED = Assignment(id="a1", customer_id="acme", package_id="flat", start_date=NOVEMBER, created_at=NOW, updated_at=NOW)


@pytest.fixture
def acme(cloud: Cloud) -> None:
    """The customer acme and the package flat."""
    customer = a_customer()
    customers.put_customer(customer, build_clock(customer, None, 2), 1, 1)
    packages.put_package(FLAT)


def bill(day: date) -> None:
    """Let a run claim a day of acme."""
    LedgerItem("C#acme", f"L#{day:%Y-%m}", days={f"{day:%d}": "20261101#R"}, owners={"20261101#R": "run"}).save()


def test_settings_are_saved_once_per_version(cloud: Cloud) -> None:
    """Also the very first save, of settings that were never stored."""
    first = save_settings(replace(OperatorSettings(), name="First"))
    with pytest.raises(Conflict, match="stale_version"):
        save_settings(replace(OperatorSettings(), name="Second"))
    save_settings(replace(first, name="Third"))
    with pytest.raises(Conflict, match="stale_version"):
        save_settings(replace(first, name="Fourth"))
    assert get_settings().name == "Third"


def test_a_customer_is_saved_once_per_version(acme: None) -> None:
    """The second to save is refused, and to delete too."""
    read = customers.get_customer("acme")
    customers.save_customer(replace(read, name="First"), None, 1, 1)
    with pytest.raises(Conflict, match="stale_version"):
        customers.save_customer(replace(read, name="Second"), None, 1, 1)
    with pytest.raises(Conflict, match="stale_version"):
        customers.delete_customer(read, ())
    assert customers.get_customer("acme").name == "First"


def test_the_same_new_customer_is_met_again_and_another_refused(acme: None) -> None:
    """Putting it twice is putting it once; another customer under its id is a conflict."""
    customer = a_customer()
    customers.put_customer(customer, build_clock(customer, None, 2), 1, 1)
    with pytest.raises(Conflict, match="already_exists"):
        customers.put_customer(replace(customer, name="Other"), build_clock(customer, None, 2), 1, 1)


@pytest.mark.parametrize("shards", [1, 4])
def test_the_list_of_customers_is_one_however_many_shards(cloud: Cloud, shards: int) -> None:
    """Pages are in order of name, complete and without repetition."""
    names = [f"Customer {n:02}" for n in range(11)]
    for name in reversed(names):
        customer = a_customer(id=name.lower().replace(" ", "-"), name=name)
        customers.put_customer(customer, build_clock(customer, None, 2), shards, 1)
    found, cursor = customers.list_customers("", 4, None, shards)
    pages = [found]
    while cursor:
        found, cursor = customers.list_customers("", 4, cursor, shards)
        pages.append(found)
    assert [len(page) for page in pages] == [4, 4, 3]
    assert [customer.name for page in pages for customer in page] == names


def test_a_package_is_saved_once_per_version(acme: None) -> None:
    """The second to save or delete is refused; putting it again changes nothing."""
    packages.save_package(replace(FLAT, name="First"), only_unassigned=False)
    packages.put_package(FLAT)
    with pytest.raises(Conflict, match="stale_version"):
        packages.save_package(replace(FLAT, name="Second"), only_unassigned=False)
    with pytest.raises(Conflict, match="stale_version"):
        packages.delete_package(FLAT)
    assert packages.load_packages()["flat"].name == "First"


def test_a_package_assigned_meanwhile_is_neither_rebuilt_nor_deleted(acme: None) -> None:
    """Who read it while nobody had it, and changes or deletes it after somebody got it, is refused."""
    assignments.put_assignment(ASSIGNED, [NOVEMBER])
    with pytest.raises(Conflict, match="stale_version"):
        packages.save_package(replace(FLAT, prorate=True), only_unassigned=True)
    with pytest.raises(Conflict, match="in_use"):
        packages.delete_package(FLAT)


def test_no_assignment_begins_on_a_day_billed_meanwhile(acme: None) -> None:
    """A run that claims the day between check and write wins."""
    bill(NOVEMBER)
    with pytest.raises(Conflict, match="stale_version"):
        assignments.put_assignment(ASSIGNED, [NOVEMBER])
    assert assignments.find_assignment("acme", "a1") is None


@pytest.mark.parametrize("gone", ["customer", "package"])
def test_nothing_is_assigned_of_or_to_what_was_deleted_meanwhile(acme: None, gone: str) -> None:
    """Customer and package must still be there when the assignment is written."""
    if gone == "customer":
        customers.delete_customer(customers.get_customer("acme"), ())
    else:
        packages.delete_package(FLAT)
    with pytest.raises(Conflict, match="stale_version"):
        assignments.put_assignment(ASSIGNED, [NOVEMBER])


def test_an_assignment_put_twice_is_there_once(acme: None) -> None:
    """A repetition meets its own."""
    assignments.put_assignment(ASSIGNED, [NOVEMBER])
    assignments.put_assignment(ASSIGNED, [NOVEMBER])
    assert assignments.list_assignments("acme", 10, None) == ([ASSIGNED], None)


def test_an_end_is_not_set_on_a_day_billed_meanwhile(acme: None) -> None:
    """The day that settles the end must still be unbilled when it is saved, or its credit would never be billed."""
    assignments.put_assignment(ASSIGNED, [NOVEMBER])
    end = NOVEMBER + timedelta(days=40)
    bill(end)
    with pytest.raises(Conflict, match="stale_version"):
        assignments.save_assignment(replace(ASSIGNED, end_date=end), [end])
    assert assignments.save_assignment(replace(ASSIGNED, end_date=end), [end + timedelta(days=1), NOVEMBER]).version == 2


def test_assignments_are_listed_page_by_page(acme: None) -> None:
    """Oldest first, complete, without the customer itself."""
    made = [replace(ASSIGNED, id=f"a{n}") for n in range(5)]
    for each in made:
        assignments.put_assignment(each, [NOVEMBER])
    first, cursor = assignments.list_assignments("acme", 3, None)
    second, end = assignments.list_assignments("acme", 3, cursor)
    assert [*first, *second] == made
    assert end is None
