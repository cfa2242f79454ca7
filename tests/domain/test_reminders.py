"""Which reminder is due on which day, and what steps an operator may choose."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reminders import (
    ORDER,
    ReminderStep,
    ReminderTemplate,
    days_ahead,
    find_due_step,
    find_reminder,
    validate_reminders,
)

DUE = date(2026, 11, 30)
UPCOMING, FIRST, SECOND, FINAL = ReminderTemplate


def step(days: int, template: ReminderTemplate) -> ReminderStep:
    """A step."""
    return ReminderStep(days_after_due=days, template=template)


LADDER = (step(-3, UPCOMING), step(7, FIRST), step(14, SECOND), step(30, FINAL))


@pytest.mark.parametrize(
    "days, expected",
    [
        (-4, None),
        (-3, UPCOMING),
        (0, UPCOMING),
        (1, None),
        (6, None),
        (7, FIRST),
        (13, FIRST),
        (14, SECOND),
        (30, FINAL),
        (400, FINAL),
    ],
)
def test_the_latest_due_step_counts(days: int, expected: ReminderTemplate | None) -> None:
    """Each step from its day on until the next; the notice in advance only until the due date."""
    found = find_due_step(LADDER, DUE, DUE + timedelta(days))
    assert (found.template if found else None) is expected


def test_a_step_is_sent_once_and_never_a_milder_one_after() -> None:
    """What was sent, or is milder than what was sent, is not sent; days that were missed bring one mail."""
    on = DUE + timedelta(20)
    assert find_reminder(LADDER, [], DUE, on) == LADDER[2]
    assert find_reminder(LADDER, [UPCOMING, FIRST], DUE, on) == LADDER[2]
    assert find_reminder(LADDER, [SECOND], DUE, on) is None
    assert find_reminder(LADDER, [FINAL], DUE, on) is None
    assert find_reminder((), [], DUE, on) is None


def test_moving_a_step_does_not_send_it_again() -> None:
    """A template that was sent stays sent when the operator gives its step another day."""
    assert find_reminder((step(8, FIRST),), [FIRST], DUE, DUE + timedelta(8)) is None


@given(st.sets(st.integers(0, 60), max_size=20))
def test_whatever_days_the_schedule_runs_no_step_comes_twice_or_after_a_firmer_one(days: set[int]) -> None:
    """Over any days on which the schedule ran, reminders only get firmer."""
    sent: list[ReminderTemplate] = []
    for day in sorted(days):
        found = find_reminder(LADDER, sent, DUE, DUE + timedelta(day - 10))
        if found:
            sent.append(found.template)
    assert sent == sorted(set(sent), key=ORDER.index)


@pytest.mark.parametrize(
    "steps, paths",
    [
        (LADDER, []),
        ((), []),
        ((step(0, UPCOMING),), []),
        ((step(1, UPCOMING),), ["reminders.0.days_after_due"]),
        ((step(-61, UPCOMING),), ["reminders.0.days_after_due"]),
        ((step(0, FIRST),), ["reminders.0.days_after_due"]),
        ((step(366, FINAL),), ["reminders.0.days_after_due"]),
        ((step(7, FIRST), step(7, SECOND)), ["reminders.1.days_after_due"]),
        ((step(7, SECOND), step(9, FIRST)), ["reminders.1.template"]),
        ((step(7, FIRST), step(9, FIRST)), ["reminders.1.template"]),
    ],
)
def test_steps_get_later_and_firmer(steps: tuple[ReminderStep, ...], paths: list[str]) -> None:
    """Anything else is refused, with the place."""
    assert [issue.path for issue in validate_reminders(steps)] == paths


def test_days_ahead() -> None:
    """How far before the due date invoices have to be looked at."""
    assert (days_ahead(LADDER), days_ahead(LADDER[1:]), days_ahead(())) == (3, 0, 0)
