"""Bugs of careless hands around bank statements and allocation in steps; `planted` lists them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.allocation import MAX_ALLOCATIONS
from chalicelib.domain.bank_statement import ListedEntry
from chalicelib.handlers import on_queue
from chalicelib.services import allocation_jobs, bank_confirmation, bank_statements
from chalicelib.services.deps import Deps
from chalicelib.store import bank_entries
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.tables import BillingItem
from chalicelib.store.transaction import commit


def new_ids_every_time(patch: pytest.MonkeyPatch) -> None:
    """A confirmation that is carried out again takes new ids."""
    patch.setattr(bank_confirmation, "as_of_first_try", lambda deps, *_first: deps)


def known_before_kept(patch: pytest.MonkeyPatch) -> None:
    """An entry is noted as known first, and kept afterwards."""
    keep = bank_entries.put_entry_once

    def careless(listed: ListedEntry) -> ListedEntry:
        note = bank_entries._seen_item(listed)
        try:
            commit(lambda transaction: transaction.save(note, condition=BillingItem.pk.does_not_exist()))
        except ConditionFailedError:
            return keep(listed)
        return bank_entries._put_duplicate(listed)

    patch.setattr(bank_statements.bank_entries, "put_entry_once", careless)


def step_noted_before_done(patch: pytest.MonkeyPatch) -> None:
    """A step counts as done before its money has moved."""

    def careless(deps: Deps, message: dict[str, Any]) -> None:
        job = allocation_jobs.get_job(message["payment_id"], message["job_id"])
        while not job.is_finished:
            lines, before = job.lines[job.done : job.done + MAX_ALLOCATIONS], job
            job = allocation_jobs.store.advance_job(job, len(lines), [])
            allocation_jobs._step(deps, before, lines)

    patch.setattr(on_queue, "MESSAGES", {**on_queue.MESSAGES, "allocate_in_steps": careless})


def step_tried_whole_again(patch: pytest.MonkeyPatch) -> None:
    """A step that went line by line is not known to, and may go as a whole later."""
    patch.setattr(allocation_jobs, "close_request", lambda _request, _at: ())
