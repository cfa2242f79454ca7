"""Two customers on paper and in the product: opened, asked and compared here; what clerks do is in `test_paper_and_product`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from chalice.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from app import app
from chalicelib.store import export_files, list_months, objects, operators, shards
from tests.scenarios.paper_billing import ADVANCE, ARREARS, MINIMUM, PaperBilling, local_day
from tests.scenarios.paper_ledger import AGES, DIGITS, ZERO, Money, Paper, PaperLedger, Row, Use, reckon, rounded
from tests.support.cloud import Cloud
from tests.support.http import ApiClient, Reply
from tests.support.story import Story

NAMES = ("one", "two")
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia")
REFUSALS = {409, 422}


def tax(percent: str) -> dict[str, str]:
    """As the API takes it."""
    return {"category": "S" if Decimal(percent) else "Z", "percent": percent, "name": "VAT"}


def first_day(document: Mapping[str, Any]) -> str:
    """Of the period that is printed."""
    return str(document["period"]["start_date"])


def _pick(keys: Sequence[str], choice: int) -> str:
    return keys[-1 - choice % len(keys)]


class Desk(RuleBasedStateMachine):
    """The books of both; `days` are those that each generated document claimed, `drafts` whose each draft is."""

    cloud: ClassVar[Cloud]

    @initialize(
        data=st.data(),
        per_line=st.booleans(),
        inclusive=st.booleans(),
        drafts=st.booleans(),
        currencies=st.permutations(sorted(DIGITS)),
    )
    def open_books(self, data: st.DataObject, per_line: bool, inclusive: bool, drafts: bool, currencies: list[str]) -> None:
        """Empty tables, settings, two customers with their packages."""
        self.cloud.clear()
        for module in (operators, list_months, shards):
            module.forget()
        client = Client(app)
        self.story, self.keys = Story(ApiClient(self.cloud, client), client), 0
        self.today = datetime.now(UTC).date()
        self.start = (self.today - timedelta(days=130)).replace(day=1)
        self.as_of = datetime.combine(self.start, datetime.min.time(), UTC)
        self.per_line, self.inclusive = per_line, inclusive
        self.ledgers, self.billing = dict[str, PaperLedger](), dict[str, PaperBilling]()
        self.batches = dict[str, tuple[int, int]]()
        self.days, self.drafts, self.packages = dict[str, list[date]](), dict[str, str](), dict[str, dict[str, Any]]()
        chosen = {"tax_rounding": "per_line" if per_line else "per_group", "prices_include_tax": inclusive}
        self._done(self.story.api.put("/settings", {**chosen, "generated_invoices": "draft" if drafts else "issue"}), 200)
        for name, currency in zip(NAMES, currencies, strict=False):
            self._open_customer(name, currency, data)
            for shift in (-90, -40):
                self._first_entries(name, shift)

    def teardown(self) -> None:
        """In the end every account is compared on every sort of day, with exports and the product's own check."""
        for name in NAMES:
            for shift in (-120, -60, -31, -1, 0, 1, 10, 21):
                self._same_account(name, self._day(shift))
            self._same_lists(name)
        self._same_exports()
        assert self._get("/reports/reconciliation")["findings"] == []

    def _open_customer(self, name: str, currency: str, data: st.DataObject) -> None:
        weekday = data.draw(st.sampled_from([None, 1, 4]), f"weekday of {name}")
        billing = PaperBilling(
            currency=currency,
            start=self.start,
            zone=data.draw(st.sampled_from(ZONES), f"zone of {name}"),
            percent=Decimal(data.draw(st.sampled_from(["20", "8.1"]), f"percent of {name}")),
            package_percent=Decimal(7),
            weekday=weekday,
            has_packages=data.draw(st.booleans(), f"packages of {name}"),
        )
        schedule = {"frequency": "weekly", "anchor": weekday} if weekday else {"frequency": "monthly", "anchor": 1}
        about = {"currency": currency, "timezone": billing.zone, "tax": tax(str(billing.percent)), "schedule": schedule}
        self.story.customer(id=name, name=name, billing_start=str(self.start), **about)
        self.ledgers[name], self.billing[name] = PaperLedger(currency), billing
        if billing.has_packages:
            seven = {"tax": tax("7")}
            self.packages[name] = self._sell(name, {"unit_price": str(ADVANCE), "prorate": True, **seven})
            self._sell(name, {"unit_price": str(ARREARS), "charge": "arrears", **seven})
            self._sell(name, {"unit_price": str(MINIMUM), "minimum_spend": True})

    def _first_entries(self, name: str, shift: int) -> None:
        """Something owed and something paid, so that every step finds what it is about."""
        on = str(self._day(shift))
        lines = [{"description": "Work", "unit_price": "90", "tax": tax("20")}]
        body = {"customer_id": name, "lines": lines, "issue": True, "invoice_date": on, "prices_include_tax": True}
        self._file(name, self._done(self.story.api.post("/invoices", body), 201))
        paid = self._done(self._post("/payments", {"customer_id": name, "amount": "70", "date": on}), 201)
        self.ledgers[name].money[paid["id"]] = Money(Decimal(70), self._day(shift))

    def _sell(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        package = self._done(self.story.api.post("/packages", {"name": "Line", "match_days": [1], **fields}), 201)
        body = {"package_id": package["id"], "start_date": str(self.start)}
        return dict(self._done(self.story.api.post(f"/customers/{name}/packages", body), 201))

    def _same_account(self, name: str, day: date) -> None:
        """Ageing and statement of a day."""
        ledger = self.ledgers[name]
        report = self._get(f"/reports/ageing?as_of={day}&customer_id={name}&currency={ledger.currency}")["total"]
        told = {key: Decimal(report[key]) for key in (*AGES, "total", "unallocated")}
        assert told == ledger.ageing(day), (name, day, told, ledger.ageing(day))
        middle = day - timedelta(days=20)
        statement = self._get(f"/customers/{name}/statement?from={middle}&to={day}")
        assert Decimal(statement["opening"]) == ledger.balance(middle - timedelta(days=1)), (name, day)
        assert Decimal(statement["closing"]) == ledger.balance(day), (name, day)

    def _same_lists(self, name: str) -> None:
        """What is due and left now, of each document and payment, in lists and in the balance."""
        ledger = self.ledgers[name]
        rows = [row for row in self._all(f"/customers/{name}/invoices") if row["status"] != "draft"]
        invoices = {
            row["id"]: Decimal(row["amount_due"]) for row in rows if row["kind"] == "invoice" and row["status"] == "issued"
        }
        live = {key: ledger.due(key) for key, one in ledger.papers.items() if not one.is_note and one.ended is None}
        assert invoices == live
        assert {row["id"]: Decimal(row["total"]) for row in rows} == {key: one.total for key, one in ledger.papers.items()}
        left = {row["id"]: Decimal(row["unallocated"]) for row in self._all(f"/customers/{name}/payments")}
        assert left == {key: ledger.left(key) for key in ledger.money}
        balance = self._get(f"/customers/{name}/balance")
        assert Decimal(balance["due"]) == sum(live.values(), ZERO)
        assert Decimal(balance["unallocated"]) == sum(left.values(), ZERO)

    def _same_exports(self) -> None:
        """The accounting by currency: what stands, by document."""
        job = self._done(self.story.api.post("/exports", {"kind": "accounting_csv"}), 202)
        self.story.work_off()
        content = objects.find_object(export_files.file_key(job["id"])) or b""
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        for ledger in self.ledgers.values():
            for end in (self._day(-30), self._day(0), self._day(21)):
                booked = [
                    Decimal(row["gross"])
                    for row in rows
                    if (row["record"], row["currency"]) == ("posting", ledger.currency) and row["posting_date"] <= str(end)
                ]
                standing = (one for one in ledger.papers.values() if one.stands(end))
                assert sum(booked, ZERO) == sum((-one.total if one.is_note else one.total for one in standing), ZERO)

    def _same_totals(self, name: str, found: Mapping[str, Any], rows: Sequence[Row], *, inclusive: bool) -> None:
        net, taxed = reckon(rows, self.ledgers[name].currency, per_line=self.per_line, inclusive=inclusive)
        sign = -1 if found["kind"] == "credit_note" else 1
        assert (sign * Decimal(found["subtotal"]), sign * Decimal(found["tax_total"])) == (net, taxed)

    def _expect(self, name: str) -> list[tuple[list[date], list[Row]]]:
        """What every missing period comes to; those that come to nothing are claimed without a document."""
        billing = self.billing[name]
        claimed = [(days, billing.claim(days)) for days in billing.missing(self.as_of)]
        return [(days, rows) for days, rows in claimed if sum(self._reckon(name, rows), ZERO)]

    def _reckon(self, name: str, rows: Sequence[Row]) -> tuple[Decimal, Decimal]:
        return reckon(rows, self.ledgers[name].currency, per_line=self.per_line, inclusive=self.inclusive)

    def _same_documents(
        self, name: str, made: Sequence[dict[str, Any]], expected: Sequence[tuple[list[date], list[Row]]]
    ) -> None:
        assert len(made) == len(expected), (made, expected)
        for document, (days, rows) in zip(made, expected, strict=True):
            self._same_totals(name, document, rows, inclusive=self.inclusive)
            self.days[document["id"]] = days
            if document["status"] == "draft":
                self.drafts[document["id"]] = name
            else:
                self._file(name, document)

    def _file(self, name: str, document: Mapping[str, Any]) -> None:
        """An issued document goes on paper."""
        on, due = date.fromisoformat(document["invoice_date"]), date.fromisoformat(document["due_date"])
        if document["kind"] == "credit_note":
            self._file_note(name, document, Decimal(document["total"]))
        else:
            self.ledgers[name].papers[document["id"]] = Paper(Decimal(document["total"]), on, due, self.billing[name].zone)

    def _file_note(self, name: str, note: Mapping[str, Any], excess: Decimal) -> None:
        ledger, on = self.ledgers[name], date.fromisoformat(note["invoice_date"])
        ledger.papers[note["id"]] = Paper(
            Decimal(note["total"]), on, on, self.billing[name].zone, original=note.get("original_invoice_id"), is_note=True
        )
        if excess > 0:
            given = [row for row in self._all(f"/customers/{name}/payments") if row["credit_note_id"] == note["id"]]
            assert [Decimal(row["amount"]) for row in given] == [excess]
            ledger.money[given[0]["id"]] = Money(excess, on, note=note["id"])

    def _note_uses(
        self, name: str, rows: Iterable[Mapping[str, Any]], parts: Mapping[tuple[str, str], Decimal], shift: int | None
    ) -> None:
        made = {(row["payment_id"], row["invoice_id"]): Decimal(row["amount"]) for row in rows}
        assert made == parts
        for row in rows:
            on = self._day(shift) if shift is not None else date.fromisoformat(row["date"])
            assert str(on) == row["date"]
            assert on >= self.ledgers[name].free_from(row["payment_id"])
            use = Use(row["payment_id"], row["invoice_id"], made[row["payment_id"], row["invoice_id"]], on)
            self.ledgers[name].uses[row["id"]] = use

    def _allowed(self, reply: Reply, is_right: bool, *, unchanged: bool = False) -> bool:
        """Whether the step was taken; the product must think of it as paper does."""
        assert reply.status in {200, 201, 204, *REFUSALS}, reply.text
        assert (reply.status not in REFUSALS) == (is_right or unchanged), reply.text
        return is_right

    def _invoice(self, name: str, choice: int) -> str:
        """Any invoice, more often one that still owes something."""
        ledger = self.ledgers[name]
        keys = [key for key, one in ledger.papers.items() if not one.is_note]
        return _pick([*keys, *3 * [key for key in keys if ledger.due(key)]], choice)

    def _payment(self, name: str, choice: int) -> str:
        """Any payment, more often one with something left."""
        ledger = self.ledgers[name]
        keys = list(ledger.money)
        return _pick([*keys, *3 * [key for key in keys if ledger.left(key)]], choice)

    def _part(self, name: str, whole: Decimal, share: Decimal) -> Decimal:
        """Some of an amount, at least the currency's smallest."""
        ledger = self.ledgers[name]
        return max(rounded(whole * share, ledger.currency), Decimal(1).scaleb(-DIGITS[ledger.currency]))

    def _ids(self, name: str) -> set[str]:
        return {row["id"] for row in self._all(f"/customers/{name}/invoices")}

    def _day(self, shift: int) -> date:
        return self.today + timedelta(days=shift)

    def _now(self, name: str) -> date:
        return local_day(datetime.now(UTC), self.billing[name].zone)

    def _dated(self, shift: int | None) -> dict[str, str]:
        return {} if shift is None else {"date": str(self._day(shift))}

    def _is_free(self, name: str, payment: str, shift: int | None) -> bool:
        return shift is None or self._day(shift) >= self.ledgers[name].free_from(payment)

    def _post(self, path: str, body: dict[str, Any]) -> Reply:
        self.keys += 1
        return self.story.api.post(path, body, headers={"Idempotency-Key": f"desk-{self.keys}"})

    def _get(self, path: str) -> dict[str, Any]:
        return dict(self._done(self.story.api.get(path), 200))

    def _all(self, path: str) -> list[dict[str, Any]]:
        rows = self._get(f"{path}?limit=200")
        assert rows["next_cursor"] is None
        return list(rows["items"])

    def _done(self, reply: Reply, status: int) -> Any:
        assert reply.status == status, reply.text
        return reply.json
