"""Rules of settings, customers, packages and credentials that need no table to be tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.access import Actor, ApiKey
from chalicelib.domain.assignments import check_uncharged, needs_uncharged
from chalicelib.domain.catalogue_rules import fixed_changes, validate_package
from chalicelib.domain.customer import Address, Frequency, Schedule
from chalicelib.domain.customer_rules import validate_currency_kept, validate_customer, with_billing_start
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.party_rules import validate_address, validate_email
from chalicelib.domain.settings_rules import MAX_LOGO_TEXT, change_settings, validate_number_format, validate_settings
from chalicelib.domain.tax import TaxCategory
from tests.support.builders import NOW, a_customer, settings, tax

FLAT = Package(id="flat", name="Flat", created_at=NOW, updated_at=NOW)
ASSIGNED = Assignment(
    id="a1", customer_id="acme", package_id="flat", start_date=date(2026, 11, 1), created_at=NOW, updated_at=NOW
)


@pytest.mark.parametrize("email", ["ap@example.com", "a.b+c@mail.example.co.uk", "ünï@exämple.de", ""])
def test_takes_email_addresses(email: str) -> None:
    """What mail systems deliver to is taken, and so is no address at all."""
    assert validate_email(email) == []


@pytest.mark.parametrize(
    "email", ["ap", "ap@", "@example.com", "a b@example.com", "a@b", "a@b..c", "<a@b.c>", "a@b.c,d@e.f", f"a@{'b' * 250}.de"]
)
def test_refuses_what_no_mail_reaches(email: str) -> None:
    """Names, lists and addresses with display names are no addresses."""
    assert [issue.path for issue in validate_email(email)] == ["email"]


def test_countries_are_iso_codes() -> None:
    """GB and XK are countries, UK and EU are not."""
    assert [code for code in ("GB", "XK", "UK", "EU", "gb") if validate_address(Address(country=code))] == ["UK", "EU", "gb"]


def test_a_logo_text_beyond_any_image_is_too_long() -> None:
    """No image of the allowed size takes so many characters."""
    issues = validate_settings(settings(logo="x" * (MAX_LOGO_TEXT + 1)))
    assert [(issue.path, issue.code) for issue in issues] == [("logo", "too_long")]


def test_the_short_number_format_counts_where_the_series_stays() -> None:
    """Of both names of the format, the changed one counts; two different changes contradict each other."""
    current = settings()
    assert change_settings(current, {}, "A-{number}").invoice_series.format == "A-{number}"
    assert change_settings(current, {}, None) == current
    changed = change_settings(current, {"invoice_series": {"format": "B-{number}"}}, "A-{number}")
    assert changed.invoice_series.format == "B-{number}"
    assert [issue.path for issue in validate_number_format(current, changed, "A-{number}")] == ["number_format"]
    assert validate_number_format(current, changed, current.invoice_series.format) == []


def test_a_sound_customer_has_no_issues() -> None:
    """The usual customer, and one with every option, are fine."""
    schedule = Schedule(frequency=Frequency.MONTHLY, anchor=31)
    assert validate_customer(a_customer(schedule=schedule, tax=tax(0, TaxCategory.REVERSE_CHARGE), invoice_due_days=0)) == []


def test_a_customer_keeps_its_currency() -> None:
    """A change of currency is an issue, no change is none."""
    before = a_customer()
    assert validate_currency_kept(before, replace(before, name="x")) == []
    assert [issue.path for issue in validate_currency_kept(before, replace(before, currency="USD"))] == ["currency"]


def test_billing_starts_when_the_schedule_is_switched_on() -> None:
    """Without schedule there is no start; a start that is given stays."""
    today = date(2026, 11, 15)
    scheduled = a_customer(schedule=Schedule(frequency=Frequency.DAILY))
    assert with_billing_start(a_customer(), today).billing_start is None
    assert with_billing_start(scheduled, today).billing_start == today
    assert with_billing_start(replace(scheduled, billing_start=date(2026, 1, 1)), today).billing_start == date(2026, 1, 1)


def test_a_package_is_judged_as_a_whole() -> None:
    """All its issues come at once."""
    wrong = replace(
        FLAT, frequency=Frequency.NONE, match_days=(1, 1), minimum_spend=True, tax=tax(20, TaxCategory.EXEMPT, reason="")
    )
    paths = [issue.path for issue in validate_package(wrong)]
    assert paths == ["match_days.0", "match_days.1", "match_days", "tax.percent", "tax.reason", "minimum_spend"]
    assert validate_package(replace(FLAT, match_days=(1, 15, 31), tax=tax())) == []


@pytest.mark.parametrize(
    "frequency, match_days, paths",
    [
        (Frequency.MONTHLY, (1, 31), []),
        (Frequency.MONTHLY, (0, 15, 32), ["match_days.0", "match_days.2"]),
        (Frequency.WEEKLY, (1, 8), ["match_days.1"]),
        (Frequency.DAILY, (1,), ["match_days.0"]),
        (Frequency.NONE, (), []),
    ],
)
def test_match_days_out_of_range_are_named(frequency: Frequency, match_days: tuple[int, ...], paths: list[str]) -> None:
    """Each impossible match day gives an issue at its place."""
    issues = validate_package(replace(FLAT, frequency=frequency, match_days=match_days))
    assert [issue.path for issue in issues] == paths


def test_what_charges_rest_on_is_fixed_and_the_price_where_parts_are_credited() -> None:
    """Names and prices may change, intervals may not; with proration the price neither."""
    cheaper = replace(FLAT, name="Flat S", unit_price=Decimal(1))
    assert fixed_changes(FLAT, cheaper) == []
    assert fixed_changes(FLAT, replace(cheaper, match_days=(5,))) == ["match_days"]
    prorated = replace(FLAT, prorate=True)
    assert fixed_changes(prorated, replace(prorated, unit_price=Decimal(1))) == ["unit_price"]


@pytest.mark.parametrize(
    "changed,prorate,expected", [({"start_date"}, False, True), ({"quantity"}, False, False), ({"quantity"}, True, True)]
)
def test_which_changes_need_that_nothing_was_charged(changed: set[str], prorate: bool, expected: bool) -> None:
    """The start always, quantity and price where unused parts are credited."""
    assert needs_uncharged(changed, replace(FLAT, prorate=prorate)) is expected


def test_an_assignment_is_charged_once_a_day_from_its_first_charge_date_on_is_billed() -> None:
    """Billed days before the first charge date do not matter; one that ends before anything is due is never charged."""
    first = date(2026, 11, 1)
    package = replace(FLAT, match_days=(10,))
    check_uncharged(ASSIGNED, package, DayLedger({first: "20261101#R"}))
    with pytest.raises(Conflict, match="2026-11-10 is billed"):
        check_uncharged(ASSIGNED, package, DayLedger({date(2026, 11, 10): "20261110#R"}))
    brief = replace(ASSIGNED, end_date=date(2026, 11, 2))
    check_uncharged(brief, package, DayLedger({date(2026, 11, 10): "20261110#R"}))


def test_a_key_is_valid_until_it_expires() -> None:
    """Without expiry for ever; otherwise up to, and not at, its instant."""
    key = ApiKey(id="k", name="Key", permissions=("billing:read",), created_at=NOW)
    assert key.is_valid(NOW)
    expiring = replace(key, expires_at=NOW)
    assert expiring.is_valid(NOW - timedelta(seconds=1))
    assert not expiring.is_valid(NOW)


def test_an_actor_may_what_its_permissions_say() -> None:
    """Nothing is allowed by itself."""
    assert Actor(subject="x", permissions=frozenset({"billing:read"})).may("billing:read")
    assert not Actor(subject="x").may("billing:read")
