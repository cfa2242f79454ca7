"""Billing one chunk: the same code for schedule, button and API. Killed anywhere and called again, it completes what it began.

claim → read → pin → number → put → announce. What is pinned counts; a worker that planned something else gives back what
it claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.domain.invoice import Invoice, InvoiceSource, InvoiceStatus
from chalicelib.domain.operator import GeneratedInvoices
from chalicelib.domain.periods import Period
from chalicelib.services.catalogue import Catalogue, load_catalogue
from chalicelib.services.chunk_commit import commit_chunk, give_back
from chalicelib.services.chunk_plan import ChunkPlan, Claimed, plan_chunk
from chalicelib.services.claim_intents import Failure, Intent, Intents, Known, build_intents, find_intents, keep_intents
from chalicelib.services.deps import Deps
from chalicelib.services.pinned import Pinned, build_pinned, find_pinned, pin
from chalicelib.store import keys, runs
from chalicelib.store.run_tallies import Tally, record_tally
from chalicelib.store.runs import Chunk, Run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chunk came to.

    `invoices` are ids in order of number; `foreign` are (invoice id, owner) that other chunks have in hand.
    """

    invoices: tuple[str, ...] = ()
    issued: int = 0
    drafts: int = 0
    skipped: int = 0
    done: int = 0
    failures: tuple[Failure, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()


def bill_chunk(deps: Deps, run_id: str, number: int) -> Outcome:
    """Bill a chunk to its end, or complete what an earlier try left; doing it again changes nothing."""
    chunk = runs.get_chunk(run_id, number)
    if chunk.outcome is not None:
        return parse_outcome(chunk.outcome)
    pinned, is_replay = find_pinned(chunk), True
    if pinned is None:
        pinned, is_replay = _plan_and_pin(deps, chunk), False
    invoices = commit_chunk(deps, chunk, pinned, is_replay=is_replay)
    outcome = _outcome(chunk, pinned, invoices)
    has_documents = outcome.issued > 0
    record_tally(chunk, _tally(outcome))
    runs.finish_chunk(chunk, present_outcome(outcome), rendered=not has_documents)
    return outcome


def parse_outcome(stored: dict[str, Any]) -> Outcome:
    """The outcome as stored on a chunk."""
    failures = tuple(Failure(**failure) for failure in stored["failures"])
    foreign = tuple((pair[0], pair[1]) for pair in stored["foreign"])
    counts = {name: stored[name] for name in ("issued", "drafts", "skipped", "done")}
    return Outcome(invoices=tuple(stored["invoices"]), failures=failures, foreign=foreign, **counts)


def present_outcome(outcome: Outcome) -> dict[str, Any]:
    """The outcome as stored on a chunk."""
    return {
        "invoices": list(outcome.invoices),
        "issued": outcome.issued,
        "drafts": outcome.drafts,
        "skipped": outcome.skipped,
        "done": outcome.done,
        "failures": [{"customer_id": f.customer_id, "code": f.code, "message": f.message} for f in outcome.failures],
        "foreign": [list(pair) for pair in outcome.foreign],
    }


def days_of(ranges: Iterable[Sequence[str]]) -> list[date]:
    """All days of inclusive (start, end) ranges of ISO dates, sorted, each once."""
    spans = [(date.fromisoformat(start).toordinal(), date.fromisoformat(end).toordinal()) for start, end in ranges]
    return [date.fromordinal(n) for n in sorted({n for start, end in spans for n in range(start, end + 1)})]


def _plan_and_pin(deps: Deps, chunk: Chunk) -> Pinned:
    run = runs.get_run(chunk.run_id)
    catalogue = load_catalogue(run.as_of)
    plan = _plan(catalogue, run, chunk)
    issue = chunk.task.get("issue")
    wanted = catalogue.settings.generated_invoices is GeneratedInvoices.ISSUE if issue is None else bool(issue)
    mine = build_pinned(plan, catalogue.settings, issue=wanted, at=deps.entry_instant())
    if pin(chunk, mine):
        return mine
    theirs = find_pinned(chunk)
    if theirs is None:
        raise AssertionError("a pinned chunk is never deleted")
    give_back(chunk, _not_in(theirs.plan, plan))
    return theirs


def _plan(catalogue: Catalogue, run: Run, chunk: Chunk) -> ChunkPlan:
    """Ticked days are their own intent, and by hand a zero total is wanted; a run's intents are written down first."""
    known = Known()
    if "days" in chunk.task:
        wanted = replace(catalogue, settings=replace(catalogue.settings, issue_zero_invoices=True))
        return plan_chunk(wanted, _ticked(chunk), chunk.owner, InvoiceSource.DAYS, known)
    intents = find_intents(chunk)
    if intents is None:
        intents = keep_intents(chunk, build_intents(catalogue, chunk.task["customers"], run.frequency or "", known))
    return plan_chunk(catalogue, intents, chunk.owner, InvoiceSource.SCHEDULE, known)


def _ticked(chunk: Chunk) -> Intents:
    days = tuple(days_of(chunk.task["days"]))
    period = Period(days[0], date.fromordinal(days[-1].toordinal() + 1))
    return Intents((Intent(chunk.task["customer_id"], chunk.task["suffix"], period, days, is_exact=True),))


def _not_in(theirs: ChunkPlan, mine: ChunkPlan) -> list[Claimed]:
    """Claims that only we made: the pinned plan knows nothing of them."""
    known = set(_claimed_days(theirs))
    lost = []
    for invoice in mine.invoices:
        customer_id, suffix = keys.parse_invoice_id(invoice.id)
        days = tuple(day for day in invoice.days if (customer_id, day) not in known)
        if days:
            lost.append(Claimed(customer_id, suffix, days))
    others = mine.skipped + mine.unbilled
    return lost + [claim for claim in others if claim.days and (claim.customer_id, claim.days[0]) not in known]


def _claimed_days(plan: ChunkPlan) -> Iterable[tuple[str, date]]:
    for invoice in plan.invoices:
        yield from ((invoice.customer_id, day) for day in invoice.days)
    for claim in plan.skipped:
        yield from ((claim.customer_id, day) for day in claim.days)


def _tally(outcome: Outcome) -> Tally:
    return Tally(
        done=outcome.done,
        issued=outcome.issued,
        drafts=outcome.drafts,
        skipped=outcome.skipped,
        failed=len(outcome.failures),
    )


def _outcome(chunk: Chunk, pinned: Pinned, invoices: Sequence[Invoice]) -> Outcome:
    plan = pinned.plan
    issued = sum(invoice.status is InvoiceStatus.ISSUED for invoice in invoices)
    return Outcome(
        invoices=tuple(invoice.id for invoice in invoices),
        issued=issued,
        drafts=len(invoices) - issued,
        skipped=len(plan.skipped),
        done=len(chunk.task.get("customers", [None])),
        failures=plan.failures,
        foreign=tuple((keys.invoice_id(one.customer_id, one.suffix), one.owner) for one in plan.foreign),
    )
