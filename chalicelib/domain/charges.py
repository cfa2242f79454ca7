"""Charges: what an assignment owes on which date, in money.

Decides prices only; which interval is due when is in `instalments`. It does not know what was invoiced: the same assignment and
window always give the same charges, and claimed days see to it that each is billed once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext

from chalicelib.domain.billed_charges import BilledCharge
from chalicelib.domain.customer import Frequency
from chalicelib.domain.instalments import Instalment, Unused, due_in, first_due, settlement_day, unused_of
from chalicelib.domain.invoice import LineKind
from chalicelib.domain.money import PRECISION, ZERO, quantise
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.periods import ONE_DAY, Period
from chalicelib.domain.tax import Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What falls on `day` and covers `start_date` to `end_date` (inclusive).

    Credits have a negative quantity, so that unit prices stay positive (EN 16931 BR-27). `tax` None means the customer's.
    """

    kind: LineKind
    assignment_id: str
    package_id: str
    day: date
    start_date: date
    end_date: date
    quantity: Decimal
    unit_price: Decimal
    description: str
    tax: Tax | None


def _always(_day: date) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFacts:
    """What charges depend on besides the assignment and its package.

    `usage_net`: the exact usage of every interval that `usage_intervals_needed` names. `billed`: what an invoice asks for a
    charge, and `credited`: what credit notes took back of it, by the first day of the interval charged. `is_charged`: False for
    days that are never billed (before the customer's billing start).
    """

    currency: str
    usage_net: Mapping[Period, Decimal] = field(default_factory=dict)
    billed: Mapping[date, BilledCharge] = field(default_factory=dict)
    credited: Mapping[date, Decimal] = field(default_factory=dict)
    is_charged: Callable[[date], bool] = _always


def plan_charges(assignment: Assignment, package: Package, window: Period, facts: ChargeFacts) -> list[Charge]:
    """Every charge whose day lies in the window: setup, recurring or one-off, minimum-spend top-ups, credits for unused time.

    KeyError when `facts.usage_net` lacks an interval: a top-up without its usage would be wrong in silence.
    """
    if package.frequency is Frequency.NONE:
        return [*_setup(assignment, package, window), *_one_off(assignment, package, window)]
    plan = _Pricing(assignment, package, facts)
    charges = [plan.charge(instalment) for instalment in due_in(assignment, package, window)]
    credits_due = [plan.credit(unused) for unused in _unused_in(assignment, package, window)]
    return [*_setup(assignment, package, window), *(one for one in (*charges, *credits_due) if one is not None)]


def usage_intervals_needed(assignment: Assignment, package: Package, window: Period) -> tuple[Period, ...]:
    """The intervals whose usage decides the minimum-spend charges of the window: all of it, whichever invoices bill it.

    Usage belongs to an interval by the day of the call, so late usage counts where it was made.
    """
    if not package.minimum_spend or package.frequency is Frequency.NONE:
        return ()
    due = [instalment.served for instalment in due_in(assignment, package, window)]
    unused = _unused_in(assignment, package, window)
    settled = [period for one in unused for period in (one.instalment.served, one.earned) if period is not None]
    return tuple(sorted({*due, *settled}))


def creditable_instalments(assignment: Assignment, package: Package, window: Period) -> tuple[Instalment, ...]:
    """The instalments that the window's credits are for: what was billed for them, and came back since, bounds the credit."""
    if package.frequency is Frequency.NONE:
        return ()
    return tuple(unused.instalment for unused in _unused_in(assignment, package, window))


def _unused_in(assignment: Assignment, package: Package, window: Period) -> list[Unused]:
    is_settled = window.start <= settlement_day(assignment) < window.end
    return unused_of(assignment, package) if is_settled else []


def _title(assignment: Assignment, package: Package) -> str:
    return assignment.description if assignment.description is not None else package.description or package.name


def _one_off(assignment: Assignment, package: Package, window: Period) -> list[Charge]:
    """A one-off item is charged once, on the start date, whatever its end."""
    day = assignment.start_date
    if not window.start <= day < window.end:
        return []
    return [
        Charge(
            kind=LineKind.PACKAGE,
            assignment_id=assignment.id,
            package_id=package.id,
            day=day,
            start_date=day,
            end_date=day,
            quantity=assignment.quantity,
            unit_price=package.unit_price if assignment.unit_price is None else assignment.unit_price,
            description=_title(assignment, package),
            tax=package.tax,
        )
    ]


def _setup(assignment: Assignment, package: Package, window: Period) -> list[Charge]:
    """The setup price, once per assignment (not per unit), on the first charge date; nothing when there is none."""
    price = package.setup_price if assignment.setup_price is None else assignment.setup_price
    first = first_due(assignment, package) if price else None
    if not price or first is None or not window.start <= first < window.end:
        return []
    return [
        Charge(
            kind=LineKind.SETUP,
            assignment_id=assignment.id,
            package_id=package.id,
            day=first,
            start_date=first,
            end_date=first,
            quantity=Decimal(1),
            unit_price=price,
            description=f"Setup: {_title(assignment, package)}",
            tax=package.tax,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Puts prices on the instalments of one assignment."""

    assignment: Assignment
    package: Package
    facts: ChargeFacts

    @property
    def unit_price(self) -> Decimal:
        """The assignment's own price, else the package's."""
        return self.package.unit_price if self.assignment.unit_price is None else self.assignment.unit_price

    def charge(self, instalment: Instalment) -> Charge | None:
        """The instalment's charge; None for a minimum spend that was reached."""
        if self.package.minimum_spend:
            top_up = self.amount(instalment.full, instalment.served)
            return self._charge(LineKind.MINIMUM_SPEND, instalment, Decimal(1), top_up) if top_up else None
        if self.package.prorate and instalment.is_partial:
            return self._charge(LineKind.PACKAGE, instalment, Decimal(1), self.amount(instalment.full, instalment.served))
        return self._charge(LineKind.PACKAGE, instalment, self.assignment.quantity, self.unit_price)

    def credit(self, unused: Unused) -> Charge | None:
        """Charged − earned, at most what is left of the charge after credit notes; None when nothing is left to give back.

        Taxed as the charge was.
        """
        instalment = unused.instalment
        first = instalment.served.start
        billed = self.facts.billed.get(first)
        charged = billed.amount if billed else self.amount(instalment.full, instalment.served)
        amount = charged - max(self._earned(unused, charged), self.facts.credited.get(first, ZERO))
        if amount <= 0 or not self.facts.is_charged(instalment.day):
            return None
        start = unused.earned.end if unused.earned else first
        rest = Instalment(settlement_day(self.assignment), instalment.full, Period(start, instalment.served.end))
        charge = self._charge(LineKind.CREDIT, rest, Decimal(-1), amount)
        return replace(charge, tax=billed.tax) if billed else charge

    def amount(self, full: Period, served: Period) -> Decimal:
        """Price of the served days, rounded once: the whole, or exactly days / days with proration; less usage for minimum spend.

        Usage is rounded before it is taken off, as it is on the usage lines, so that usage and top-up add up to the price.
        """
        with localcontext(prec=PRECISION):
            price = self.assignment.quantity * self.unit_price
            if self.package.prorate:
                price = price * (served.end - served.start).days / (full.end - full.start).days
        rounded = quantise(price, self.facts.currency)
        if not self.package.minimum_spend:
            return rounded
        return max(ZERO, rounded - quantise(self.facts.usage_net[served], self.facts.currency))

    def _earned(self, unused: Unused, charged: Decimal) -> Decimal:
        """What the used part costs: without proration, all that was charged."""
        if unused.earned is None:
            return ZERO
        return self.amount(unused.instalment.full, unused.earned) if self.package.prorate else charged

    def _charge(self, kind: LineKind, instalment: Instalment, quantity: Decimal, unit_price: Decimal) -> Charge:
        return Charge(
            kind=kind,
            assignment_id=self.assignment.id,
            package_id=self.package.id,
            day=instalment.day,
            start_date=instalment.served.start,
            end_date=instalment.served.last_day,
            quantity=quantity,
            unit_price=unit_price,
            description=self._description(kind, instalment),
            tax=self.package.tax,
        )

    def _description(self, kind: LineKind, instalment: Instalment) -> str:
        title = _title(self.assignment, self.package)
        if self.package.prorate and instalment.is_partial:
            served, full = ((period.end - period.start) // ONE_DAY for period in (instalment.served, instalment.full))
            title = f"{title} ({served} of {full} days)"
        return f"{_PREFIX[kind]}{title}"


_PREFIX = {LineKind.PACKAGE: "", LineKind.MINIMUM_SPEND: "Minimum spend: ", LineKind.CREDIT: "Credit for unused time: "}
