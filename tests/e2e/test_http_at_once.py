"""Several clients of the running API at once: double clicks, cut connections, two tabs, clerks who want the same money."""

from __future__ import annotations

import signal
import socket
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from local.home import open_home
from local.runner import Runner
from local.tokens import make_token
from tests.e2e.browser import Answer, Browser, at_once
from tests.support.statements import Row, csv_request

CLICKS = 8


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The whole system as `make run` starts it, on an empty data directory: emulator, API, workers."""
    home = open_home(tmp_path_factory.mktemp("home"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with Runner(home, _free_port()) as runner:
        host = runner.api.removeprefix("http://").rstrip("/")
        browser = Browser(host, make_token(home, "admin"))
        browser.done("PUT", "/settings", {"name": "Telco GmbH"})
        yield browser
    for number, handler in handlers.items():
        signal.signal(number, handler)


def a_customer(browser: Browser, customer_id: str, **fields: Any) -> str:
    """A customer in EUR without tax."""
    tax = {"category": "Z", "percent": "0", "name": "VAT"}
    browser.done("POST", "/customers", {"id": customer_id, "name": customer_id.title(), "currency": "EUR", "tax": tax, **fields})
    return customer_id


def an_invoice(browser: Browser, customer_id: str, price: str, **fields: Any) -> dict[str, Any]:
    """An invoice over the price, issued unless told otherwise."""
    lines = [{"description": "Work", "unit_price": price}]
    invoice: dict[str, Any] = browser.done(
        "POST", "/invoices", {"customer_id": customer_id, "lines": lines, "issue": True, **fields}
    )
    return invoice


def pay(browser: Browser, customer_id: str, amount: str) -> str:
    """A completed payment; its id."""
    body = {"customer_id": customer_id, "amount": amount}
    return str(browser.done("POST", "/payments", body, Idempotency_Key=f"{customer_id}-{amount}")["id"])


def payments(browser: Browser, customer_id: str) -> list[dict[str, Any]]:
    """What the customer paid."""
    found: list[dict[str, Any]] = browser.done("GET", f"/customers/{customer_id}/payments")["items"]
    return found


def test_a_double_click_is_one_payment(browser: Browser) -> None:
    """Eight requests with one key at once: each is answered with the same payment, or told that it still runs."""
    a_customer(browser, "clicker", create_invoice_on_payment=True)
    body = {"customer_id": "clicker", "amount": "12.00"}
    ask = partial(browser.ask, "POST", "/payments", body, Idempotency_Key="double click")
    answers = at_once([ask] * CLICKS)
    assert {(answer.status, answer.code) for answer in answers} <= {(201, ""), (409, "idempotency_in_progress")}
    last = browser.insist("POST", "/payments", body, Idempotency_Key="double click")
    assert (last.status, last.headers["idempotency-replayed"]) == (201, "true")
    assert {answer.json["id"] for answer in answers if answer.status == 201} == {last.json["id"]}
    (payment,) = payments(browser, "clicker")
    (invoice,) = browser.done("GET", "/customers/clicker/invoices")["items"]
    assert (payment["allocated"], invoice["total"], invoice["payment_status"]) == ("12.00", "12.00", "paid")


def test_another_request_under_the_key_is_refused(browser: Browser) -> None:
    """Whichever is first wins; the other is told, not answered with somebody else's payment."""
    a_customer(browser, "mixed")
    bodies = [{"customer_id": "mixed", "amount": f"{place + 1}.00"} for place in range(4)]
    answers = at_once([partial(browser.ask, "POST", "/payments", body, Idempotency_Key="mixed up") for body in bodies])
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert {answer.code for answer in answers if answer.status == 409} == {"idempotency_mismatch"}
    assert len(payments(browser, "mixed")) == 1


def test_a_retry_after_a_cut_connection_finds_what_was_done(browser: Browser) -> None:
    """The client hung up, three times; with the same key it gets the one payment there is."""
    a_customer(browser, "cut")
    body = {"customer_id": "cut", "amount": "5.00"}
    for _ in range(3):
        browser.send_and_hang_up("POST", "/payments", body, Idempotency_Key="cut")
    answer = browser.insist("POST", "/payments", body, Idempotency_Key="cut")
    assert answer.status == 201
    assert [payment["id"] for payment in payments(browser, "cut")] == [answer.json["id"]]


def test_of_two_tabs_one_is_told_that_the_other_was_faster(browser: Browser) -> None:
    """Both read the draft, both save it at the same moment: one change is kept, the other is 412; without a tag 428."""
    a_customer(browser, "tabs")
    draft = an_invoice(browser, "tabs", "10.00", issue=False)
    path = f"/invoices/{draft['id']}"
    etag = browser.ask("GET", path).headers["etag"]
    notes = [f"tab {place}" for place in range(4)]
    answers = at_once([partial(browser.ask, "PATCH", path, {"notes": note}, If_Match=etag) for note in notes])
    assert sorted(answer.status for answer in answers) == [200, 412, 412, 412]
    kept = next(note for note, answer in zip(notes, answers, strict=True) if answer.status == 200)
    assert browser.done("GET", path)["notes"] == kept
    assert browser.ask("PATCH", path, {"notes": "blind"}).status == 428


def test_a_payment_is_changed_by_one_tab(browser: Browser) -> None:
    """One completes it, one cancels it, both from what they read: one way only."""
    a_customer(browser, "ways")
    body = {"customer_id": "ways", "amount": "9.00", "status": "pending"}
    path = f"/payments/{browser.done('POST', '/payments', body, Idempotency_Key='ways')['id']}"
    etag = browser.ask("GET", path).headers["etag"]
    asked = [partial(browser.ask, "PATCH", path, {"status": status}, If_Match=etag) for status in ("completed", "cancelled")]
    answers = at_once(asked)
    assert sorted(answer.status for answer in answers) == [200, 412]
    assert browser.done("GET", path)["status"] == next(answer.json["status"] for answer in answers if answer.status == 200)


def test_clerks_at_once_spend_a_payment_once(browser: Browser) -> None:
    """Eight want 20.00 each of 100.00: five get it, three are told why not; not a cent more or less is on the invoices."""
    a_customer(browser, "debtor")
    invoices = [an_invoice(browser, "debtor", "30.00")["id"] for _ in range(CLICKS)]
    payment = pay(browser, "debtor", "100.00")
    lines = [[{"invoice_id": invoice, "amount": "20.00"}] for invoice in invoices]
    answers = at_once([partial(_allocate, browser, payment, line, f"clerk {place}") for place, line in enumerate(lines)])
    assert Counter((answer.status, answer.code) for answer in answers) == {(200, ""): 5, (409, "over_allocated"): 3}
    paid = [Decimal(browser.done("GET", f"/invoices/{invoice}")["amount_paid"]) for invoice in invoices]
    left = browser.done("GET", f"/payments/{payment}")
    assert (sum(paid), sorted(set(paid)), left["unallocated"]) == (100, [0, 20], "0.00")


def test_clerks_at_once_pay_an_invoice_once(browser: Browser) -> None:
    """Eight payments of 20.00 on one invoice of 50.00: two fit, the others are refused."""
    a_customer(browser, "owing")
    invoice = an_invoice(browser, "owing", "50.00")["id"]
    sources = [pay(browser, "owing", f"20.0{place}") for place in range(CLICKS)]
    line = [{"invoice_id": invoice, "amount": "20.00"}]
    answers = at_once([partial(_allocate, browser, source, line, f"to {source}") for source in sources])
    assert Counter(answer.status for answer in answers) == {200: 2, 409: 6}
    assert browser.done("GET", f"/invoices/{invoice}")["amount_due"] == "10.00"


def test_an_entry_of_a_statement_is_confirmed_once(browser: Browser) -> None:
    """Eight clerks confirm the same entry, without a key: one payment, and all are told of it."""
    a_customer(browser, "banker")
    statement = browser.done("POST", "/bank-statements", csv_request(Row(reference="once")))
    path = f"/bank-statements/{statement['id']}/entries/000002/confirm"
    answers = at_once([partial(browser.ask, "POST", path, {"customer_id": "banker"})] * CLICKS)
    assert {answer.status for answer in answers} == {200}
    (payment,) = payments(browser, "banker")
    assert {answer.json["payment"]["id"] for answer in answers} == {payment["id"]}


def test_many_invoices_are_paid_by_the_worker(browser: Browser) -> None:
    """202, the job is watched to its end; asking again with the key is the same job."""
    a_customer(browser, "bulk")
    for _ in range(42):
        an_invoice(browser, "bulk", "1.00")
    payment = pay(browser, "bulk", "50.00")
    body = {"strategy": "oldest_due_first"}
    asked = partial(browser.insist, "POST", f"/payments/{payment}/allocate", body, Idempotency_Key="bulk")
    answers = at_once([asked] * 2)
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].json["id"] == answers[1].json["id"]
    job = browser.await_that(f"/payments/{payment}/allocation-jobs/{answers[0].json['id']}", lambda one: one["status"] == "done")
    assert (job["done"], job["failures"]) == (42, [])
    assert browser.done("GET", f"/payments/{payment}")["unallocated"] == "8.00"


@pytest.mark.parametrize("what", ["refund", "credit note"])
def test_a_double_click_gives_back_once(browser: Browser, what: str) -> None:
    """Eight requests with one key: one refund, one credit note; the others are answered with it, or told that it still runs."""
    customer = a_customer(browser, f"twice-{what[0]}")
    given, path, body = _giving_back(browser, customer, what, "4.00")
    ask = partial(browser.ask, "POST", path, body, Idempotency_Key=f"twice {what}")
    answers = at_once([ask] * CLICKS)
    last = browser.insist("POST", path, body, Idempotency_Key=f"twice {what}")
    assert {answer.code for answer in answers} <= {"", "idempotency_in_progress"}
    assert {answer.json["id"] for answer in answers if not answer.code} <= {last.json["id"]}
    assert _given_back(browser, given, what) == "4.00"


@pytest.mark.parametrize("what, refusal", [("refund", "over_refunded"), ("credit note", "over_credited")])
def test_clerks_at_once_give_back_no_more_than_there_is(browser: Browser, what: str, refusal: str) -> None:
    """Eight want to give 20.00 of 100.00 back, each with a key of its own: five do, three are told why not."""
    customer = a_customer(browser, f"many-{what[0]}")
    given, path, body = _giving_back(browser, customer, what, "20.00")
    answers = at_once([partial(browser.insist, "POST", path, body, Idempotency_Key=f"{what} {n}") for n in range(CLICKS)])
    assert Counter(answer.code for answer in answers) == {"": 5, refusal: 3}
    assert _given_back(browser, given, what) == "100.00"


def test_a_refund_is_made_by_one_of_two_tabs(browser: Browser) -> None:
    """Both read the payment and send what they read with the request: one is told that it changed."""
    payment = pay(browser, a_customer(browser, "refunder"), "100.00")
    etag = browser.ask("GET", f"/payments/{payment}").headers["etag"]
    ask = partial(browser.ask, "POST", f"/payments/{payment}/refund", {"amount": "10.00"}, If_Match=etag)
    assert sorted(answer.status for answer in at_once([ask] * 2)) == [200, 412]
    assert browser.done("GET", f"/payments/{payment}")["refunded"] == "10.00"


def test_two_clerks_begin_one_job(browser: Browser) -> None:
    """Both want to pay the same invoices, more than one step's: one job, and whoever is slower is told which."""
    a_customer(browser, "jobs")
    lines = [{"invoice_id": an_invoice(browser, "jobs", "1.00")["id"], "amount": "0.40"} for _ in range(42)]
    sources = [pay(browser, "jobs", f"20.0{place}") for place in range(2)]
    answers = at_once([partial(_allocate, browser, source, lines, f"job of {source}") for source in sources])
    done = {answer.json["id"]: answer.json["payment_id"] for answer in answers if answer.status == 202}
    refused = [(answer.json["code"], answer.json["job_id"]) for answer in answers if answer.status == 409]
    assert done
    assert all(code == "job_open" and job in done for code, job in refused)
    for job, payment in done.items():
        told = browser.await_that(f"/payments/{payment}/allocation-jobs/{job}", lambda one: one["status"] == "done")
        assert told["failures"] == []
    unallocated = [Decimal(browser.done("GET", f"/payments/{source}")["unallocated"]) for source in sources]
    assert sum(unallocated) == Decimal("40.01") - Decimal("16.80") * len(done)


def test_a_statement_is_drawn_by_the_worker(browser: Browser) -> None:
    """Asked for until it is there, then read through its link."""
    a_customer(browser, "reader")
    an_invoice(browser, "reader", "7.00")
    ready = browser.await_that("/customers/reader/statement.pdf", lambda one: one["status"] == "ready")
    assert ready["url"].startswith("http")


def _giving_back(browser: Browser, customer: str, what: str, amount: str) -> tuple[str, str, dict[str, str]]:
    """Something of 100.00 to give back from, the path to do it at, and what to send."""
    if what == "refund":
        payment = pay(browser, customer, "100.00")
        return payment, f"/payments/{payment}/refund", {"amount": amount}
    invoice = an_invoice(browser, customer, "100.00")["id"]
    return invoice, f"/invoices/{invoice}/credit-notes", {"amount": amount, "reason": "Wrong"}


def _given_back(browser: Browser, given: str, what: str) -> str:
    """How much of it was given back."""
    kind, name = ("payments", "refunded") if what == "refund" else ("invoices", "amount_credited")
    return str(browser.done("GET", f"/{kind}/{given}")[name])


def _allocate(browser: Browser, payment: str, lines: list[dict[str, str]], key: str) -> Answer:
    return browser.ask("POST", f"/payments/{payment}/allocate", {"allocations": lines}, Idempotency_Key=key)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
