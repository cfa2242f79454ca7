"""One of a crew of real processes working on the same books: reads orders from standard input, answers each on standard output.

`python -m tests.e2e.crew` with the environment that functions have. An order is a line of JSON {"do": name, …}; the answer
carries what came of it, how many AWS calls were made, and how many of them were refused because somebody else was faster.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import botocore
import botocore.session

from chalicelib import wiring
from chalicelib.domain.drafting import NewInvoice
from chalicelib.domain.errors import BillingError
from chalicelib.domain.manual_lines import LineInput
from chalicelib.handlers import on_queue, on_upload
from chalicelib.services.allocation_plans import AllocatePayment
from chalicelib.services.allocations import allocate_payment
from chalicelib.services.billing_by_hand import auto_generate
from chalicelib.services.billing_runs import build_run, dispatch_run
from chalicelib.services.invoice_drafts import create_invoice
from chalicelib.services.payments import NewPayment, record_payment
from chalicelib.services.reconcile import reconcile_customer, reconcile_series
from chalicelib.services.run_progress import get_progress
from chalicelib.store import batches, books, numbering, runs
from chalicelib.store.clients import names, sqs
from chalicelib.store.objects import put_object
from tests.support.builders import tax
from tests.support.crowd import crowd_calls, import_calls, put_crowd

FIRST = date(2025, 10, 1)
Order = dict[str, Any]
seen: Counter[str] = Counter()


def open_books(order: Order) -> None:
    """Customers billed monthly, each with a call on some days."""
    put_crowd(order["customers"], FIRST)
    import_calls(crowd_calls(order["customers"], _dates(order["days"]), "first"), "first")


def dispatch(order: Order) -> str:
    """A schedule fires at an instant; its run."""
    deps = wiring.get_deps()
    run = build_run(deps, "monthly", _instant(order["at"]), None)
    runs.put_run_once(run)
    dispatch_run(deps, run.id)
    return run.id


def receive(_order: Order) -> list[str]:
    """The bodies of everything in the queue, which is empty afterwards."""
    found: list[str] = []
    while some := sqs().receive_message(QueueUrl=names.bill_queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in some:
            sqs().delete_message(QueueUrl=names.bill_queue_url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
    return found


def work(order: Order) -> int:
    """Work messages off, as Lambda brings them: what fails comes again, at most five times; how many came again."""
    left, again = list(order["messages"]), 0
    for _ in range(5):
        records = [{"messageId": str(place), "body": body} for place, body in enumerate(left)]
        failures = on_queue.handle_messages({"Records": records})["batchItemFailures"]
        left = [left[int(failure["itemIdentifier"])] for failure in failures]
        again += len(left)
    if left:
        raise AssertionError(f"dead letters: {left}")
    return again


def press(order: Order) -> list[str]:
    """Press the button for some customers; the names of their invoices."""
    made = []
    for customer in order["customers"]:
        generated = auto_generate(wiring.get_deps(), customer, _instant(order["at"]))
        made += [invoice.id for invoice in generated.invoices]
    return made


def bring_in(order: Order) -> None:
    """A file with a call a customer and day is dropped, and its event delivered until it is done."""
    key = f"usage/incoming/{order['mark']}.csv"
    put_object(key, crowd_calls(order["customers"], _dates(order["days"]), order["mark"]))
    event = {"detail": {"object": {"key": key}}}
    for attempt in range(3):
        try:
            on_upload.import_usage(event)
        except BillingError:
            if attempt == 2:
                raise
        else:
            return


def prepare_money(order: Order) -> dict[str, Any]:
    """A payment and issued invoices of one customer."""
    deps, customer = wiring.get_deps(), order["customer"]
    put_crowd([customer], FIRST)
    line = LineInput(given={"description": "Work", "unit_price": Decimal(order["price"]), "tax": tax(0)})
    invoices = [
        create_invoice(deps, NewInvoice(customer_id=customer, lines=(line,)), issue=True).id for _ in range(order["count"])
    ]
    payment = record_payment(deps, NewPayment(customer_id=customer, amount=Decimal(order["amount"])))
    return {"payment": payment.id, "invoices": invoices}


def allocate(order: Order) -> Counter[str]:
    """Two clerks in threads allocate, one request after the other; how their requests ended, by code."""
    with ThreadPoolExecutor(2) as clerks:
        return Counter(clerks.map(lambda amounts: _allocate(order["payment"], amounts), order["requests"]))


def look(order: Order) -> dict[str, Any]:
    """What an auditor sees: findings of the reconciliation, and the plain rows for a check of one's own."""
    found = [finding for customer in order["customers"] for finding in reconcile_customer(customer)]
    found += reconcile_series()
    rows = [_rows(customer) for customer in order["customers"]]
    accepted = [batch.accepted for batch in batches.list_batches(100, None)[0]]
    return {
        "findings": [str(finding) for finding in found],
        "customers": rows,
        "accepted": sum(accepted),
        "last": numbering.find_last("invoices"),
    }


def progress(order: Order) -> str:
    """The status of a run."""
    return get_progress(order["run"]).status


def _allocate(payment: str, amounts: list[list[str]]) -> str:
    command = AllocatePayment(payment_id=payment, amounts=[(invoice, Decimal(amount)) for invoice, amount in amounts])
    try:
        allocate_payment(wiring.get_deps(), command)
    except BillingError as error:
        return error.code
    return "done"


def _rows(customer: str) -> dict[str, Any]:
    kept = books.load_books(customer)
    return {
        "id": customer,
        "invoices": [
            {
                "number": one.number,
                "period": str(one.body.period.start_date) if one.body.period else None,
                "calls": sum(line.usage.calls for line in one.body.lines if line.usage),
                "paid": one.paid,
                "due": one.due,
            }
            for one in kept.invoices
        ],
        "unbilled": sum(row.attempts for row in books.load_usage(customer) if row.billing_day not in kept.claims),
        "left": [payment.left for payment in kept.payments],
        "allocated": sum(one.amount for one in kept.allocations if not one.is_reversed),
    }


def _dates(days: list[str]) -> list[date]:
    return [date.fromisoformat(day) for day in days]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _count(parsed: dict[str, Any], **_event: Any) -> None:
    """Every answer of the service; one with an error code was refused."""
    seen["calls"] += 1
    code = parsed.get("Error", {}).get("Code", "")
    if code:
        seen[code] += 1


ORDERS: dict[str, Callable[[Order], Any]] = {
    task.__name__: task
    for task in (open_books, dispatch, receive, work, press, bring_in, prepare_money, allocate, look, progress)
}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Take orders until standard input ends."""
    botocore.register_initializer(lambda session: session.register("after-call.*.*", _count))
    wiring.get_deps()
    _say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        seen.clear()
        try:
            answer = {"result": ORDERS[order["do"]](order)}
        except Exception as error:  # noqa: BLE001  # whatever went wrong is the answer
            answer = {"error": repr(error)}
        _say({**answer, "seen": dict(seen)})


if __name__ == "__main__":
    main()
