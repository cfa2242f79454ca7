"""Flows that bill: the schedule, its chunk, the button, days by hand, a message that comes late."""

from __future__ import annotations

from tests.faults.faults import Fault, Kind, Plan
from tests.faults.flow import Flow
from tests.faults.people import DUE, NEXT_HOUR, NEXT_MONTH, a_payment, an_issued_invoice, call, three_customers, usage_file
from tests.faults.stage import Stage, attempt
from tests.support.aws_calls import watched


def _fire(stage: Stage) -> None:
    stage.fire("monthly", DUE)


def _fire_later(stage: Stage) -> None:
    stage.fire("monthly", NEXT_HOUR)
    stage.work_off()


def prepare_chunk(stage: Stage) -> None:
    """A run has cut its chunk, and the message is under way."""
    three_customers(stage)
    stage.fire("monthly", DUE)
    stage.receive()
    stage.notes["messages"] = list(stage.messages())
    stage.messages().clear()


def run_chunk(stage: Stage) -> None:
    """The message comes, and whatever it left in the queue."""
    missing = [message for message in stage.notes["messages"] if message not in stage.messages()]
    stage.messages().extend(missing)
    stage.deliver()


def _press(stage: Stage) -> None:
    for customer_id in ("busy", "tardy"):
        stage.ask("POST", f"/customers/{customer_id}/auto-generate", {"as_of": NEXT_HOUR}, key=f"press-{customer_id}")


def _press_after_run_began(stage: Stage) -> None:
    """The button beside a run that has its chunks and billed nothing yet."""
    stage.ask("POST", "/customers/busy/auto-generate", {"as_of": NEXT_HOUR}, key="press-busy")


def _issue_by_hand(stage: Stage) -> None:
    """Somebody else takes a number of the same series."""
    an_issued_invoice(stage, "quiet")


def _run_to_the_end(stage: Stage) -> None:
    stage.fire("monthly", DUE)
    stage.work_off()


def _late_calls(stage: Stage) -> None:
    """A file for the days that are being billed, read while they are."""
    calls = [call("90", "busy", "2025-11-04T10:00:00Z", "0.40"), call("91", "tardy", "2025-11-06T10:00:00Z", "0.30")]
    stage.upload(usage_file(stage, "meanwhile.csv", *calls))


def _bill_next_month(stage: Stage) -> None:
    stage.fire("monthly", NEXT_MONTH)
    stage.work_off()


def _bill_days(stage: Stage) -> None:
    days = {
        "days": [{"start_date": "2025-11-03", "end_date": "2025-11-05"}, {"start_date": "2025-11-30", "end_date": "2025-11-30"}]
    }
    stage.ask("POST", "/customers/busy/invoices", days, key="days")


def _bill_same_days(stage: Stage) -> None:
    days = {"days": [{"start_date": "2025-11-05", "end_date": "2025-11-30"}]}
    stage.ask("POST", "/customers/busy/invoices", days, key="other days")


def _move_schedules(stage: Stage) -> None:
    """Before the chunk comes again, customers are billed otherwise."""
    for customer_id in ("busy", "tardy"):
        etag = stage.api.get(f"/customers/{customer_id}").headers["etag"]
        change = {"schedule": {"frequency": "weekly", "anchor": 1}}
        stage.story.done(stage.api.patch(f"/customers/{customer_id}", change, headers={"If-Match": etag}), 200)


def _died_at_the_end(stage: Stage) -> None:
    """The chunk did everything but note its outcome; then one invoice was paid and one voided."""
    prepare_chunk(stage)
    writes = Plan()
    before = stage.save()
    with watched(writes):
        run_chunk(stage)
    stage.load(before)
    with watched(Plan([Fault(len(writes.seen), Kind.DIE_BEFORE)])):
        assert not attempt(run_chunk, stage)
    stage.messages().clear()
    payment = a_payment(stage, "busy", "5.00")
    (busy,) = stage.story.invoices("busy")
    pay = {"payment_id": payment, "amount": "5.00"}
    stage.story.done(stage.api.post(f"/invoices/{busy['id']}/payments", pay, headers={"Idempotency-Key": "a"}), 201)
    *_, november = stage.story.invoices("tardy")
    stage.story.done(stage.api.post(f"/invoices/{november['id']}/void"), 200)


FLOWS = (
    Flow(name="dispatch", prepare=three_customers, act=_fire, afterwards=_fire_later),
    Flow(name="chunk", prepare=prepare_chunk, act=run_chunk),
    Flow(name="chunk_beside_button", prepare=prepare_chunk, act=run_chunk, rival=_press_after_run_began, is_about_rival=True),
    Flow(name="chunk_beside_clerk", prepare=prepare_chunk, act=run_chunk, rival=_issue_by_hand, is_about_rival=True),
    Flow(
        name="chunk_while_calls_come",
        prepare=prepare_chunk,
        act=run_chunk,
        rival=_late_calls,
        is_about_rival=True,
        afterwards=_bill_next_month,
    ),
    Flow(name="chunk_after_schedules_moved", prepare=prepare_chunk, act=run_chunk, between=_move_schedules, has_own_result=False),
    Flow(name="chunk_late", prepare=_died_at_the_end, act=run_chunk, afterwards=_fire_later),
    Flow(name="days", prepare=three_customers, act=_bill_days, rival=_bill_same_days),
    Flow(name="button", prepare=three_customers, act=_press, rival=_run_to_the_end),
)
