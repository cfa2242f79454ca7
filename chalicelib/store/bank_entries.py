"""Entries of bank statements: put once, recognised across files, decided once.

Which file had an entry first is an item of its own, put together with the entry. The state is changed under a condition on the
one it was in and on the payment it had led to; whoever is slower learns what it is by now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.bank_entry import EntryState
from chalicelib.domain.bank_statement import DecidedEntry, Decision, ListedEntry
from chalicelib.domain.errors import NotFound
from chalicelib.store import codec, keys
from chalicelib.store.bank_tables import BankEntryItem, OpenBankItem, SeenEntryItem
from chalicelib.store.contention import OvertakenError
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.tables import BillingItem
from chalicelib.store.transaction import commit

READ = 1_000
"""Entries that are looked at in one call where few may match."""


def put_entry_once(listed: ListedEntry) -> ListedEntry:
    """Keep an entry; as a duplicate when another line had it first. What was kept before stays as it is."""
    item = _item(listed)

    def fill(transaction: TransactWrite) -> None:
        transaction.save(_seen_item(listed), condition=BillingItem.pk.does_not_exist())
        transaction.save(item, condition=BillingItem.pk.does_not_exist())

    try:
        commit(fill)
    except ConditionFailedError:
        first = _find_seen(listed.entry.identity)
        if first in {None, (listed.statement_id, listed.entry.line)}:
            return listed
        return _put_duplicate(replace(listed, state=EntryState.DUPLICATE, proposals=(), duplicate_of=first))
    return listed


def get_entry(statement_id: str, entry_id: str) -> ListedEntry:
    """The entry as last committed, or NotFound."""
    item = _find(keys.bank_pk(statement_id), keys.bank_entry_sk(entry_id))
    if item is None:
        raise NotFound("bank entry", entry_id)
    return _listed(item)


def read_decided(item: BankEntryItem) -> DecidedEntry | None:
    """What the audit log tells of an entry: nothing before somebody decided."""
    if item.decision is None:
        return None
    listed = _listed(item)
    return DecidedEntry(
        statement_id=listed.statement_id,
        id=listed.entry.id,
        status=listed.state,
        customer_id=item.decision["customer_id"],
        payment_id=listed.payment_id or "",
        problem=listed.problem,
        note=listed.note,
    )


@retried
def load_states(statement_id: str) -> dict[int, EntryState]:
    """The states of the entries that are kept, by line."""
    wanted = ["PK", "SK", "t", "st"]
    span = BankEntryItem.sk.startswith("E#")
    found = BankEntryItem.query(keys.bank_pk(statement_id), span, consistent_read=True, attributes_to_get=wanted)
    return {int(item.sk.removeprefix("E#")): EntryState(item.st) for item in found}


@retried
def list_entries(
    statement_id: str, limit: int, after: str | None, state: EntryState | None = None
) -> tuple[list[ListedEntry], str | None]:
    """A page of entries in the statement's order, and the position to go on after (None at the end); all states, or one."""
    span, wanted = BankEntryItem.sk.between(f"E#{after or ''}", "E#~"), None if state is None else BankEntryItem.st == state.value
    found = BankEntryItem.query(
        keys.bank_pk(statement_id), span, wanted, consistent_read=True, limit=limit + 2, page_size=READ if state else None
    )
    page = [item for item in found if after is None or item.sk != f"E#{after}"]
    following = page[limit - 1].sk.removeprefix("E#") if len(page) > limit else None
    return [_listed(item) for item in page[:limit]], following


def decide_entry(listed: ListedEntry, decision: Decision) -> None:
    """Mark an entry as being confirmed so; it is an open thing until `settle_entry`. OvertakenError when it is not as listed."""
    pk, sk = _key(listed)

    def fill(transaction: TransactWrite) -> None:
        actions: list[Action] = [
            BankEntryItem.st.set(EntryState.CONFIRMING.value),
            BankEntryItem.decision.set(codec.plain(decision)),
            BankEntryItem.note.remove(),
        ]
        transaction.update(BankEntryItem(pk, sk), actions=actions, condition=_is_still(listed))
        transaction.save(OpenBankItem(pk, sk, op=OPEN, os=_since(decision.at, pk, sk)))

    try:
        commit(fill)
    except ConditionFailedError as error:
        raise OvertakenError from error


def save_proposals(listed: ListedEntry) -> ListedEntry:
    """Keep an entry's new proposals; where it was decided meanwhile, it stays as it is, and is returned so."""
    try:
        _save_proposals(listed)
    except ConditionFailedError:
        return get_entry(listed.statement_id, listed.entry.id)
    return listed


def settle_entry(listed: ListedEntry, payment_id: str, problem: str) -> None:
    """Note that the decision was carried out; `problem` is what of it was not possible. Again changes nothing."""
    pk, sk = _key(listed)

    def fill(transaction: TransactWrite) -> None:
        actions: list[Action] = [BankEntryItem.st.set(EntryState.CONFIRMED.value), BankEntryItem.payment.set(payment_id)]
        if problem:
            actions.append(BankEntryItem.note.set(problem))
        transaction.update(BankEntryItem(pk, sk), actions=actions, condition=_is_still(listed))
        transaction.delete(OpenBankItem(pk, sk))

    try:
        commit(fill)
    except ConditionFailedError:
        return  # somebody else carried it out, to the same end


def dismiss_entry(listed: ListedEntry, decision: Decision, note: str) -> None:
    """Mark an entry as dismissed; OvertakenError when it was decided meanwhile."""
    try:
        _dismiss(listed, decision, note)
    except ConditionFailedError as error:
        raise OvertakenError from error


def _key(listed: ListedEntry) -> tuple[str, str]:
    return keys.bank_pk(listed.statement_id), keys.bank_entry_sk(listed.entry.id)


def _is_still(listed: ListedEntry) -> Condition:
    """Whether nothing was decided since: the state alone comes back when a decision is taken back."""
    payment = BankEntryItem.payment
    same: Condition = payment == listed.payment_id if listed.payment_id else payment.does_not_exist()
    unchanged: Condition = (BankEntryItem.st == listed.state.value) & same
    return unchanged


def _since(at: datetime, pk: str, sk: str) -> str:
    return f"{keys.instant(at)}#{pk}#{sk}"


def _item(listed: ListedEntry) -> BankEntryItem:
    return BankEntryItem(*_key(listed), st=listed.state.value, doc=codec.plain(listed))


def _listed(item: BankEntryItem) -> ListedEntry:
    listed = codec.restore(ListedEntry, item.doc)
    decision = None if item.decision is None else codec.restore(Decision, item.decision)
    state, note = EntryState(item.st), item.note or ""
    problem = note if state is EntryState.CONFIRMED else ""
    note = "" if problem else note
    return replace(listed, state=state, decision=decision, payment_id=item.payment, problem=problem, note=note)


def _seen_item(listed: ListedEntry) -> SeenEntryItem:
    return SeenEntryItem(
        keys.seen_entry_pk(listed.entry.identity), keys.HEAD, statement=listed.statement_id, line=listed.entry.line
    )


def _put_duplicate(listed: ListedEntry) -> ListedEntry:
    try:
        _put_once(_item(listed))
    except ConditionFailedError:
        return get_entry(listed.statement_id, listed.entry.id)
    return listed


@retried
def _put_once(item: BankEntryItem) -> None:
    item.save(BillingItem.pk.does_not_exist())


@retried
def _find_seen(identity: str) -> tuple[str, int] | None:
    try:
        item = SeenEntryItem.get(keys.seen_entry_pk(identity), keys.HEAD, consistent_read=True)
    except SeenEntryItem.DoesNotExist:
        return None
    return item.statement, int(item.line)


@retried
def _find(pk: str, sk: str) -> BankEntryItem | None:
    try:
        return BankEntryItem.get(pk, sk, consistent_read=True)
    except BankEntryItem.DoesNotExist:
        return None


@retried
def _save_proposals(listed: ListedEntry) -> None:
    BankEntryItem(*_key(listed)).update(actions=[BankEntryItem.doc.set(codec.plain(listed))], condition=_is_still(listed))


@retried
def _dismiss(listed: ListedEntry, decision: Decision, note: str) -> None:
    state, decided = BankEntryItem.st.set(EntryState.DISMISSED.value), BankEntryItem.decision.set(codec.plain(decision))
    actions: list[Action] = [state, decided]
    if note:
        actions.append(BankEntryItem.note.set(note))
    BankEntryItem(*_key(listed)).update(actions=actions, condition=_is_still(listed))
