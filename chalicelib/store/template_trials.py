"""What drawing the versions of a template came to, noted by whoever drew them: absolute values, so that again is harmless.

It lies beside the template and goes with it. It is no change of the template and is told to nobody.
"""

from __future__ import annotations

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.templates import Trial
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.template_tables import TRIAL, TemplateTrialItem, parts_pk

LONGEST_FAULT = 2000


@retried
def find_trial(template_id: str) -> Trial | None:
    """What is noted of a template; None for one that is not, or no longer, there."""
    try:
        item = TemplateTrialItem.get(parts_pk(template_id), TRIAL, consistent_read=True)
    except TemplateTrialItem.DoesNotExist:
        return None
    return Trial(drawn=int(item.drawn), failed=int(item.failed), fault=item.fault or "")


def note_drawn(template_id: str, version: int) -> None:
    """A version can be drawn; a newer one that can, and a template that was deleted, are left alone."""
    _note(template_id, [TemplateTrialItem.drawn.set(version)], TemplateTrialItem.drawn < version)


def note_failed(template_id: str, version: int, fault: str) -> None:
    """A version cannot be drawn, and why; a newer one that cannot, and a template that was deleted, are left alone."""
    actions: list[Action] = [TemplateTrialItem.failed.set(version), TemplateTrialItem.fault.set(fault[:LONGEST_FAULT])]
    _note(template_id, actions, TemplateTrialItem.failed <= version)


def _note(template_id: str, actions: list[Action], condition: Condition) -> None:
    try:
        _update(template_id, actions, condition)
    except ConditionFailedError:
        return


@retried
def _update(template_id: str, actions: list[Action], condition: Condition) -> None:
    TemplateTrialItem(parts_pk(template_id), TRIAL).update(actions=actions, condition=condition)
