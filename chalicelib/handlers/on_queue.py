"""Door for the work queue: what its messages ask for, by type."""

from __future__ import annotations

from typing import Any

from chalicelib.handlers.message_batch import Messages, handle_batch
from chalicelib.services import allocation_jobs, allocations, bank_confirmation, bank_statements, checkup, export_steps
from chalicelib.services.billing import bill_chunk
from chalicelib.services.billing_runs import dispatch_run
from chalicelib.services.deps import Deps
from chalicelib.services.usage_export import export_usage


def handle_messages(event: dict[str, Any]) -> dict[str, Any]:
    """Do every message of the batch; the answer names those that failed."""
    return handle_batch(event, MESSAGES)


def _bill_chunk(deps: Deps, message: dict[str, Any]) -> None:
    bill_chunk(deps, str(message["run_id"]), int(message["chunk"]))


def _dispatch_run(deps: Deps, message: dict[str, Any]) -> None:
    dispatch_run(deps, str(message["run_id"]))


MESSAGES: Messages = {
    "bill_chunk": _bill_chunk,
    "dispatch_run": _dispatch_run,
    "export_usage": export_usage,
    allocations.JOB_MESSAGE: allocation_jobs.drive_message,
    bank_statements.MESSAGE: bank_statements.process_message,
    bank_confirmation.MESSAGE: bank_confirmation.carry_out_message,
    checkup.MESSAGE: checkup.go_on,
    export_steps.MESSAGE: export_steps.drive_message,
}
