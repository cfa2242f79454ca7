"""Carries out one part of a pinned plan: leave out what earlier batches had, place the rest on unbilled days, record it, once.

The same call in two imports at once, or an invoice that claims a day meanwhile, fails the transaction; then it is thought over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ledger import DayLedger
from chalicelib.domain.usage_calls import REPORT_COLUMNS, Judge
from chalicelib.domain.usage_parts import Sums, calculate_sums, plan_roll_ups
from chalicelib.services.usage_duplicates import compared_span, files_of_part, find_skipped, load_rows
from chalicelib.services.usage_plan import Part, PlanHead
from chalicelib.store.ledger import load_ledger
from chalicelib.store.members import Member, Skipped, list_members
from chalicelib.store.usage import Refusal, load_head, record_part

ATTEMPTS = 10
ANY_TIME = 1 << 62
"""Stored calls were judged when they came."""


def record_once(batch_id: str, head: PlanHead, part: Part) -> Member:
    """Take the part in, or find it in already. Raises Unavailable when others keep coming between."""
    ledger = DayLedger()
    for _ in range(ATTEMPTS):
        count = load_head(part.customer_id)
        others = list_members(part.customer_id, *compared_span(part))
        if (present := _mine(batch_id, part, others)) is not None:
            return present
        skipped = find_skipped(files_of_part(batch_id, head.tag, part), others)
        member = _member(batch_id, head, part, skipped)
        roll_ups = plan_roll_ups(_new_sums(batch_id, head, part, skipped), ledger, batch_id)
        refusal = record_part(member, roll_ups, count)
        if refusal is None:
            return member
        ledger = _ledger_after(refusal, part, ledger)
    raise Unavailable(f"usage of customer {part.customer_id} is contended")


def _mine(batch_id: str, part: Part, members: Sequence[Member]) -> Member | None:
    return next((one for one in members if (one.batch_id, one.number) == (batch_id, part.number)), None)


def _ledger_after(refusal: Refusal, part: Part, ledger: DayLedger) -> DayLedger:
    """Most usage is in time, so the ledger is read only once a day turned out to be billed."""
    return load_ledger(part.customer_id, date.fromisoformat(min(part.sums))) if refusal is Refusal.DAY_BILLED else ledger


def _new_sums(batch_id: str, head: PlanHead, part: Part, skipped: Skipped) -> Sums:
    """The part's sums, added up again without what others had."""
    if not skipped:
        return part.sums
    rows = load_rows(files_of_part(batch_id, head.tag, part))
    calls = Judge((*REPORT_COLUMNS, *head.columns), ANY_TIME).judge(range(len(rows)), rows).calls
    gone = {position for _, positions in skipped for position in positions}
    return calculate_sums(calls.pick([i for i in range(len(calls)) if i not in gone]), part.zone)


def _member(batch_id: str, head: PlanHead, part: Part, skipped: Skipped) -> Member:
    duplicates = sum(len(positions) for _, positions in skipped)
    return Member(
        customer_id=part.customer_id,
        batch_id=batch_id,
        tag=head.tag,
        number=part.number,
        span_from=part.span_from,
        span_to=part.span_to,
        offset=part.offset,
        length=part.length,
        ids_offset=part.ids_offset,
        ids_count=part.calls,
        accepted=part.calls - duplicates,
        duplicates=duplicates,
        skipped=skipped,
    )
