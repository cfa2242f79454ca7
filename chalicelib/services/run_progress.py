"""How far billing runs got: sums over small items, so that asking is cheap however large the run is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import NotFound
from chalicelib.services.billing import Outcome, parse_outcome
from chalicelib.services.claim_intents import Failure
from chalicelib.store import runs
from chalicelib.store.run_tallies import Tally, load_tallies
from chalicelib.store.runs import Chunk, Run

SHOWN_CHUNKS = 10
"""Failures and invoices are named of so many chunks each; all of them are counted."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run with the sums of its chunks; it is done when every chunk is. `due` and `tally.done` count customers.

    `failures` and `invoices` are those of the first chunks that have any.
    """

    run: Run
    status: str
    due: int
    tally: Tally
    failures: tuple[Failure, ...] = ()
    invoices: tuple[str, ...] = ()


def get_progress(run_id: str) -> RunProgress:
    """How far a run got; NotFound for an unknown one."""
    run = runs.get_run(run_id)
    last = next(iter(runs.list_last_chunks(run_id, 1)), None)
    tallies = load_tallies(run_id)
    tally = sum(tallies.values(), Tally())
    failed, made = _first(tallies, failing=True), _first(tallies, failing=False)
    outcomes = _load_outcomes(run_id, sorted({*failed, *made}))
    return RunProgress(
        run=run,
        status=_status(run, last, len(tallies), tally),
        due=_due(last),
        tally=tally,
        failures=tuple(failure for number in failed if number in outcomes for failure in outcomes[number].failures),
        invoices=tuple(name for number in made if number in outcomes for name in outcomes[number].invoices),
    )


def is_finished(run_id: str) -> bool:
    """Whether the run was asked for and has nothing left to do."""
    try:
        return get_progress(run_id).status in {"done", "failed"}
    except NotFound:
        return False


def list_runs(limit: int, cursor: str | None) -> tuple[list[RunProgress], str | None]:
    """A page of runs, newest first, and where to go on."""
    ids, following = runs.list_recent_runs(limit, cursor)
    return [get_progress(run_id) for run_id in ids], following


def _first(tallies: Mapping[int, Tally], *, failing: bool) -> list[int]:
    """The first chunks that failed to bill somebody, or that made invoices."""
    wanted = (number for number, tally in tallies.items() if (tally.failed if failing else tally.issued + tally.drafts))
    return [number for number, _ in zip(wanted, range(SHOWN_CHUNKS), strict=False)]


def _load_outcomes(run_id: str, numbers: Iterable[int]) -> dict[int, Outcome]:
    """A chunk whose tally is there may lack its outcome for a moment more."""
    chunks = runs.load_chunks(run_id, numbers)
    return {number: parse_outcome(chunk.outcome) for number, chunk in chunks.items() if chunk.outcome is not None}


def _due(last: Chunk | None) -> int:
    """A chunk of a run says how many customers it and those before it hold; one of ticked days holds one."""
    return 0 if last is None else int(last.task.get("due", 1))


def _status(run: Run, last: Chunk | None, finished: int, tally: Tally) -> str:
    if not run.dispatched:
        return "running" if last else "queued"
    if last is not None and finished < last.number:
        return "running"
    return "failed" if tally.failed and tally.failed == tally.done else "done"
