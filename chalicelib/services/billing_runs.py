"""Billing runs: who is due, cut into chunks, sent to the queue, and how far it got. Asking for the same run twice is one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.invoice import Invoice
from chalicelib.services.billing import Outcome, parse_outcome
from chalicelib.services.billing_preview import preview_missing
from chalicelib.services.claim_intents import Failure
from chalicelib.services.deps import Deps
from chalicelib.store import runs
from chalicelib.store.accounts import get_account
from chalicelib.store.clock import list_due
from chalicelib.store.queue import send_messages
from chalicelib.store.runs import Chunk, Run

PREVIEWED = 100
"""Customers whose invoices a preview shows."""


@dataclass(frozen=True, slots=True)
class RunPreview:
    """The invoices that a run would make of the first `previewed` of `due` customers."""

    run: Run
    due: int
    previewed: int
    invoices: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run with the sums of its chunks. `due` and `done` count customers; a run is done when every chunk has its outcome."""

    run: Run
    status: str
    due: int
    done: int
    issued: int
    drafts: int
    skipped: int
    failures: tuple[Failure, ...]
    invoices: tuple[str, ...]


def start_run(deps: Deps, frequency: Frequency, as_of: datetime, customer_id: str | None = None) -> Run:
    """Record a run and have it dispatched by the queue; the same frequency, instant and customer are the same run."""
    run = build_run(deps, frequency.value, as_of, customer_id)
    runs.put_run_once(run)
    send_messages([{"type": "dispatch_run", "run_id": run.id}])
    return run


def run_schedule(deps: Deps, frequency: Frequency, as_of: datetime) -> Run | None:
    """What an hourly schedule does: a run over all who are due, or None when nobody is."""
    if next(iter(list_due(frequency.value, as_of, deps.settings.due_shards)), None) is None:
        return None
    run = build_run(deps, frequency.value, as_of, None)
    runs.put_run_once(run)
    dispatch_run(deps, run.id)
    return run


def dispatch_run(deps: Deps, run_id: str) -> None:
    """Cut the due customers into chunks and send each.

    Called again after a crash it sends what is open and adds who is missing.
    """
    run = runs.get_run(run_id)
    if run.dispatched:
        return
    known = runs.list_chunks(run_id)
    listed = {customer for chunk in known for customer in chunk.task["customers"]}
    missing = (customer for customer in _due(deps, run) if customer not in listed)
    chunks = [*known, *_new_chunks(deps, run_id, missing, first=len(known) + 1)]
    send_messages([chunk_message(chunk) for chunk in chunks if chunk.outcome is None])
    runs.mark_dispatched(run_id)


def get_progress(run_id: str) -> RunProgress:
    """How far a run got; NotFound for an unknown one."""
    run = runs.get_run(run_id)
    chunks = runs.list_chunks(run_id)
    outcomes = [parse_outcome(chunk.outcome) for chunk in chunks if chunk.outcome is not None]
    return RunProgress(
        run=run,
        status=_status(run, chunks),
        due=sum(len(chunk.task.get("customers", [None])) for chunk in chunks),
        done=sum(outcome.done for outcome in outcomes),
        issued=sum(outcome.issued for outcome in outcomes),
        drafts=sum(outcome.drafts for outcome in outcomes),
        skipped=sum(outcome.skipped for outcome in outcomes),
        failures=tuple(failure for outcome in outcomes for failure in outcome.failures),
        invoices=tuple(name for outcome in outcomes for name in outcome.invoices),
    )


def list_runs(limit: int, cursor: str | None) -> tuple[list[RunProgress], str | None]:
    """A page of runs, newest first, and where to go on."""
    ids, following = runs.list_recent_runs(limit, cursor)
    return [get_progress(run_id) for run_id in ids], following


def build_run(deps: Deps, frequency: str, as_of: datetime, customer_id: str | None) -> Run:
    """The value of a run; its id is its natural key. An `as_of` without offset is refused."""
    if as_of.tzinfo is None:
        raise Invalid.of(Issue("as_of", "invalid_date", "Give an instant with Z or an offset."))
    at = as_of.astimezone(UTC).replace(microsecond=0)
    name = f"{frequency}.{at:%Y%m%dT%H%M%SZ}.{customer_id or '-'}"
    return Run(name, frequency, at, customer_id, deps.clock().replace(microsecond=0))


def chunk_message(chunk: Chunk) -> dict[str, object]:
    """The queue message that has a chunk billed."""
    return {"type": "bill_chunk", "run_id": chunk.run_id, "chunk": chunk.number}


def _due(deps: Deps, run: Run) -> Iterable[str]:
    if run.customer_id is not None:
        get_account(run.customer_id)
        return [run.customer_id]
    return list_due(run.frequency or "", run.as_of, deps.settings.due_shards)


def _new_chunks(deps: Deps, run_id: str, customers: Iterable[str], *, first: int) -> Iterator[Chunk]:
    number = first
    source = iter(customers)
    while some := list(islice(source, deps.settings.chunk_size)):
        chunk = Chunk(run_id, number, {"customers": some})
        while not runs.put_chunk_once(chunk, deps.clock()):  # another dispatcher took the number
            chunk = Chunk(run_id, chunk.number + 1, chunk.task)
        yield chunk
        number = chunk.number + 1


def _status(run: Run, chunks: list[Chunk]) -> str:
    if not run.dispatched:
        return "running" if chunks else "queued"
    if any(chunk.outcome is None for chunk in chunks):
        return "running"
    outcomes = [parse_outcome(chunk.outcome) for chunk in chunks if chunk.outcome is not None]
    return "failed" if outcomes and all(_failed_whole(outcome) for outcome in outcomes) else "done"


def _failed_whole(outcome: Outcome) -> bool:
    return bool(outcome.failures) and len(outcome.failures) == outcome.done


def preview_run(deps: Deps, frequency: Frequency, as_of: datetime, customer_id: str | None) -> RunPreview:
    """What a run would bill, by the same code, keeping nothing."""
    run = build_run(deps, frequency.value, as_of, customer_id)
    due = sorted(set(_due(deps, run)))
    invoices = [invoice for one in due[:PREVIEWED] for invoice in preview_missing(one, run.as_of, frequency.value)]
    return RunPreview(run, len(due), len(due[:PREVIEWED]), tuple(invoices))


def has_customer(customer_id: str) -> bool:
    """Whether the customer exists."""
    try:
        get_account(customer_id)
    except NotFound:
        return False
    return True
