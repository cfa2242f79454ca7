"""Who uses which template: noted within the transaction of whoever chooses it, and asked before one is deleted.

A choice and a deletion pass one gate, so a template that is chosen while it is deleted is either chosen or gone, never both.
"""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.transactions import TransactWrite

from chalicelib.domain.designs import find_design
from chalicelib.store.retry import retried
from chalicelib.store.template_tables import GATE, USES, TemplateGateItem, TemplateUseItem, parts_pk, use_sk

SETTINGS = "settings"
"""Stands for the operator's settings among the users; no customer's use is spelled so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`user` chose `after` instead of `before`; None, and designs, are nobody's business. `mark` is new with each choice."""

    user: str
    before: str | None
    after: str | None
    mark: str


def customer_user(customer_id: str) -> str:
    """A customer among the users."""
    return f"C#{customer_id}"


def add_choice(transaction: TransactWrite, choice: Choice) -> None:
    """Note a choice within the transaction that makes it; it fails when the template was deleted."""
    if choice.before == choice.after:
        return
    if is_own(choice.after):
        item = TemplateGateItem(parts_pk(choice.after or ""), GATE)
        transaction.update(item, [TemplateGateItem.mark.set(choice.mark)], condition=TemplateGateItem.pk.exists())
        transaction.save(TemplateUseItem(parts_pk(choice.after or ""), use_sk(choice.user)))
    if is_own(choice.before):
        transaction.delete(TemplateUseItem(parts_pk(choice.before or ""), use_sk(choice.user)))


def is_own(template_id: str | None) -> bool:
    """Whether a choice is a template of the operator, and not a design or none."""
    return template_id is not None and find_design(template_id) is None


def is_choice_of_own(choice: Choice) -> bool:
    """Whether there is anything to note of a choice."""
    return choice.before != choice.after and (is_own(choice.before) or is_own(choice.after))


def list_users(template_id: str, limit: int) -> list[str]:
    """The first users of a template, read consistently: `settings`, or the ids of customers."""
    users = [item.sk.removeprefix(USES) for item in _uses(template_id, limit)]
    return [user.removeprefix("C#") for user in users]


def find_mark(template_id: str) -> str | None:
    """The mark of who last chose a template; None when it was deleted."""
    gate = _gate(template_id)
    return None if gate is None else gate.mark


@retried
def _uses(template_id: str, limit: int) -> list[TemplateUseItem]:
    span = TemplateUseItem.sk.startswith(USES)
    return list(TemplateUseItem.query(parts_pk(template_id), span, consistent_read=True, limit=limit))


@retried
def _gate(template_id: str) -> TemplateGateItem | None:
    try:
        return TemplateGateItem.get(parts_pk(template_id), GATE, consistent_read=True)
    except TemplateGateItem.DoesNotExist:
        return None
