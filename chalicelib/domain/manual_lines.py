"""Lines as a clerk gives them: what is not given comes from the line's package, from the line as it was, or from the customer.

Only fills in; what the result may be is judged in `line_rules`, and amounts are calculated in `totals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from chalicelib.domain.errors import Issue
from chalicelib.domain.invoice import Line
from chalicelib.domain.packages import Package
from chalicelib.domain.tax import Tax

OPTIONAL_DATES = frozenset({"start_date", "end_date"})
"""Fields that null empties; for any other field null means "not given"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """What a clerk gave of a line. An `id` that the document does not have makes a new line.

    `given` has values by field name of `Line`: description, start_date, end_date, quantity, unit, unit_price,
    discount_percent, tax.
    """

    id: str | None = None
    package_id: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)


def build_lines(
    inputs: Sequence[LineInput], *, packages: Mapping[str, Package], tax: Tax, old: Sequence[Line]
) -> tuple[tuple[Line, ...], list[Issue]]:
    """The lines meant, and every issue: an unknown package, a new line without a price. `tax` is the customer's.

    A line with the id of an old one keeps what is not given, always its kind, usage and the invoice it refers to. A tax without a
    name takes the customer's.
    """
    known = {line.id: line for line in old}
    fresh = _highest(old)
    lines, issues = [], []
    for position, one in enumerate(inputs):
        package = packages.get(one.package_id or "")
        if one.package_id and package is None:
            issues.append(Issue(f"lines.{position}.package_id", "unknown_package", "There is no package with this id."))
        before = known.get(one.id or "")
        if before is None:
            fresh += 1
            before = _empty(str(fresh), tax)
            if one.given.get("unit_price") is None and not one.package_id:
                issues.append(Issue(f"lines.{position}.unit_price", "required", "Give a unit price, or a package that has one."))
        line = _filled(before, one, package)
        lines.append(replace(line, tax=line.tax.named(tax.name)))
    return tuple(lines), issues


def _empty(line_id: str, tax: Tax) -> Line:
    return Line(id=line_id, unit_price=Decimal(0), tax=tax)


def _filled(line: Line, one: LineInput, package: Package | None) -> Line:
    if package is not None and package.id != line.package_id:
        line = _chosen(line, package)
    given = {name: value for name, value in one.given.items() if value is not None or name in OPTIONAL_DATES}
    return replace(line, **given)


def _chosen(line: Line, package: Package) -> Line:
    """The line after the package was chosen for it; everything stays editable."""
    return replace(
        line,
        package_id=package.id,
        description=package.description or package.name,
        quantity=package.quantity,
        unit_price=package.unit_price,
        tax=package.tax or line.tax,
    )


def _highest(old: Sequence[Line]) -> int:
    """The highest counted line id, so that an id once printed never names another line of the same document."""
    return max((int(line.id) for line in old if line.id.isdecimal()), default=0)
