"""Bugs of careless hands around templates; `planted` lists them."""

from __future__ import annotations

import pytest
from pynamodb.transactions import TransactWrite

from chalicelib.domain.templates import Template
from chalicelib.store import customers, template_uses, templates
from chalicelib.store.template_tables import PK, TemplateItem, TemplateUseItem, parts_pk, use_sk
from chalicelib.store.template_uses import Choice


def chosen_past_the_gate(patch: pytest.MonkeyPatch) -> None:
    """A choice is noted, whether the template is still there or not."""

    def careless(transaction: TransactWrite, choice: Choice) -> None:
        if choice.before != choice.after and template_uses.is_own(choice.after):
            transaction.save(TemplateUseItem(parts_pk(choice.after or ""), use_sk(choice.user)))

    patch.setattr(customers, "add_choice", careless)


def deleted_past_the_gate(patch: pytest.MonkeyPatch) -> None:
    """A template that nobody used a moment ago is deleted."""

    def careless(transaction: TransactWrite, template: Template, mark: str) -> None:  # what it stands in for
        transaction.delete(TemplateItem(PK, template.id), condition=TemplateItem.ver == template.version)

    patch.setattr(templates, "_remove", careless)
