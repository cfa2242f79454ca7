"""Bugs that others have made, planted on purpose: the harness must catch each, or it proves nothing.

Switches of the harness only: each replaces functions of ours by what a careless hand would have written, while a test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from pynamodb.transactions import TransactWrite

from chalicelib.domain.mail import Mail, MailStatus
from chalicelib.domain.usage import RollUp, Usage
from chalicelib.domain.webhooks import Delivery, DeliveryStatus
from chalicelib.services import billing, billing_input, chunk_commit, chunk_plan, mail_sending, usage_commit, webhook_delivery
from chalicelib.services.deps import Deps
from chalicelib.store import (
    allocations,
    clock,
    credit_notes,
    invoice_amounts,
    invoice_changes,
    invoices,
    ledger,
    numbering,
    payments,
    runs,
    usage,
)
from chalicelib.store.roll_up_rows import open_usage, store_usage
from chalicelib.store.tables import BillingItem, InvoiceItem, LedgerItem
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import RollUpItem
from tests.faults import planted_bank, planted_stream, planted_templates
from tests.faults.faults import Kind

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug, and the flow and kinds of faults under which it must show. Calls from `since` on are tried first, to save time."""

    name: str
    plant: Plant
    flow: str
    kinds: tuple[Kind, ...]
    since: int = 1


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The system has the bug while the block runs."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        bug.plant(monkeypatch)
        yield


def _numbers_without_mark(patch: pytest.MonkeyPatch) -> None:
    """The chunk does not remember the numbers it took."""
    patch.setattr(runs, "add_numbers", lambda _transaction, _chunk, _numbers: None)


def _counter_before_invoice(patch: pytest.MonkeyPatch) -> None:
    """The number is taken first, the invoice written after."""

    def issue(invoice: Any, series: Any, *, order: Any, put: Callable[[TransactWrite, Any], None]) -> Any:
        del order
        want = numbering.Want(series, series.name, 1, invoice.invoice_date)
        state = numbering._find_series(series.name)
        got = numbering._next(want, state)
        numbered = numbering.number_invoice(invoice, series, got.first)
        commit(lambda transaction: numbering._move(transaction, want, state, got, numbered.id))
        commit(lambda transaction: put(transaction, numbered))
        return numbered

    patch.setattr(numbering, "issue_invoice", issue)


@dataclass(frozen=True, slots=True)
class _Careless:
    """A transaction that forgets its conditions."""

    transaction: TransactWrite

    def save(self, item: Any, **_condition: Any) -> None:
        self.transaction.save(item)

    def update(self, item: Any, *, actions: Any, **_condition: Any) -> None:
        self.transaction.update(item, actions=actions)


def _counter_without_condition(patch: pytest.MonkeyPatch) -> None:
    """Counter and block are written whatever stands there by now."""
    move: Any = numbering._move
    patch.setattr(numbering, "_move", lambda transaction, *rest: move(_Careless(transaction), *rest))


def _put_without_condition(patch: pytest.MonkeyPatch) -> None:
    """An invoice is put over what is there."""
    patch.setattr(invoices, "_put_once", lambda item: item.save())


def _batch_write(patch: pytest.MonkeyPatch) -> None:
    """Invoices are written in a batch, which knows no conditions."""

    def put(invoice: Any, shards: int) -> bool:
        with InvoiceItem.batch_write() as batch:
            batch.save(invoices.to_item(invoice, shards))
        return True

    patch.setattr(chunk_commit, "put_invoice_once", put)


def _claim_without_owner(patch: pytest.MonkeyPatch) -> None:
    """All chunks sign alike, so each believes the other's claims to be its own."""
    patch.setattr(runs.Chunk, "owner", property(lambda _chunk: "a.run/1"))


def _claim_after_read(patch: pytest.MonkeyPatch) -> None:
    """Usage is read before its days are claimed."""
    read: dict[str, list[RollUp]] = {}
    claim: Any = chunk_plan._claim

    def read_then_claim(claims: Any, intents: Sequence[Any], owner: str, known: Any) -> None:
        for intent in intents:
            read[intent.customer_id] = usage.load_roll_ups(intent.customer_id, date(2000, 1, 1), date(2100, 1, 1))
        claim(claims, intents, owner, known)

    patch.setattr(chunk_plan, "_claim", read_then_claim)
    patch.setattr(billing_input, "load_roll_ups", lambda customer_id, _first, _end: read[customer_id])


def _no_intents(patch: pytest.MonkeyPatch) -> None:
    """What a chunk means to claim is worked out anew every time."""
    patch.setattr(billing, "find_intents", lambda _chunk: None)
    patch.setattr(billing, "keep_intents", lambda _chunk, intents: intents)


def _claim_without_condition(patch: pytest.MonkeyPatch) -> None:
    """Days are claimed whoever has them."""
    update: Any = ledger._update
    patch.setattr(ledger, "_update", lambda cid, month, actions, _condition: update(cid, month, actions, LedgerItem.pk.exists()))
    patch.setattr(ledger, "_put_once", lambda item: item.save())


def _allocation_without_condition(patch: pytest.MonkeyPatch) -> None:
    """Amounts are written over whatever payment and invoice have become."""
    anything = BillingItem.pk.exists()
    patch.setattr(invoice_amounts, "_unchanged", lambda _before: anything)
    patch.setattr(allocations, "unchanged", lambda _before: anything)
    patch.setattr(payments, "unchanged", lambda _before: anything)


def _credit_without_condition(patch: pytest.MonkeyPatch) -> None:
    """What is credited is written over whatever the invoice has become."""
    patch.setattr(invoice_amounts, "_unchanged", lambda _before: BillingItem.pk.exists())


def _credit_before_invoice(patch: pytest.MonkeyPatch) -> None:
    """The credit note is put first, what its invoice owes is changed after."""
    module: Any = credit_notes
    add, issue = module.add_credited, module.issue_credit_note

    def issue_then_apply(work: Any, *rest: Any) -> Any:
        patch.setattr(credit_notes, "add_credited", lambda *_all: None)
        note = issue(work, *rest)
        commit(lambda transaction: add(transaction, work.before, work.after, rest[-1]))
        return note

    patch.setattr(credit_notes, "issue_credit_note", issue_then_apply)


def _credit_blindly(patch: pytest.MonkeyPatch) -> None:
    """A credit note is planned without looking at earlier ones."""
    patch.setattr(credit_notes, "load_credit_notes", lambda _invoice: [])


def _credit_with_invoice_only(patch: pytest.MonkeyPatch) -> None:
    """A run's credit note becomes the customer's credit only by whoever puts it."""
    module: Any = chunk_commit
    put, give = module.put_invoice_once, module.put_credit_once
    is_new: dict[str, bool] = {}

    def put_and_tell(invoice: Any, shards: int) -> bool:
        is_new[invoice.id] = put(invoice, shards)
        return is_new[invoice.id]

    patch.setattr(chunk_commit, "put_invoice_once", put_and_tell)
    patch.setattr(chunk_commit, "put_credit_once", lambda note, shards: give(note, shards) if is_new[note.id] else None)


def _usage_without_ledger(patch: pytest.MonkeyPatch) -> None:
    """Roll-ups are placed without looking whether their day is billed."""
    patch.setattr(usage, "_ledger_checks", lambda _days: {})


def _member_before_usage(patch: pytest.MonkeyPatch) -> None:
    """A part is noted as taken in before its roll-ups are there."""
    record: Any = usage.record_part

    def record_in_two(member: Any, roll_ups: Sequence[RollUp], head: int) -> Any:
        refusal = record(member, [], head)
        if refusal is None:
            commit(lambda transaction: _save_all(transaction, member, roll_ups))
        return refusal

    patch.setattr(usage_commit, "record_part", record_in_two)


def _save_all(transaction: TransactWrite, member: Any, roll_ups: Sequence[RollUp]) -> None:
    for roll_up in roll_ups:
        transaction.save(usage._item(member, roll_up))


def _usage_added(patch: pytest.MonkeyPatch) -> None:
    """Usage is added to what is there, as ADD does, and the part noted as taken in afterwards."""
    record: Any = usage.record_part

    def add_then_record(member: Any, roll_ups: Sequence[RollUp], head: int) -> Any:
        for roll_up in roll_ups:
            _add(member, roll_up)
        return record(member, [], head)

    patch.setattr(usage_commit, "record_part", add_then_record)


def _add(member: Any, roll_up: RollUp) -> None:
    item = usage._item(member, roll_up)
    for there in RollUpItem.query(item.pk, RollUpItem.sk == item.sk, consistent_read=True):
        was = open_usage(there.rows, roll_up.billing_day)
        both = Usage(*((*old, *new) for old, new in zip(was, roll_up.usage, strict=True)))
        item.rows = store_usage(member.customer_id, replace(roll_up, usage=both))
    item.save()


def _imports_side_by_side(patch: pytest.MonkeyPatch) -> None:
    """Two imports of a customer do not see each other."""
    fill: Any = usage._fill

    def careless(transaction: TransactWrite, member: Any, roll_ups: Any, head: int, checks: Any) -> None:
        del head
        fill(transaction, member, roll_ups, usage.load_head(member.customer_id), checks)

    patch.setattr(usage, "_fill", careless)


def _nothing_open(patch: pytest.MonkeyPatch) -> None:
    """A document that is not announced yet is not noted anywhere."""
    patch.setattr(invoice_changes, "add_open_document", lambda _transaction, _invoice, _at: None)


def _free_days_later(patch: pytest.MonkeyPatch) -> None:
    """The days of a void are freed after it, not with it."""
    free, void = invoice_changes._free_days, invoice_changes.void_invoice

    def void_then_free(before: Any, *rest: Any, **named: Any) -> Any:
        patch.setattr(invoice_changes, "_free_days", lambda *_all: None)
        done = void(before, *rest, **named)
        commit(lambda transaction: free(transaction, before, named["clock"], named["due_shards"]))
        return done

    patch.setattr(invoice_changes, "void_invoice", void_then_free)


def _clock_runs_over(patch: pytest.MonkeyPatch) -> None:
    """The billing clock is set without looking whether somebody set it back."""

    def fill(transaction: TransactWrite, advances: Sequence[clock.Advance], shards: int) -> None:
        for advance in advances:
            transaction.save(clock.to_item(advance.clock, shards))

    patch.setattr(clock, "_fill", fill)


CRASHES = (Kind.DIE_AFTER,)
BETWEEN = (Kind.RIVAL,)


def _mail_without_attempt(patch: pytest.MonkeyPatch) -> None:
    """A mail is handed over first, and noted afterwards."""
    change = mail_sending.change_mail

    def careless(before: Mail, after: Mail) -> bool:
        return after.status is MailStatus.SENDING or change(replace(before, status=MailStatus.QUEUED), after)

    patch.setattr(mail_sending, "change_mail", careless)


def _webhook_noted_before_sent(patch: pytest.MonkeyPatch) -> None:
    """A delivery counts as taken before anything is sent."""
    attempt = webhook_delivery._try

    def careless(deps: Deps, lane: webhook_delivery.Lane, claimed: Delivery) -> bool:
        webhook_delivery.save_delivery(claimed, claimed.finished(DeliveryStatus.DELIVERED, deps.clock(), None))
        return attempt(deps, lane, claimed)

    patch.setattr(webhook_delivery, "_try", careless)


def _webhook_without_claim(patch: pytest.MonkeyPatch) -> None:
    """A worker sends what it has read, whether another has sent it meanwhile or not."""
    save = webhook_delivery.save_delivery
    patch.setattr(webhook_delivery, "save_delivery", lambda read, after: save(read, after) or True)


BUGS = (
    Bug("numbers without mark", _numbers_without_mark, "chunk", CRASHES, 23),
    Bug("counter before invoice", _counter_before_invoice, "issue", CRASHES, 7),
    Bug("counter without condition", _counter_without_condition, "chunk_beside_clerk", BETWEEN, 23),
    Bug("put without condition", _put_without_condition, "chunk_late", CRASHES),
    Bug("batch write over a paid invoice", _batch_write, "chunk_late", CRASHES),
    Bug("claim without owner", _claim_without_owner, "chunk_beside_button", BETWEEN, 11),
    Bug("claim without condition", _claim_without_condition, "days", BETWEEN, 16),
    Bug("claim after read", _claim_after_read, "chunk_while_calls_come", BETWEEN, 13),
    Bug("no intents", _no_intents, "chunk_after_schedules_moved", CRASHES),
    Bug("allocation without condition", _allocation_without_condition, "allocate", BETWEEN),
    Bug("credit without condition", _credit_without_condition, "credit", BETWEEN),
    Bug("credit before invoice", _credit_before_invoice, "credit", CRASHES),
    Bug("credit blind to earlier ones", _credit_blindly, "credit", BETWEEN),
    Bug("credit with its invoice only", _credit_with_invoice_only, "credit_of_run", CRASHES),
    Bug("usage without ledger", _usage_without_ledger, "import_beside_billing", BETWEEN),
    Bug("member before usage", _member_before_usage, "import", CRASHES),
    Bug("usage added up", _usage_added, "import", CRASHES),
    Bug("imports side by side", _imports_side_by_side, "import", BETWEEN),
    Bug("nothing open", _nothing_open, "revise", CRASHES),
    Bug("days of a void freed later", _free_days_later, "void", CRASHES),
    Bug("clock runs over", _clock_runs_over, "chunk_late", CRASHES),
    Bug("confirmation takes new ids", planted_bank.new_ids_every_time, "confirm_entry", CRASHES),
    Bug("entry known before it is kept", planted_bank.known_before_kept, "take_statement_in", CRASHES),
    Bug("step noted before it is done", planted_bank.step_noted_before_done, "allocate_in_steps", CRASHES),
    Bug("step tried whole again", planted_bank.step_tried_whole_again, "allocate_line_by_line", CRASHES),
    Bug("mail without attempt", _mail_without_attempt, "mail_by_hand", CRASHES),
    Bug("webhook noted before it is sent", _webhook_noted_before_sent, "webhook", CRASHES),
    Bug("webhook without claim", _webhook_without_claim, "webhook_beside_worker", BETWEEN),
    Bug("log entries numbered anew", planted_stream.entries_numbered_anew, "record_changes", CRASHES),
    Bug("told when written first", planted_stream.told_when_written_first, "record_changes", CRASHES),
    Bug("events named anew", planted_stream.events_named_anew, "record_changes", CRASHES),
    Bug("failure kept quiet", planted_stream.failure_kept_quiet, "record_changes_partly", CRASHES),
    Bug("template chosen past the gate", planted_templates.chosen_past_the_gate, "choose_template", BETWEEN),
    Bug("template deleted past the gate", planted_templates.deleted_past_the_gate, "delete_template", BETWEEN),
)
