"""Reminders of unpaid invoices: the operator's steps, and which of them is due on a day. Sends nothing and reads no clock.

A step is known by its template: each template reminds of an invoice once, even if the operator moves its day later.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from chalicelib.domain.errors import Issue

EARLIEST, LATEST = -60, 365
"""Days after the due date that a step may have; negative ones are before it."""


class ReminderTemplate(StrEnum):
    """What a reminder says, ever more firmly. `upcoming` is the friendly notice that an invoice falls due soon."""

    UPCOMING = "upcoming"
    FIRST = "first"
    SECOND = "second"
    FINAL = "final"


ORDER = tuple(ReminderTemplate)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderStep:
    """So many days after the due date (negative: before it) this text is sent."""

    days_after_due: int
    template: ReminderTemplate


def validate_reminders(steps: Sequence[ReminderStep]) -> list[Issue]:
    """Every issue of the steps: `upcoming` comes by the due date, the others after it, and each later and firmer than the last.

    >>> validate_reminders([ReminderStep(days_after_due=3, template=ReminderTemplate.UPCOMING)])[0].path
    'reminders.0.days_after_due'
    """
    issues = [issue for number, step in enumerate(steps) for issue in _step_issues(number, step)]
    for number, (before, after) in enumerate(pairwise(steps), 1):
        if after.days_after_due <= before.days_after_due:
            issues.append(Issue(f"reminders.{number}.days_after_due", "invalid_value", "Steps come one after the other."))
        if ORDER.index(after.template) <= ORDER.index(before.template):
            message = f"Each step is firmer than the one before: {', '.join(ORDER)}; each at most once."
            issues.append(Issue(f"reminders.{number}.template", "invalid_value", message))
    return issues


def find_due_step(steps: Sequence[ReminderStep], due_date: date, on: date) -> ReminderStep | None:
    """The latest step that is due on the day: missed days bring one mail. Nothing is `upcoming` once it is over."""
    days = (on - due_date).days
    due = [step for step in steps if step.days_after_due <= days]
    if days > 0:
        due = [step for step in due if step.template is not ReminderTemplate.UPCOMING]
    return max(due, key=lambda step: step.days_after_due, default=None)


def find_reminder(
    steps: Sequence[ReminderStep], reminded: Collection[ReminderTemplate], due_date: date, on: date
) -> ReminderStep | None:
    """The step to send on the day; None when it, or a firmer one, was sent already."""
    step = find_due_step(steps, due_date, on)
    if step is None or any(ORDER.index(each) >= ORDER.index(step.template) for each in reminded):
        return None
    return step


def days_ahead(steps: Sequence[ReminderStep]) -> int:
    """How many days before its due date an invoice gets its first notice; 0 when nothing is sent before."""
    return max([0, *(-step.days_after_due for step in steps)])


def _step_issues(number: int, step: ReminderStep) -> list[Issue]:
    low, high = (EARLIEST, 0) if step.template is ReminderTemplate.UPCOMING else (1, LATEST)
    if low <= step.days_after_due <= high:
        return []
    message = f"A step {step.template!s} comes {low} to {high} days after the due date."
    return [Issue(f"reminders.{number}.days_after_due", "invalid_value", message)]
