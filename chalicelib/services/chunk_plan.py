"""What a chunk will do, decided once: claim the intended days, read what lies on them, plan the invoices.

The result is pinned before any number is taken, so it can never change. A customer that cannot be billed leaves the chunk with
its reason; its days are given back once that is pinned, for until then another worker on the same chunk may count on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.domain.errors import CODES, Unavailable
from chalicelib.domain.generation import InvoicePlan
from chalicelib.domain.invoice import Invoice, InvoiceSource
from chalicelib.services.billing_input import load_billing_input, plan_named
from chalicelib.services.catalogue import Catalogue
from chalicelib.services.claim_intents import Failure, Foreign, Intent, Intents, Known, Through, build_failure
from chalicelib.store import keys, ledger
from chalicelib.store.accounts import Account
from chalicelib.store.clock import Advance, build_clock


@dataclass(frozen=True, slots=True)
class Claimed:
    """Days that a chunk holds under a suffix."""

    customer_id: str
    suffix: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """Everything a chunk does. `skipped` claims stay billed without an invoice, `unbilled` ones are given back."""

    invoices: tuple[Invoice, ...] = ()
    skipped: tuple[Claimed, ...] = ()
    unbilled: tuple[Claimed, ...] = ()
    clocks: tuple[Advance, ...] = ()
    failures: tuple[Failure, ...] = ()
    foreign: tuple[Foreign, ...] = ()

    def __add__(self, other: ChunkPlan) -> ChunkPlan:
        """Both plans in one."""
        return ChunkPlan(
            self.invoices + other.invoices,
            self.skipped + other.skipped,
            self.unbilled + other.unbilled,
            self.clocks + other.clocks,
            self.failures + other.failures,
            self.foreign + other.foreign,
        )


@dataclass(slots=True)
class Claims:
    """What claiming a customer's intents came to."""

    got: list[tuple[Intent, Claimed]] = field(default_factory=list)
    plan: ChunkPlan = field(default_factory=ChunkPlan)


def plan_chunk(catalogue: Catalogue, intents: Intents, owner: str, source: InvoiceSource, known: Known) -> ChunkPlan:
    """Claim what is intended, customer by customer, and plan one invoice for each claim."""
    through = {one.customer_id: one for one in intents.through}
    by_customer: dict[str, list[Intent]] = {customer_id: [] for customer_id in through}
    for intent in intents.intents:
        by_customer.setdefault(intent.customer_id, []).append(intent)
    plan = ChunkPlan(failures=intents.failures, foreign=intents.held)
    for customer_id, some in by_customer.items():
        one = _plan_customer(catalogue, customer_id, some, owner, source, known)
        if customer_id in through and not one.failures and not one.foreign:
            one = replace(one, clocks=(_advance(catalogue, known.account(customer_id), through[customer_id]),))
        plan += one
    return plan


def _advance(catalogue: Catalogue, account: Account, through: Through) -> Advance:
    clock = build_clock(account.customer, through.day, catalogue.settings.settling_hours, through.mark)
    return Advance(clock, through.before)


def _plan_customer(  # noqa: PLR0917  # one customer of `plan_chunk`, with its arguments
    catalogue: Catalogue, customer_id: str, intents: Sequence[Intent], owner: str, source: InvoiceSource, known: Known
) -> ChunkPlan:
    """Whatever one customer's data brings, the others go on."""
    claims = Claims()
    try:
        _claim(claims, intents, owner, known)
        return claims.plan + _plan_claims(catalogue, customer_id, claims, source, known)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001  # one customer's bad data must not stop the others
        failure = build_failure(customer_id, error)
    return claims.plan + ChunkPlan(unbilled=tuple(claimed for _, claimed in claims.got), failures=(failure,))


def _claim(claims: Claims, intents: Sequence[Intent], owner: str, known: Known) -> None:
    for intent in intents:
        months = known.months_of(intent.customer_id)
        claim = ledger.claim_days(intent.customer_id, intent.days, intent.suffix, owner, months)
        claimed = Claimed(intent.customer_id, intent.suffix, claim.days)
        if claim.foreign:
            claims.plan += ChunkPlan(foreign=(Foreign(intent.customer_id, intent.suffix, claim.foreign),))
        elif intent.is_exact and len(claim.days) < len(intent.days):
            claims.plan += _refused(claimed, "day_already_billed")
        elif claim.days:
            claims.got.append((intent, claimed))


def _plan_claims(catalogue: Catalogue, customer_id: str, claims: Claims, source: InvoiceSource, known: Known) -> ChunkPlan:
    """Reads the roll-ups after the claims, when nothing more can enter the days."""
    if not claims.got:
        return ChunkPlan()
    days = [claimed.days for _, claimed in claims.got]
    given = load_billing_input(catalogue, known.account(customer_id), days)
    plan = ChunkPlan()
    for intent, claimed in claims.got:
        name = keys.invoice_id(customer_id, claimed.suffix)
        period = None if intent.is_exact else intent.period
        planned = plan_named(given, claimed.days, invoice_id=name, period=period, source=source)
        plan += _outcome(planned, intent, claimed)
    return plan


def _outcome(planned: InvoicePlan, intent: Intent, claimed: Claimed) -> ChunkPlan:
    """By hand an invoice without lines is refused; a run keeps the days billed without an invoice."""
    if intent.is_exact and (planned.invoice is None or not planned.invoice.lines):
        return _refused(claimed, "nothing_to_bill")
    if planned.invoice is None:
        return ChunkPlan(skipped=(claimed,))
    return ChunkPlan(invoices=(planned.invoice,))


def _refused(claimed: Claimed, code: str) -> ChunkPlan:
    return ChunkPlan(unbilled=(claimed,), failures=(Failure(claimed.customer_id, code, CODES[code]),))
