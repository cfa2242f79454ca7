"""Billing runs: who is due, cut into chunks and sent to the queue. Asking for a run that goes on is asking for that run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from itertools import count, islice

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Invalid, Issue, NotFound
from chalicelib.domain.invoice import Invoice
from chalicelib.services.billing_preview import preview_missing
from chalicelib.services.deps import Deps
from chalicelib.services.run_progress import is_finished
from chalicelib.store import runs
from chalicelib.store.accounts import get_account
from chalicelib.store.clock import Due, count_due, list_due
from chalicelib.store.contention import OvertakenError, replanned
from chalicelib.store.queue import BATCH, send_messages
from chalicelib.store.runs import Chunk, Run

PREVIEWED = 100
"""Customers whose invoices a preview shows."""
SHARE = 1000
"""Chunks that one call dispatches: well within the time limit of a function."""


@dataclass(frozen=True, slots=True)
class RunPreview:
    """The invoices that a run would make of the first `previewed` of `due` customers."""

    run: Run
    due: int
    previewed: int
    invoices: tuple[Invoice, ...]


def start_run(deps: Deps, frequency: Frequency, as_of: datetime, customer_id: str | None = None) -> Run:
    """Record a run and have it dispatched by the queue; one of the same frequency, instant and customer that goes on is it."""
    run = build_unfinished_run(deps, frequency.value, as_of, customer_id)
    runs.put_run_once(run)
    send_messages([dispatch_message(run.id)])
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
    """Cut the due customers into chunks and send each, at most `SHARE` chunks at a time; a message brings the rest about.

    A chunk tells how far it reaches into the list of due customers, and the next begins behind it. So whoever dispatches goes
    on from the last chunk, after a crash as after a share, and two at once make one chain. Raises Unavailable when the other
    is always faster.
    """
    run = runs.get_run(run_id)
    if not run.dispatched:
        replanned(lambda: _dispatch_share(deps, run))


def build_run(deps: Deps, frequency: str, as_of: datetime, customer_id: str | None) -> Run:
    """The value of a run; its id is its natural key. An `as_of` without offset is refused."""
    if as_of.tzinfo is None:
        raise Invalid.of(Issue("as_of", "invalid_date", "Give an instant with Z or an offset."))
    at = as_of.astimezone(UTC).replace(microsecond=0)
    name = f"{frequency}.{at:%Y%m%dT%H%M%SZ}.{customer_id or '-'}"
    return Run(name, frequency, at, customer_id, deps.clock().replace(microsecond=0))


def build_unfinished_run(deps: Deps, frequency: str, as_of: datetime, customer_id: str | None) -> Run:
    """The run as `build_run` names it, or its next repetition where that one is over.

    So who asks for the same instant again, after a void or with more customers, has billed what is missing by now.
    """
    first = build_run(deps, frequency, as_of, customer_id)
    later = (replace(first, id=f"{first.id}.{repetition}") for repetition in count(2))
    return first if not is_finished(first.id) else next(run for run in later if not is_finished(run.id))


def chunk_message(chunk: Chunk) -> dict[str, object]:
    """The queue message that has a chunk billed."""
    return {"type": "bill_chunk", "run_id": chunk.run_id, "chunk": chunk.number}


def dispatch_message(run_id: str) -> dict[str, object]:
    """The queue message that has a run dispatched, or the rest of it."""
    return {"type": "dispatch_run", "run_id": run_id}


def _dispatch_share(deps: Deps, run: Run) -> None:
    """The last chunks may have been recorded and not sent, so they are sent again."""
    recent = runs.list_last_chunks(run.id, BATCH)
    send_messages([chunk_message(chunk) for chunk in recent if chunk.outcome is None])
    chunks = _new_chunks(deps, run, recent[-1] if recent else Chunk(run.id, 0))
    for _ in range(SHARE // BATCH):
        some = list(islice(chunks, BATCH))
        for chunk in some:
            if not runs.put_chunk_once(chunk, deps.clock()):
                raise OvertakenError
        send_messages([chunk_message(chunk) for chunk in some])
        if len(some) < BATCH:
            runs.mark_dispatched(run.id)
            return
    send_messages([dispatch_message(run.id)])


def _new_chunks(deps: Deps, run: Run, last: Chunk) -> Iterator[Chunk]:
    """The chunks that follow the last one. `due` counts the customers up to here, `until` is the place of the last of them."""
    if run.customer_id is not None:
        if last.number == 0:
            get_account(run.customer_id)
            yield Chunk(run.id, 1, {"customers": [run.customer_id], "due": 1})
        return
    until = last.task.get("until")
    customers = list_due(run.frequency or "", run.as_of, deps.settings.due_shards, Due(*until) if until else None)
    number, due = last.number, last.task.get("due", 0)
    while some := list(islice(customers, deps.settings.chunk_size)):
        number, due = number + 1, due + len(some)
        yield Chunk(run.id, number, {"customers": [one.customer_id for one in some], "due": due, "until": astuple(some[-1])})


def preview_run(deps: Deps, frequency: Frequency, as_of: datetime, customer_id: str | None) -> RunPreview:
    """What a run would bill, by the same code, keeping nothing."""
    run = build_run(deps, frequency.value, as_of, customer_id)
    due, first = _preview_due(deps, run)
    invoices = [invoice for one in first for invoice in preview_missing(one, run.as_of, frequency.value)]
    return RunPreview(run, due, len(first), tuple(invoices))


def _preview_due(deps: Deps, run: Run) -> tuple[int, list[str]]:
    """How many customers are due, and the first of them."""
    if run.customer_id is not None:
        get_account(run.customer_id)
        return 1, [run.customer_id]
    wanted = run.frequency or "", run.as_of, deps.settings.due_shards
    return count_due(*wanted), sorted(one.customer_id for one in islice(list_due(*wanted), PREVIEWED))


def has_customer(customer_id: str) -> bool:
    """Whether the customer exists."""
    try:
        get_account(customer_id)
    except NotFound:
        return False
    return True
