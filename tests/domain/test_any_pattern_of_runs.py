"""Missed, doubled, shuffled and overlapping runs, days billed by hand and voids come to what one late run would have billed.

A simulation over the rules alone; what the store adds is tried in tests/services/test_any_pattern_of_runs.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.customer import Frequency, Schedule
from chalicelib.domain.ledger import DayLedger, unclaimed
from chalicelib.domain.periods import ONE_DAY, Period, closed_through, missing_periods

ZONES = st.sampled_from(["UTC", "Africa/Cairo", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"])
SCHEDULES = st.one_of(
    st.just(Schedule(frequency=Frequency.DAILY)),
    st.integers(1, 7).map(lambda anchor: Schedule(frequency=Frequency.WEEKLY, anchor=anchor)),
    st.sampled_from([1, 15, 28, 29, 30, 31]).map(lambda anchor: Schedule(frequency=Frequency.MONTHLY, anchor=anchor)),
)
HOURS = st.integers(0, 24 * 120)


@dataclass(slots=True)
class Books:
    """A customer's claimed days, invoices and billing clock."""

    schedule: Schedule
    zone: str
    start: date
    through: date | None = None
    invoices: dict[str, tuple[date, ...]] = field(default_factory=dict)
    voided: int = 0

    def at(self, hours: int) -> datetime:
        """An instant after the start."""
        return datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC) + timedelta(hours=hours)

    def missing(self, hours: int) -> list[Period]:
        """What a run finds missing."""
        return missing_periods(
            self.schedule,
            start=self.start,
            billed_through=self.through,
            zone=self.zone,
            settling_hours=2,
            as_of=self.at(hours),
        )

    def bill(self, periods: list[Period]) -> None:
        """One invoice over the free days of each period; the clock goes on, and never back."""
        for period in periods:
            self.claim(period.days())
            self.through = max(self.through or period.last_day, period.last_day)

    def bill_by_hand(self, hours: int, first: int, count: int) -> None:
        """Ticked days that are over, none of them billed."""
        wanted = [self.start + n * ONE_DAY for n in range(first, first + count)]
        over = closed_through(self.zone, 2, self.at(hours))
        if wanted[-1] <= over and unclaimed(wanted, self.ledger) == tuple(wanted):
            self.claim(wanted)

    def claim(self, days: list[date] | tuple[date, ...]) -> None:
        """The free days go on one invoice."""
        free = unclaimed(days, self.ledger)
        if free:
            self.invoices[f"{len(self.invoices) + self.voided}"] = free

    def void(self, choice: int) -> None:
        """An invoice is taken back; its days are free, and the clock looks at them again."""
        if self.invoices:
            name = sorted(self.invoices)[choice % len(self.invoices)]
            days = self.invoices.pop(name)
            self.voided += 1
            if self.through is not None:
                self.through = min(self.through, days[0] - ONE_DAY)

    @property
    def ledger(self) -> DayLedger:
        """The claims of all invoices."""
        return DayLedger({day: name for name, days in self.invoices.items() for day in days})

    def do(self, action: tuple[str, int, int]) -> None:
        """One thing that happens."""
        kind, hours, other = action
        if kind == "run":
            self.bill(self.missing(hours))
        elif kind == "overlap":
            first, second = self.missing(hours), self.missing(other)
            self.bill(second)
            self.bill(first)
        elif kind == "hand":
            self.bill_by_hand(hours, other % 100, 1 + other % 5)
        else:
            self.void(other)


ACTIONS = st.lists(st.tuples(st.sampled_from(["run", "run", "overlap", "hand", "void"]), HOURS, HOURS), max_size=12)


@settings(max_examples=100)
@given(SCHEDULES, ZONES, st.dates(date(2024, 1, 1), date(2028, 8, 1)), ACTIONS)
def test_any_pattern_bills_what_one_late_run_bills(
    schedule: Schedule, zone: str, start: date, actions: list[tuple[str, int, int]]
) -> None:
    """After a last run every day of every closed period is on exactly one invoice, so the total is that of one run too."""
    end = 24 * 125
    books, once = Books(schedule, zone, start), Books(schedule, zone, start)
    for action in actions:
        books.do(action)
    books.do(("run", end, 0))
    once.do(("run", end, 0))
    expected = [day for days in once.invoices.values() for day in days]
    billed = sorted(day for days in books.invoices.values() for day in days)
    assert len(billed) == len(set(billed))
    assert [day for day in billed if day <= max(expected)] == sorted(expected)
    assert books.through == once.through
