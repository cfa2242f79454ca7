"""The product against a ledger on paper: whatever clerks do over HTTP, in any order and on any business day, both say the same.

Paper decides whether a step is allowed and what comes of it; the product must agree to the cent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.scenarios.desk import NAMES, REFUSALS, ZONES, Desk, first_day, tax
from tests.scenarios.paper_billing import DAY, local_day
from tests.scenarios.paper_ledger import Money, Row, Use, rounded
from tests.support.cloud import Cloud

EXAMPLES, STEPS = 10, 30
"""The same ones every time; hundreds of others were played once, and more are worth their minutes after a change of the rules."""
names, choices = st.sampled_from(NAMES), st.integers(0, 99)
shifts = st.integers(-100, 20)
"""Business dates, in days from today."""
prices = st.integers(1, 2_000_000).map(lambda number: Decimal(number).scaleb(-4))
shares = st.sampled_from([Decimal(percent) / 100 for percent in (100, 50, 33, 1, 101)])
lines = st.lists(
    st.tuples(prices, st.sampled_from(["1", "3", "0.5"]), st.sampled_from(["20", "7.7", "0"])), min_size=1, max_size=4
)


class Clerks(Desk):
    """What clerks do."""

    @rule(name=names, made=lines, shift=shifts, inclusive=st.booleans())
    def invoice(self, name: str, made: list[tuple[Decimal, str, str]], shift: int, inclusive: bool) -> None:
        """By hand, on any day."""
        asked = [
            {"description": "Work", "unit_price": str(one), "quantity": count, "tax": tax(rate)} for one, count, rate in made
        ]
        body = {"customer_id": name, "lines": asked, "issue": True, "prices_include_tax": inclusive}
        found = self._done(self.story.api.post("/invoices", {**body, "invoice_date": str(self._day(shift))}), 201)
        rows = [Row(one * Decimal(count), Decimal(rate)) for one, count, rate in made]
        self._same_totals(name, found, rows, inclusive=inclusive)
        self._file(name, found)

    @rule(name=names, choice=choices, shift=shifts)
    def move(self, name: str, choice: int, shift: int) -> None:
        """An issued invoice gets another date: any, but not after its first credit note."""
        key, ledger, on = self._invoice(name, choice), self.ledgers[name], self._day(shift)
        paper = ledger.papers[key]
        version = self.story.invoice(key)["version"]
        asked = {"invoice_date": str(on)}
        reply = self.story.api.patch(f"/invoices/{key}", asked, headers={"If-Match": f'"{version}"'})
        notes = [one.on for one in ledger.papers.values() if one.original == key]
        if self._allowed(reply, paper.ended is None and all(on <= note for note in notes)):
            paper.due += on - paper.on
            paper.on = on

    @rule(name=names, choice=choices)
    def void(self, name: str, choice: int) -> None:
        """With nothing paid and nothing credited; its days are free again."""
        key, ledger = self._invoice(name, choice), self.ledgers[name]
        paper = ledger.papers[key]
        untouched = paper.ended is None and not ledger.paid(key) and not ledger.notes(key)
        if self._allowed(self.story.api.post(f"/invoices/{key}/void"), untouched):
            paper.ended = max(local_day(datetime.now(UTC), paper.zone), paper.on)
            self.billing[name].free(self.days.pop(key, []))

    @rule(name=names, choice=choices, share=shares, shift=shifts, whole=st.booleans())
    def credit(self, name: str, choice: int, share: Decimal, shift: int, whole: bool) -> None:
        """An amount, or all that is left; what exceeds the amount due is the customer's."""
        key, ledger = self._invoice(name, choice), self.ledgers[name]
        if key in self.days and self.billing[name].has_packages:
            return
        paper, left = ledger.papers[key], ledger.papers[key].total - ledger.notes(key)
        on = paper.on + timedelta(days=90 + shift)
        amount = left if whole else self._part(name, left, share)
        asked = {"reason": "Wrong", "invoice_date": str(on), **({} if whole else {"amount": str(amount)})}
        is_right = paper.ended is None and 0 < amount <= left and on >= paper.on
        reply = self.story.api.post(f"/invoices/{key}/credit-notes", asked)
        if self._allowed(reply, is_right):
            assert Decimal(reply.json["total"]) == amount
            self._file_note(name, reply.json, amount - ledger.due(key))

    @rule(name=names, share=shares, shift=shifts, pending=st.booleans())
    def pay(self, name: str, share: Decimal, shift: int, pending: bool) -> None:
        """Money comes in, or is announced."""
        amount = rounded(300 * share, self.ledgers[name].currency)
        body = {"customer_id": name, "amount": str(amount), "date": str(self._day(shift))}
        found = self._done(self._post("/payments", {**body, "status": "pending" if pending else "completed"}), 201)
        self.ledgers[name].money[found["id"]] = Money(amount, self._day(shift), counts=not pending)

    @rule(name=names, choice=choices, cancel=st.booleans(), shift=shifts)
    def decide(self, name: str, choice: int, cancel: bool, shift: int) -> None:
        """What was announced arrives, on another day perhaps; or any payment is cancelled that was not used."""
        key, ledger = self._payment(name, choice), self.ledgers[name]
        money = ledger.money[key]
        on = money.on if cancel else self._day(shift)
        is_used = money.note is not None or ledger.left(key) != money.amount
        is_right = not money.is_cancelled and not (money.counts and (is_used or not cancel))
        asked = {"status": "cancelled"} if cancel else {"status": "completed", "date": str(on)}
        is_so = money.is_cancelled if cancel else money.counts and money.on == on
        if self._allowed(self.story.api.patch(f"/payments/{key}", asked), is_right, unchanged=is_so):
            money.counts, money.is_cancelled = not cancel, cancel
            money.on = on

    @rule(name=names, choice=choices, others=st.lists(choices, min_size=1, max_size=2), share=shares, shift=st.none() | shifts)
    def allocate(self, name: str, choice: int, others: list[int], share: Decimal, shift: int | None) -> None:
        """One payment on one or several invoices."""
        payment, ledger = self._payment(name, choice), self.ledgers[name]
        invoices = {self._invoice(name, other) for other in others}
        parts = {key: self._part(name, min(ledger.due(key), ledger.left(payment)), share) for key in sorted(invoices)}
        asked = [{"invoice_id": key, "amount": str(amount)} for key, amount in parts.items()]
        reply = self._post(f"/payments/{payment}/allocate", {"allocations": asked, **self._dated(shift)})
        fits = all(amount <= ledger.due(key) for key, amount in parts.items())
        enough = ledger.money[payment].counts and sum(parts.values()) <= ledger.left(payment)
        if self._allowed(reply, fits and enough and self._is_free(name, payment, shift)):
            self._note_uses(name, reply.json["allocations"], {(payment, key): amount for key, amount in parts.items()}, shift)

    @rule(name=names, choice=choices, others=st.lists(choices, min_size=1, max_size=2), share=shares, shift=st.none() | shifts)
    def pay_jointly(self, name: str, choice: int, others: list[int], share: Decimal, shift: int | None) -> None:
        """Several payments on one invoice."""
        invoice, ledger = self._invoice(name, choice), self.ledgers[name]
        payments = {self._payment(name, other) for other in others}
        parts = {key: self._part(name, min(ledger.due(invoice), ledger.left(key)), share) for key in sorted(payments)}
        asked = [{"payment_id": key, "amount": str(amount)} for key, amount in parts.items()]
        reply = self._post(f"/invoices/{invoice}/payments", {"payments": asked, **self._dated(shift)})
        fits = all(ledger.money[key].counts and amount <= ledger.left(key) for key, amount in parts.items())
        free = all(self._is_free(name, key, shift) for key in payments)
        if self._allowed(reply, fits and free and sum(parts.values()) <= ledger.due(invoice)):
            self._note_uses(name, reply.json["allocations"], {(key, invoice): amount for key, amount in parts.items()}, shift)

    @rule(name=names, choice=choices)
    def take_back(self, name: str, choice: int) -> None:
        """An allocation or a refund ends today, or never counted when it was dated ahead."""
        live = [key for key, use in self.ledgers[name].uses.items() if use.back is None]
        if live:
            key = live[choice % len(live)]
            use = self.ledgers[name].uses[key]
            path = f"/invoices/{use.invoice}/payments/{key}" if use.invoice else f"/payments/{use.payment}/refunds/{key}"
            self._done(self.story.api.delete(path), 204)
            use.back = max(self._now(name), use.on)

    @rule(name=names, choice=choices, share=shares, shift=st.none() | shifts)
    def refund(self, name: str, choice: int, share: Decimal, shift: int | None) -> None:
        """Unallocated money goes back."""
        payment, ledger = self._payment(name, choice), self.ledgers[name]
        amount = self._part(name, ledger.left(payment), share)
        reply = self._post(f"/payments/{payment}/refund", {"amount": str(amount), **self._dated(shift)})
        if self._allowed(reply, amount <= ledger.left(payment) and self._is_free(name, payment, shift)):
            row = reply.json["refunds"][-1]
            on = max(self._now(name), ledger.free_from(payment)) if shift is None else self._day(shift)
            assert (row["amount"], row["date"]) == (str(amount), str(on))
            ledger.uses[row["id"]] = Use(payment, None, amount, on)

    @rule(name=names, calls=st.lists(st.tuples(st.integers(0, 200), prices), min_size=1, max_size=6))
    def call(self, name: str, calls: list[tuple[int, Decimal]]) -> None:
        """Calls of any day come in, some that came before; the same file again is the same batch."""
        records, fresh = [], 0
        for number, price in calls:
            started = datetime.combine(self.start, datetime.min.time(), UTC) + number * timedelta(hours=16, minutes=30)
            fresh += self.billing[name].take(f"{number}", started, price)
            record = {
                "call_id": f"{number}",
                "customer_id": name,
                "started_at": f"{started:%Y-%m-%dT%H:%M:%SZ}",
                "charge": str(price),
            }
            records.append({**record, "destination": "France", "connected": True, "duration_seconds": 50, "billed_seconds": 60})
        batch = self._done(self.story.api.post("/usage", {"records": records}), 202)
        counted = self.batches.setdefault(batch["id"], (fresh, len(calls) - fresh))
        assert (batch["accepted"], batch["duplicates"]) == counted

    @rule(hours=st.sampled_from([31 * 24, 7 * 24, 26, 3, 90 * 24]), by_button=st.booleans())
    def bill(self, hours: int, by_button: bool) -> None:
        """Time passes; the schedules fire, or somebody presses the button of each customer."""
        self.as_of += timedelta(hours=hours)
        if self.as_of > datetime.now(UTC):
            return
        text = f"{self.as_of:%Y-%m-%dT%H:%M:%SZ}"
        expected = {name: self._expect(name) for name in NAMES}
        before = {name: self._ids(name) for name in NAMES}
        for frequency in () if by_button else ("monthly", "weekly"):
            self.story.schedule(frequency, text)
        for name in NAMES if by_button else ():
            assert self.story.api.post(f"/customers/{name}/auto-generate", {"as_of": text}).status in {200, 201}
        for name in NAMES:
            made = sorted((self.story.invoice(key) for key in self._ids(name) - before[name]), key=first_day)
            self._same_documents(name, made, expected[name])

    @rule(name=names, first=st.integers(0, 140), length=st.integers(1, 12), issue=st.booleans())
    def bill_days(self, name: str, first: int, length: int, issue: bool) -> None:
        """Days ticked by hand: all of them unbilled and over, with anything on them, if only calls for nothing."""
        days = [self.start + n * DAY for n in range(first, first + length)]
        billing, asked = self.billing[name], {"start_date": str(days[0]), "end_date": str(days[-1])}
        now = datetime.now(UTC) - timedelta(hours=2)
        is_right = days[-1] < local_day(now, billing.zone) and not billing.claims & set(days)
        if not is_right:
            assert self.story.api.post(f"/customers/{name}/invoices", {"days": [asked]}).status in REFUSALS
            return
        before = set(billing.claims)
        rows = billing.claim(days)
        has_lines = any(row.is_usage or row.amount for row in rows)
        reply = self.story.api.post(f"/customers/{name}/invoices", {"days": [asked], "issue": issue})
        if self._allowed(reply, has_lines):
            self._same_documents(name, [self.story.invoice(reply.json["id"])], [(days, rows)])
        else:
            billing.claims = before

    @rule(choice=choices, issue=st.booleans())
    def decide_draft(self, choice: int, issue: bool) -> None:
        """A draft is issued, or deleted, and its days are free again."""
        if self.drafts:
            key = list(self.drafts)[choice % len(self.drafts)]
            name = self.drafts.pop(key)
            if issue:
                self._file(name, self._done(self.story.api.post(f"/invoices/{key}/issue"), 200))
            else:
                self._done(self.story.api.delete(f"/invoices/{key}"), 204)
                self.billing[name].free(self.days.pop(key))

    @rule(name=names, days=st.integers(0, 130))
    def end_package(self, name: str, days: int) -> None:
        """The package in advance ends, unless an earlier end is settled."""
        billing = self.billing[name]
        if not billing.has_packages:
            return
        path = f"/customers/{name}/packages/{self.packages[name]['id']}"
        end = self.start + timedelta(days=days)
        settled = billing.settlement is not None and any(day >= billing.settlement for day in billing.claims)
        if self._allowed(self.story.api.patch(path, {"end_date": str(end)}), not settled, unchanged=end == billing.end):
            billing.finish(end)

    @rule(name=names, zone=st.sampled_from(ZONES))
    def move_house(self, name: str, zone: str) -> None:
        """A new time zone counts for what comes."""
        self._done(self.story.api.patch(f"/customers/{name}", {"timezone": zone}), 200)
        self.billing[name].zone = zone

    @rule(name=names, shift=st.integers(-130, 30))
    def look(self, name: str, shift: int) -> None:
        """Somebody asks how things stood."""
        self._same_account(name, self._day(shift))
        self._same_lists(name)


def test_paper_and_product_agree(cloud: Cloud) -> None:
    """After any sequence of what clerks can do."""
    Clerks.cloud = cloud
    run_state_machine_as_test(
        Clerks,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
