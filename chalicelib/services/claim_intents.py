"""Which days a chunk means to claim, for which invoices: written down once, before the first claim.

Whoever drives the chunk later claims exactly these days, whatever has changed since: the customer's schedule, its clock, the
settings. So a claim whose maker died is always found again by its chunk. Reads and decides; claims nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.errors import BillingError, Unavailable
from chalicelib.domain.ledger import unclaimed
from chalicelib.domain.periods import Period, missing_periods
from chalicelib.services.catalogue import Catalogue
from chalicelib.store import codec, keys, ledger, objects
from chalicelib.store.accounts import Account, get_account
from chalicelib.store.ledger import LedgerMonth
from chalicelib.store.runs import Chunk

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intent:
    """Days to claim for one invoice, printed as `period`. `is_exact`: all of them or none (ticked by hand)."""

    customer_id: str
    suffix: str
    period: Period
    days: tuple[date, ...]
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """An invoice that another chunk has in hand."""

    customer_id: str
    suffix: str
    owner: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a customer was not billed."""

    customer_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Through:
    """A customer is billed through `day` once the chunk is done; its clock stood at `before` with `mark`."""

    customer_id: str
    day: date
    before: date | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Intents:
    """All of a chunk. `through`: up to which day each customer is looked after by it, for the billing clocks."""

    intents: tuple[Intent, ...] = ()
    through: tuple[Through, ...] = ()
    failures: tuple[Failure, ...] = ()
    held: tuple[Foreign, ...] = ()


@dataclass(slots=True)
class Known:
    """What was read on the way, so that it is not read again: accounts by customer, ledger months by (customer, month)."""

    accounts: dict[str, Account] = field(default_factory=dict)
    months: Mapping[tuple[str, str], LedgerMonth] = field(default_factory=dict)

    def account(self, customer_id: str) -> Account:
        """The account, read now if it was not before; NotFound for an unknown customer."""
        if customer_id not in self.accounts:
            self.accounts[customer_id] = get_account(customer_id)
        return self.accounts[customer_id]

    def months_of(self, customer_id: str) -> dict[str, LedgerMonth]:
        """The months known of a customer."""
        return {month: value for (customer, month), value in self.months.items() if customer == customer_id}


def build_intents(catalogue: Catalogue, customer_ids: Sequence[str], frequency: str, known: Known) -> Intents:
    """What is missing now: the free days of every closed period.

    `frequency` guards against schedules that were changed since the customers were listed.
    """
    wanted, failures = _find_periods(catalogue, customer_ids, frequency, known)
    known.months = ledger.load_months(_months(wanted))
    found = [_intend(customer_id, periods, known.months_of(customer_id)) for customer_id, periods in wanted.items()]
    return Intents(
        intents=tuple(intent for intents, _ in found for intent in intents),
        through=tuple(_through(known.account(customer_id), periods) for customer_id, periods in wanted.items()),
        failures=tuple(failures),
        held=tuple(one for _, held in found for one in held),
    )


def _find_periods(
    catalogue: Catalogue, customer_ids: Sequence[str], frequency: str, known: Known
) -> tuple[dict[str, list[Period]], list[Failure]]:
    """The periods to bill by customer, of those that have any, and who cannot be billed."""
    wanted: dict[str, list[Period]] = {}
    failures = []
    for customer_id in customer_ids:
        try:
            periods = periods_to_bill(known.account(customer_id), frequency, catalogue)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # one customer's bad data must not stop the others
            failures.append(build_failure(customer_id, error))
        else:
            if periods:
                wanted[customer_id] = periods
    return wanted, failures


def build_failure(customer_id: str, error: Exception) -> Failure:
    """Why a customer cannot be billed; of what is no refusal of ours, the log keeps the trace."""
    if isinstance(error, BillingError):
        return Failure(customer_id, error.code, error.message)
    log.error("customer %s cannot be billed", customer_id, exc_info=error)
    return Failure(customer_id, "internal_error", "The customer could not be billed; see the log.")


def periods_to_bill(account: Account, frequency: str, catalogue: Catalogue) -> list[Period]:
    """The customer's closed periods that its clock says are missing; none when its schedule is not of this frequency."""
    customer, clock = account.customer, account.clock
    schedule = customer.schedule
    if clock is None or not clock.plan or schedule is None or customer.billing_start is None:
        return []
    if schedule.frequency.value != frequency:
        return []
    return missing_periods(
        schedule,
        start=customer.billing_start,
        billed_through=clock.billed_through,
        zone=customer.timezone,
        settling_hours=catalogue.settings.settling_hours,
        as_of=catalogue.as_of,
    )


def keep_intents(chunk: Chunk, intents: Intents) -> Intents:
    """Write the intents down unless the chunk has some already; the ones that count from now on."""
    key = _key(chunk)
    if objects.put_object_once(key, codec.dump(intents)):
        return intents
    return find_intents(chunk) or intents


def find_intents(chunk: Chunk) -> Intents | None:
    """The intents of a chunk, None while there are none."""
    raw = objects.find_object(_key(chunk))
    return None if raw is None else codec.load(Intents, raw)


def _intend(customer_id: str, periods: Iterable[Period], months: Mapping[str, LedgerMonth]) -> tuple[list[Intent], list[Foreign]]:
    intents: list[Intent] = []
    held: list[Foreign] = []
    billed = ledger.to_day_ledger(months)
    for period in periods:
        free = unclaimed(period.days(), billed)
        if free:
            suffix = ledger.next_suffix(free[0], months[keys.month_of(free[0])])
            intents.append(Intent(customer_id, suffix, period, free))
        else:
            held += [Foreign(customer_id, *one) for one in ledger.held_by_chunks(period.days(), months)]
    return intents, held


def _through(account: Account, periods: Sequence[Period]) -> Through:
    before, mark = (account.clock.billed_through, account.clock.mark) if account.clock else (None, "")
    return Through(account.customer.id, periods[-1].last_day, before, mark)


def _months(wanted: Mapping[str, list[Period]]) -> list[tuple[str, str]]:
    found = []
    for customer_id, periods in wanted.items():
        months = {keys.month_of(day): None for period in periods for day in (period.start, period.last_day)}
        found += [(customer_id, month) for month in months]
    return found


def _key(chunk: Chunk) -> str:
    return objects.chunk_key(chunk.run_id, chunk.number).replace(".json", ".intents.json")
