"""The usage summary of a customer: what each day, week or month brought, by the day of the calls, and which invoice billed it.

It adds up and rounds only the two averages. A late call counts on its own day here, though a later day bills it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.errors import Invalid, Issue
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.money import ZERO
from chalicelib.domain.periods import Period, period_containing, periods_between, plus_months
from chalicelib.domain.usage import RollUp, Tally

MAX_ROWS = 366
TENTH = Decimal("0.1")


class Billed(StrEnum):
    """Whether invoices cover a row's days and all of its usage."""

    BILLED = "billed"
    PARTLY = "partly"
    UNBILLED = "unbilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """A day, week or month, `end_date` inclusive.

    `asr` is answered per 100 attempts, `acd_seconds` the average talk time of an answered call; None without such calls.
    `invoice_id` is the one invoice that covers all days, `invoices` are all that bill any of its days or calls. `unbilled_days`
    have begun, and no invoice claims them; `unbilled_charge` waits for an invoice. `closed`: all its days are over.
    """

    start_date: date
    end_date: date
    attempts: int
    connected: int
    asr: Decimal | None
    acd_seconds: Decimal | None
    duration_seconds: int
    billed_seconds: int
    charge: Decimal
    billed: Billed
    invoice_id: str | None
    invoices: tuple[str, ...]
    unbilled_days: tuple[date, ...]
    unbilled_charge: Decimal
    closed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides how days stand: claims, the customer, today, and the last closed day, in the customer's zone."""

    ledger: DayLedger
    customer_id: str
    today: date
    closed_through: date


def summary_periods(granularity: Frequency, schedule: Schedule | None, first: date | None, last: date) -> list[Period]:
    """The whole periods that the asked days lie in; weeks and months begin like the customer's own if it has such a schedule.

    Without `first`: the last 31 days, 12 weeks or 12 months. Raises Invalid for a range that is empty or has too many rows.
    """
    own = schedule if schedule is not None and schedule.frequency is granularity else Schedule(frequency=granularity)
    start = first or _default_start(granularity, period_containing(last, own).start)
    if start > last:
        raise Invalid.of(Issue("from", "invalid_date", "from lies after to."))
    if (last - start).days > MAX_ROWS * _LONGEST[granularity]:
        raise Invalid.of(Issue("from", "too_many_days", f"Ask for at most {MAX_ROWS} rows at a time."))
    return periods_between(own, start, last)


def summarise(roll_ups: Iterable[RollUp], periods: Sequence[Period], standing: Standing) -> list[SummaryRow]:
    """One row per period, empty ones included."""
    by_day: dict[date, dict[date, Tally]] = {}
    for roll_up in roll_ups:
        for day, tally in roll_up.usage.tallies(roll_up.usage.days):
            days = by_day.setdefault(day, {})
            days[roll_up.billing_day] = days.get(roll_up.billing_day, Tally()) + tally
    return [_row(period, by_day, standing) for period in periods]


def _row(period: Period, by_day: Mapping[date, Mapping[date, Tally]], standing: Standing) -> SummaryRow:
    days = period.days()
    entries = [(billing_day, tally) for day in days for billing_day, tally in by_day.get(day, {}).items()]
    tally = sum((tally for _, tally in entries), Tally())
    waiting = sum((tally.charge for day, tally in entries if not standing.ledger.is_billed(day)), ZERO)
    unbilled = tuple(day for day in days if day <= standing.today and not standing.ledger.is_billed(day))
    claimed = [day for day in days if standing.ledger.is_billed(day)]
    invoices = _invoices([*claimed, *(day for day, _ in entries)], standing)
    whole = _invoices(claimed, standing) if len(claimed) == len(days) else ()
    return SummaryRow(
        start_date=period.start,
        end_date=period.last_day,
        attempts=tally.attempts,
        connected=tally.connected,
        asr=_ratio(tally.connected * 100, tally.attempts),
        acd_seconds=_ratio(tally.duration_seconds, tally.connected),
        duration_seconds=tally.duration_seconds,
        billed_seconds=tally.billed_seconds,
        charge=tally.charge,
        billed=_billed(bool(claimed), len(claimed) == len(days) and not _waits(entries, standing)),
        invoice_id=whole[0] if len(whole) == 1 else None,
        invoices=invoices,
        unbilled_days=unbilled,
        unbilled_charge=waiting,
        closed=period.last_day <= standing.closed_through,
    )


def _waits(entries: Iterable[tuple[date, Tally]], standing: Standing) -> bool:
    return any(not standing.ledger.is_billed(day) for day, _ in entries)


def _billed(some: bool, all_of_it: bool) -> Billed:  # noqa: FBT001  # two facts, both named where they are found
    if all_of_it:
        return Billed.BILLED
    return Billed.PARTLY if some else Billed.UNBILLED


def _invoices(days: Iterable[date], standing: Standing) -> tuple[str, ...]:
    """Invoices that claimed the days; days claimed without an invoice (a zero total) name none."""
    found = {standing.ledger.invoice_id(standing.customer_id, day) for day in days if standing.ledger.claims.get(day)}
    return tuple(sorted(one for one in found if one))


def _ratio(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


_LONGEST = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 31}


def _default_start(granularity: Frequency, last_start: date) -> date:
    if granularity is Frequency.DAILY:
        return last_start - timedelta(days=30)
    if granularity is Frequency.WEEKLY:
        return last_start - timedelta(weeks=11)
    year, month = plus_months(last_start.year, last_start.month, -11)
    return date(year, month, min(last_start.day, 28))
