"""The pinned chunk: its plan written to S3 once, before a number is taken.

Whoever finds it there uses it, so nothing can change any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.operator import DateOrder, OperatorSettings, Series
from chalicelib.services.chunk_plan import ChunkPlan
from chalicelib.store import codec, objects
from chalicelib.store.operators import NO_OPERATOR, get_operator, keep_operator
from chalicelib.store.runs import Chunk


@dataclass(frozen=True, slots=True)
class Pinned:
    """A chunk plan with the choices of the moment: issue or leave as drafts, which series, which date order, when."""

    plan: ChunkPlan
    issue: bool
    at: datetime
    order: DateOrder
    invoice_series: Series
    credit_note_series: Series
    operator: str = ""


def build_pinned(plan: ChunkPlan, settings: OperatorSettings, *, issue: bool, at: datetime) -> Pinned:
    """A plan with the settings that count for it from now on; its documents are created now, whatever they are for."""
    invoices = tuple(replace(invoice, created_at=at) for invoice in plan.invoices)
    return Pinned(
        replace(plan, invoices=invoices), issue, at, settings.date_order, settings.invoice_series, settings.credit_note_series
    )


def pin(chunk: Chunk, pinned: Pinned) -> bool:
    """Write the content unless the chunk is pinned already; False when it was."""
    operator = keep_operator(pinned.plan.invoices[0].operator) if pinned.plan.invoices else ""
    lean = tuple(replace(invoice, operator=NO_OPERATOR) for invoice in pinned.plan.invoices)
    content = replace(pinned, plan=replace(pinned.plan, invoices=lean), operator=operator)
    return objects.put_object_once(objects.chunk_key(chunk.run_id, chunk.number), codec.dump(content))


def find_pinned(chunk: Chunk) -> Pinned | None:
    """The pinned content of a chunk, or None while there is none."""
    return find_pinned_at(objects.chunk_key(chunk.run_id, chunk.number))


def find_pinned_at(key: str) -> Pinned | None:
    """The pinned content under a key, or None."""
    raw = objects.find_object(key)
    if raw is None:
        return None
    content = codec.load(Pinned, raw)
    if not content.operator:
        return content
    operator = get_operator(content.operator)
    whole: tuple[Invoice, ...] = tuple(replace(invoice, operator=operator) for invoice in content.plan.invoices)
    return replace(content, plan=replace(content.plan, invoices=whole))
