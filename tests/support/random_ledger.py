"""A random ledger, made over HTTP only: two customers and everything that clerks do with their invoices and money.

Every ledger has each kind of step at least twice, in random order with random amounts; `answers` keeps how each document and
payment stood with each of its versions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, Literal

from tests.support.http import Reply
from tests.support.story import Story

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
OPERATOR: dict[str, Any] = {"name": "Telco", "tax_id": "DE811569869", "address": {"city": "Kiel", "country": "DE"}}
BUYER: dict[str, Any] = {"tax_id": "ATU13585627", "address": {"city": "Wien", "country": "AT"}}
"""With all that an e-invoice needs."""
STANDARD = {"category": "S", "percent": "20", "name": "VAT"}
TAXES: tuple[dict[str, str] | None, ...] = (
    None,
    {"category": "S", "percent": "7.7", "name": "VAT"},
    {"category": "S", "percent": "5", "name": "VAT"},
    {"category": "Z", "percent": "0", "name": "VAT"},
    {"category": "E", "percent": "0", "name": "VAT", "reason": "Postage"},
    {"category": "AE", "percent": "0", "name": "VAT", "reason": "Reverse charge"},
)
"""Of lines; None is the customer's own."""
REFUSALS = {409, 422}
Kind = Literal["invoice", "payment"]


@dataclass(slots=True)
class Ledger:
    """Clerks at work on the books of `story`; what they choose comes from `chance`."""

    story: Story
    chance: Random
    customers: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    keys: int = 0

    def open(self) -> None:
        """Two customers with a package each, whose first month is billed by the schedule."""
        rounding = self.chance.choice(["per_group", "per_line"])
        settings = {**OPERATOR, "tax_rounding": rounding, "prices_include_tax": self.chance.choice([True, False])}
        self.story.done(self.story.api.put("/settings", settings), 200)
        package = self.story.done(
            self.story.api.post("/packages", {"name": "Line", "match_days": [1], "unit_price": "24.90"}), 201
        )
        for name in ("one", "two"):
            currency = self.chance.choice(sorted(DIGITS))
            self.customers[self.story.customer(id=name, name=name.title(), currency=currency, tax=STANDARD, **BUYER)] = currency
            assigned = {"package_id": package["id"], "start_date": "2025-09-01"}
            self.story.done(self.story.api.post(f"/customers/{name}/packages", assigned), 201)
            self._call(name, "2025-09")
        self.story.schedule("monthly", "2025-10-01T06:15:00Z")

    def play(self, rounds: int = 1) -> None:
        """Every kind of step `rounds` times for each customer, in random order; then another month is billed."""
        steps = [(step, customer) for step in STEPS for customer in self.customers] * rounds
        self.chance.shuffle(steps)
        for step, customer in steps:
            STEPS[step](self, customer)
        for customer in self.customers:
            self._call(customer, "2025-09")
            self._call(customer, "2025-10")
        self.story.schedule("monthly", "2025-11-01T06:15:00Z")

    def documents(self, customer: str) -> list[dict[str, Any]]:
        """Every document of a customer as it is now."""
        rows = self._get(f"/customers/{customer}/invoices?limit=200")["items"]
        return [self.look("invoice", row["id"]) for row in rows]

    def payments(self, customer: str) -> list[dict[str, Any]]:
        """Every payment of a customer as it is now, without its history."""
        return list(self._get(f"/customers/{customer}/payments?limit=200")["items"])

    def look(self, kind: Kind, found_id: str) -> dict[str, Any]:
        """A document or payment as it is now; that it was so with this version is kept."""
        shown = self._get(f"/{kind}s/{found_id}")
        self.answers[shown["id"], shown["version"]] = shown
        return shown

    def invoice(self, customer: str, *, issue: bool = True) -> str:
        """An invoice by hand of one to four lines, some taxed otherwise, some taking off; its id."""
        lines = [self._line(500, 4000), *(self._line(-60, 300) for _ in range(self.chance.randrange(4)))]
        body = {
            "customer_id": customer,
            "lines": lines,
            "issue": issue,
            "prices_include_tax": self.chance.choice([True, False]),
            **self.chance.choice([{}, {"invoice_date": f"2025-{self.chance.randint(10, 12)}-{self.chance.randint(1, 28):02}"}]),
        }
        return str(self._do("invoice", self.story.api.post("/invoices", body))["id"])

    def draft(self, customer: str) -> None:
        """A draft, which may be issued later."""
        self.invoice(customer, issue=False)

    def issue(self, customer: str) -> None:
        """A draft gets its number."""
        self._do("issue", self.story.api.post(f"/invoices/{self._pick(customer, 'issue')['id']}/issue"))

    def revise(self, customer: str) -> None:
        """One line more on an issued invoice."""
        invoice = self._pick(customer, "revise")
        lines = [*({"id": line["id"]} for line in invoice["lines"]), self._line(1, 500)]
        match = {"If-Match": f'"{invoice["version"]}"'}
        self._do("revise", self.story.api.patch(f"/invoices/{invoice['id']}", {"lines": lines}, headers=match))

    def void(self, customer: str) -> None:
        """An invoice is withdrawn."""
        self._do("void", self.story.api.post(f"/invoices/{self._pick(customer, 'void')['id']}/void"))

    def credit_amount(self, customer: str) -> None:
        """Part of an invoice comes back, by amount."""
        invoice = self._creditable(customer)
        rest = Decimal(invoice["total"]) - Decimal(invoice["amount_credited"])
        self._credit("credit_amount", invoice, {"amount": self._part(rest, customer)})

    def credit_line(self, customer: str) -> None:
        """Part of a line comes back, by net or by quantity."""
        invoice = self.look("invoice", self.invoice(customer))
        line = invoice["lines"][0]
        part = {"net": self._part(line["net"], customer)} if self.chance.random() < 0.5 else {"quantity": line["quantity"]}
        self._credit("credit_line", invoice, {"lines": [{"line_id": line["id"], **part}]})

    def credit_rest(self, customer: str) -> None:
        """All that is left of an invoice comes back."""
        self._credit("credit_rest", self._creditable(customer), {})

    def pay(self, customer: str, status: str = "completed") -> str:
        """Money comes in, or is announced; the payment's id."""
        amount = self._part(Decimal(9000), customer)
        body = {"customer_id": customer, "amount": amount, "status": status, "date": f"2025-11-{self.chance.randint(1, 28):02}"}
        asked = self._keyed("/payments", {**body, "reference": f"in-{self.keys}"})
        return str(self._do("pay", asked, "payment")["id"])

    def complete(self, customer: str) -> None:
        """Announced money is there."""
        payment = self.pay(customer, "pending")
        self._do("complete", self.story.api.patch(f"/payments/{payment}", {"status": "completed"}), "payment")

    def cancel(self, customer: str) -> None:
        """Announced money never came."""
        payment = self.pay(customer, "pending")
        self._do("cancel", self.story.api.patch(f"/payments/{payment}", {"status": "cancelled"}), "payment")

    def allocate(self, customer: str) -> None:
        """A payment pays what is open, by a strategy."""
        self._pick(customer, "allocate")
        asked = {"strategy": self.chance.choice(["oldest_due_first", "oldest_first", "largest_first"])}
        made = self._do("allocate", self._keyed(f"/payments/{self._money(customer)['id']}/allocate", asked))
        self._note_allocations(made.get("allocations", []))

    def pay_part(self, customer: str) -> None:
        """A payment pays part of one invoice."""
        invoice, payment = self._pick(customer, "allocate"), self._money(customer)
        most = min(Decimal(invoice["amount_due"]), Decimal(payment["unallocated"]))
        asked = {"payment_id": payment["id"], "amount": self._part(most, customer)}
        made = self._do("pay_part", self._keyed(f"/invoices/{invoice['id']}/payments", asked))
        self._note_allocations([made] if made else [])

    def take_back(self, customer: str) -> None:
        """An allocation is reversed."""
        self.pay_part(customer)
        rows = [row for payment in self.payments(customer) for row in self.look("payment", payment["id"])["allocations"]]
        row = self.chance.choice([row for row in rows if row["reversed_at"] is None])
        self._do("take_back", self.story.api.delete(f"/invoices/{row['invoice_id']}/payments/{row['id']}"))
        self._note_allocations([row])

    def refund(self, customer: str) -> None:
        """Part of what is unallocated goes back."""
        payment = self._money(customer)
        asked = {"amount": self._part(payment["unallocated"], customer), "reference": f"out-{self.keys}"}
        self._do("refund", self._keyed(f"/payments/{payment['id']}/refund", asked), "payment")

    def undo_refund(self, customer: str) -> None:
        """A refund is taken back."""
        self.refund(customer)
        made = [
            (payment["id"], row["id"]) for payment in self.payments(customer) for row in self._standing_refunds(payment["id"])
        ]
        payment_id, refund_id = self.chance.choice(made)
        self._do("undo_refund", self.story.api.delete(f"/payments/{payment_id}/refunds/{refund_id}"))
        self.look("payment", payment_id)

    def _standing_refunds(self, payment_id: str) -> list[dict[str, Any]]:
        return [row for row in self.look("payment", payment_id)["refunds"] if row["reversed_at"] is None]

    def _credit(self, step: str, invoice: dict[str, Any], asked: dict[str, Any]) -> None:
        self._do(step, self.story.api.post(f"/invoices/{invoice['id']}/credit-notes", {"reason": "Wrong", **asked}))
        self.look("invoice", invoice["id"])

    def _creditable(self, customer: str) -> dict[str, Any]:
        offering = [one for one in self.documents(customer) if "credit" in one["actions"]]
        return self.chance.choice([*offering, self.look("invoice", self.invoice(customer))])

    def _pick(self, customer: str, action: str) -> dict[str, Any]:
        """A document that offers the action; where none does, one is made."""
        offering = [one for one in self.documents(customer) if action in one["actions"]]
        if action == "allocate":
            offering = [one for one in offering if Decimal(one["amount_due"]) > 0]
        return self.chance.choice(offering) if offering else self.look("invoice", self.invoice(customer, issue=action != "issue"))

    def _money(self, customer: str) -> dict[str, Any]:
        """A payment with something unallocated."""
        self.pay(customer)
        return self.chance.choice([one for one in self.payments(customer) if Decimal(one["unallocated"]) > 0])

    def _line(self, low: int, high: int) -> dict[str, Any]:
        price = Decimal(self.chance.randint(low * 10_000, high * 10_000)).scaleb(-self.chance.choice([4, 5]))
        tax = self.chance.choice(TAXES)
        return {
            "description": "Work",
            "quantity": str(self.chance.choice(["1", "3", "0.5", "7.25"])),
            "unit_price": str(price),
            "discount_percent": self.chance.choice(["0", "0", "12.5"]),
            **({"tax": tax} if tax else {}),
        }

    def _part(self, whole: Decimal | str, customer: str) -> str:
        """Some of an amount, at least the currency's smallest, in its digits."""
        smallest = Decimal(1).scaleb(-DIGITS[self.customers[customer]])
        share = Decimal(whole) * self.chance.randint(1, 100) / 100
        return str(max(share.quantize(smallest, ROUND_HALF_UP), smallest))

    def _call(self, customer: str, month: str) -> None:
        for destination in ("UK Mobile", "France"):
            calls = [(f"{month}-{self.chance.randint(1, 28):02}T12:00:00Z", f"{self.chance.random():.4f}") for _ in range(3)]
            self.story.calls(customer, *calls, destination=destination)

    def _keyed(self, path: str, body: dict[str, Any]) -> Reply:
        self.keys += 1
        return self.story.api.post(path, body, headers={"Idempotency-Key": f"ledger-{self.keys}"})

    def _do(self, step: str, reply: Reply, kind: Kind | None = "invoice") -> Any:
        """The answer of a step; empty when the rules refused it."""
        assert reply.status < 300 or reply.status in REFUSALS, reply.text
        if reply.status in REFUSALS:
            return {}
        self.done[step] += 1
        if reply.json and "version" in reply.json:
            self.look(kind or "invoice", reply.json["id"])
        return reply.json

    def _note_allocations(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.look("invoice", row["invoice_id"])
            self.look("payment", row["payment_id"])

    def _get(self, path: str) -> dict[str, Any]:
        return self.story.done(self.story.api.get(path), 200)


STEPS = {
    step.__name__: step
    for step in (
        *(Ledger.invoice, Ledger.draft, Ledger.issue, Ledger.revise, Ledger.void),
        *(Ledger.credit_amount, Ledger.credit_line, Ledger.credit_rest),
        *(Ledger.pay, Ledger.complete, Ledger.cancel, Ledger.allocate, Ledger.pay_part, Ledger.take_back),
        *(Ledger.refund, Ledger.undo_refund),
    )
}
