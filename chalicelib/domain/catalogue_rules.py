"""What a package may be, and what may still change once customers have it. What it charges is in `charges`."""

from __future__ import annotations

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Issue
from chalicelib.domain.line_rules import validate_tax
from chalicelib.domain.packages import Package

_LAST_MATCH_DAY = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 31}

FIXED_ONCE_ASSIGNED = ("frequency", "match_days", "charge", "prorate", "minimum_spend")
"""What decides which interval was charged when: changed under an assignment, it would charge days again or never."""


def validate_package(package: Package) -> list[Issue]:
    """Every issue of a package.

    >>> [issue.path for issue in validate_package_days(Frequency.WEEKLY, (1, 8, 1))]
    ['match_days.1', 'match_days']
    """
    issues = validate_package_days(package.frequency, package.match_days)
    if package.tax is not None:
        issues += validate_tax(package.tax, "tax")
    if package.minimum_spend and package.frequency is Frequency.NONE:
        issues.append(Issue("minimum_spend", "invalid_value", "A one-off item has no interval whose usage could be looked at."))
    return issues


def validate_package_days(frequency: Frequency, match_days: tuple[int, ...]) -> list[Issue]:
    """The issues of match days: weekdays 1-7, or days of the month 1-31, each once; none for other frequencies."""
    last = _LAST_MATCH_DAY.get(frequency, 0)
    allowed = f"between 1 and {last}" if last else f"left out for the frequency {frequency}"
    issues = [
        Issue(f"match_days.{position}", "invalid_value", f"A match day must be {allowed}.")
        for position, day in enumerate(match_days)
        if not 1 <= day <= last
    ]
    if len(set(match_days)) < len(match_days):
        issues.append(Issue("match_days", "invalid_value", "Name each match day once."))
    return issues


def fixed_changes(before: Package, after: Package) -> list[str]:
    """The changed fields that are fixed once the package is assigned; a price too, where unused parts of it are credited."""
    fixed = FIXED_ONCE_ASSIGNED if not before.prorate else (*FIXED_ONCE_ASSIGNED, "unit_price")
    return [name for name in fixed if getattr(before, name) != getattr(after, name)]
