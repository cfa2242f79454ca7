"""Walks every place where a ledger's amounts stand and enters what it finds in one table.

A new place (another format of a document, another list) is one more method of `Walk`, named in `PLACES_OF_DOCUMENTS`,
`PLACES_OF_PAYMENTS` or `PLACES_OF_CUSTOMERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

from chalicelib.store import objects
from tests.support.figures import Figures, add, read_paper, read_rows, read_statement_paper
from tests.support.random_ledger import Ledger
from tests.support.xml_told import SYNTAXES, told_by_xml

Shown = dict[str, Any]
AMOUNTS = ("total", "amount_paid", "amount_credited", "amount_refunded", "amount_due")
DOCUMENT = ("subtotal", "tax_total", *AMOUNTS)
PAYMENT = ("amount", "allocated", "unallocated", "refunded")
AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


@dataclass(slots=True)
class Walk:
    """Goes over a ledger once; `table` has what it was told, `missing` what some place left out or has too much."""

    ledger: Ledger
    table: Figures = field(default_factory=Figures)
    missing: list[str] = field(default_factory=list)

    def over_all(self) -> None:
        """Every document, payment and customer, and the reports over all."""
        for customer in self.ledger.customers:
            documents, payments = self.ledger.documents(customer), self.ledger.payments(customer)
            for document in documents:
                for tell_document in PLACES_OF_DOCUMENTS:
                    tell_document(self, document)
            for payment in payments:
                for tell_payment in PLACES_OF_PAYMENTS:
                    tell_payment(self, payment)
            for tell_customer in PLACES_OF_CUSTOMERS:
                tell_customer(self, customer, documents, payments)
        self.lists()
        self.ageing_of_all()

    def detail(self, shown: Shown) -> None:
        """The document itself, and whether it adds up."""
        subject, lines, taxes = shown["id"], shown["lines"], shown["taxes"]
        self._amounts(subject, "detail", shown, DOCUMENT)
        self._parts(subject, "detail", shown)
        like, say = shown["total"], self.table.say
        net = add((line["net"] for line in lines), like)
        say(subject, "sum of lines", {"subtotal": net})
        say(subject, "sum of taxes", {name: add((tax[key] for tax in taxes), like) for name, key in TAX_SUMS})
        say(subject, "sum of net and tax", {"total": add((shown["subtotal"], shown["tax_total"]), like)})
        taken = (f"-{shown['amount_paid']}", f"-{shown['amount_credited']}")
        due = add((shown["total"], *taken, shown["amount_refunded"]), like)
        if shown["kind"] == "invoice":
            say(subject, "what is left", {"amount_due": due})

    def revisions(self, shown: Shown) -> None:
        """Every revision, by itself and in the list of them, with its CSV; the present one is the document."""
        if shown["status"] == "draft":
            return
        for listed in self._list(f"/invoices/{shown['id']}/revisions"):
            subject, path = f"{shown['id']} revision {listed['revision']}", f"revision={listed['revision']}"
            alone = self._get(f"/invoices/{shown['id']}?{path}")
            for where, one in (("list of revisions", listed), ("revision", alone)):
                self._amounts(subject, where, one, DOCUMENT)
                self._parts(subject, where, one)
            self._csv(subject, f"/invoices/{shown['id']}/csv?{path}")
            if listed["revision"] == shown["revision"]:
                self._amounts(subject, "detail", shown, DOCUMENT)
                self._parts(subject, "detail", shown)

    def lines_csv(self, shown: Shown) -> None:
        """The CSV of the document in force."""
        self._csv(shown["id"], f"/invoices/{shown['id']}/csv")

    def xml(self, shown: Shown) -> None:
        """The e-invoice in both syntaxes: totals, and each line and tax group."""
        for syntax in SYNTAXES if shown["status"] == "issued" else ():
            reply = self.ledger.story.api.get(f"/invoices/{shown['id']}/xml?syntax={syntax}")
            for part, amounts in told_by_xml(reply, syntax, shown).items():
                self.table.say(shown["id"] if part == "totals" else f"{shown['id']} {part}", syntax, amounts)

    def allocations(self, shown: Shown) -> None:
        """What pays the invoice, row by row and in all."""
        rows = self._list(f"/invoices/{shown['id']}/payments")
        for row in rows:
            self._allocation("payments of the invoice", row)
        paid = add((row["amount"] for row in rows if row["reversed_at"] is None), shown["total"])
        self.table.say(shown["id"], "sum of allocations", {"amount_paid": paid})

    def credit_notes(self, shown: Shown) -> None:
        """What takes the invoice back, note by note and in all, and the credit that came of it."""
        if shown["kind"] != "invoice":
            return
        notes = self._list(f"/invoices/{shown['id']}/credit-notes")
        for note in notes:
            self._amounts(note["id"], "credit notes of the invoice", note, DOCUMENT)
        credits_given = [one for one in self.ledger.payments(shown["customer_id"]) if one["credit_note_id"] in _ids(notes)]
        sums = {"amount_credited": (one["total"] for one in notes), "amount_refunded": (one["amount"] for one in credits_given)}
        summed = {name: add(amounts, shown["total"]) for name, amounts in sums.items()}
        self.table.say(shown["id"], "sum of credit notes", summed)

    def history(self, shown: Shown) -> None:
        """What the audit log says became of the document."""
        self._history("invoice", shown["id"], DOCUMENT)

    def payment(self, listed: Shown) -> None:
        """The payment by itself, with its allocations and refunds, in the list, and what the audit log says."""
        shown = self.ledger.look("payment", listed["id"])
        subject = shown["id"]
        self._amounts(subject, "detail", shown, PAYMENT)
        self._amounts(subject, "payments of the customer", listed, PAYMENT)
        for row in shown["allocations"]:
            self._allocation("payment", row)
        for refund in shown["refunds"]:
            self.table.say(refund["reference"], "payment", {"amount": refund["amount"]})
        like = shown["amount"]
        sums = {
            "allocated": add((row["amount"] for row in shown["allocations"] if row["reversed_at"] is None), like),
            "refunded": add((refund["amount"] for refund in shown["refunds"] if refund["reversed_at"] is None), like),
        }
        self.table.say(subject, "sums", sums)
        if shown["status"] == "completed":
            used = add((shown[name] for name in ("allocated", "unallocated", "refunded")), like)
            self.table.say(subject, "what became of it", {"amount": used})

    def payment_history(self, listed: Shown) -> None:
        """What the audit log says became of the payment."""
        self._history("payment", listed["id"], PAYMENT)

    def account(self, customer: str, documents: list[Shown], payments: list[Shown]) -> None:
        """Balance, statement and ageing of a customer against the sums of its documents and payments."""
        balance = self._get(f"/customers/{customer}/balance")
        like, say = balance["due"], self.table.say
        say(customer, "balance", {name: balance[name] for name in ("due", "overdue", "unallocated", "balance")})
        owing = [one for one in documents if one["status"] == "issued" and one["kind"] == "invoice"]
        sums = {
            "due": add((one["amount_due"] for one in owing), like),
            "overdue": add((one["amount_due"] for one in owing if one["overdue"]), like),
            "unallocated": add((one["unallocated"] for one in payments if one["status"] == "completed"), like),
        }
        sums["balance"] = add((sums["due"], f"-{sums['unallocated']}"), like)
        say(customer, "sums of documents and payments", sums)
        currency = self.ledger.customers[customer]
        report = self._get(f"/reports/ageing?currency={currency}&customer_id={customer}")
        for row in report["customers"]:
            self._ages(customer, "ageing of the customer", row)
        self.table.say(f"{customer} ageing", "total of the customer", report["total"])

    def statement(self, customer: str, documents: list[Shown], payments: list[Shown]) -> None:
        """The statement of all days: its rows against documents and payments, its balances against the movements."""
        shown = self._get(f"/customers/{customer}/statement")
        moves = shown["movements"]
        for move in moves:
            self._moved(move, documents, payments)
        expected = [one for one in documents if one["number"]] + [one for one in documents if one["status"] == "void"]
        counted = [one for one in payments if one["status"] == "completed" and one["credit_note_id"] is None]
        refunds = [one for payment in payments for one in self.ledger.look("payment", payment["id"])["refunds"]]
        taken_back = [one for one in refunds if one["reversed_at"] is not None]
        if len(moves) != sum(map(len, (expected, counted, refunds, taken_back))):
            self.missing.append(f"statement of {customer}: {len(moves)} rows")
        balances = self._running(shown["opening"], moves)
        self.table.say(customer, "statement", {"balance": shown["closing"]})
        self.table.say(customer, "movements", {"balance": balances[-1]})
        rows = [{"debit": one["debit"], "credit": one["credit"], "balance": one["balance"]} for one in moves]
        for place, row, running in zip(range(len(rows)), rows, balances[1:], strict=True):
            self.table.say(f"{customer} row {place}", "statement", row)
            self.table.say(f"{customer} row {place}", "movements", {"balance": running})
        self._later_statement(customer, moves, balances)
        self._statement_csv(customer, shown)

    def lists(self) -> None:
        """The lists of all documents and payments, and those that a customer sees of its own."""
        for where, query, whose in self._lists():
            for row in self._list(f"/invoices{query}", customer=whose):
                self._amounts(row["id"], where, row, AMOUNTS)
            for row in self._list(f"/payments{query}", customer=whose):
                self._amounts(row["id"], where, row, PAYMENT)

    def ageing_of_all(self) -> None:
        """The ageing of a currency: each customer's row, and the total of the rows."""
        for currency in set(self.ledger.customers.values()):
            report = self._get(f"/reports/ageing?currency={currency}")
            for row in report["customers"]:
                self._ages(row["customer_id"], "ageing of all", row)
            subject, total = f"all in {currency}", report["total"]
            self.table.say(subject, "ageing", total)
            self.table.say(
                subject, "sum of rows", {name: add((row[name] for row in report["customers"]), total[name]) for name in total}
            )

    def events(self, where: str, events: Iterable[Mapping[str, Any]]) -> None:
        """What events say, each against what the API answered of that version."""
        for event in events:
            subject = f"{event['subject']} version {event['sequence']}"
            answer = self.ledger.answers.get((event["subject"], event["sequence"]))
            names = DOCUMENT if "total" in event["data"] else PAYMENT
            self._amounts(subject, where, event["data"], names)
            if answer is not None:
                self._amounts(subject, "answer of then", answer, names)

    def paper(self, shown: Shown, born: Shown) -> None:
        """The PDF of the revision in force, against the document as it was when that revision was made."""
        link = self._get(f"/invoices/{shown['id']}/pdf")
        subject = f"{shown['id']} on paper"
        self._amounts(subject, "detail of then", born, DOCUMENT)
        self._parts(subject, "detail of then", born)
        parts = read_paper(_fetch(link["url"]))
        totals = parts.pop("totals")
        self.table.say(subject, "PDF", totals)
        for part, amounts in parts.items():
            self.table.say(f"{subject} {part}", "PDF", amounts)
        if len(parts) != len(born["lines"]) + len(born["taxes"]) or "subtotal" not in totals:
            self.missing.append(f"{subject}: {sorted(parts)}")

    def statement_paper(self, customer: str) -> None:
        """The PDF of the statement, row by row; its link must be there."""
        shown = self._get(f"/customers/{customer}/statement")
        rows = read_statement_paper(_fetch(self._get(f"/customers/{customer}/statement.pdf")["url"]))
        expected = [("", shown["opening"]), *map(_printed, shown["movements"]), ("", shown["closing"])]
        for place, (row, wanted) in enumerate(zip(rows, expected, strict=True)):
            for where, (moved, balance) in (("PDF", row), ("statement", wanted)):
                self.table.say(f"{customer} row {place} on paper", where, {"moved": moved, "balance": balance})

    def _lists(self) -> list[tuple[str, str, str | None]]:
        own = [("list of one's own", "", name) for name in self.ledger.customers]
        return [
            ("list of all", "", None),
            *own,
            *((f"list of {name}", f"?customer_id={name}", None) for name in self.ledger.customers),
        ]

    def _moved(self, move: Shown, documents: list[Shown], payments: list[Shown]) -> None:
        """A row of the statement, against the document or money that it tells of."""
        named = {one["number"]: one["id"] for one in documents} | {one["reference"]: one["id"] for one in payments}
        moved, other = (move["credit"], move["debit"]) if Decimal(move["credit"]) else (move["debit"], move["credit"])
        name = str(move["number"] or move["reference"])
        if Decimal(other) or (name not in named and move["kind"] not in {"refund", "refund_reversal"}):
            self.missing.append(f"statement row {move}")
        self.table.say(named.get(name, name), f"statement: {move['kind']}", {"total" if move["number"] else "amount": moved})

    def _running(self, opening: str, moves: list[Shown]) -> list[str]:
        balances = [opening]
        for move in moves:
            balances.append(add((balances[-1], move["debit"], f"-{move['credit']}"), opening))
        return balances

    def _later_statement(self, customer: str, moves: list[Shown], balances: list[str]) -> None:
        """From a day in the middle on: what was before it is the opening balance, and the end is the same."""
        first = moves[len(moves) // 2]["date"]
        later = self._get(f"/customers/{customer}/statement?from={first}")
        opening = balances[sum(move["date"] < first for move in moves)]
        self.table.say(f"{customer} from {first}", "statement of all days", {"opening": opening, "closing": balances[-1]})
        self.table.say(f"{customer} from {first}", "statement", {"opening": later["opening"], "closing": later["closing"]})

    def _statement_csv(self, customer: str, shown: Shown) -> None:
        rows = read_rows(_fetch(self._get(f"/customers/{customer}/statement.csv")["url"]).decode())
        for place, row in enumerate(rows[1:-1]):
            self.table.say(
                f"{customer} row {place}", "statement as CSV", {name: row[name] for name in ("debit", "credit", "balance")}
            )
        if len(rows) != len(shown["movements"]) + 2:
            self.missing.append(f"statement of {customer} as CSV: {len(rows)} rows")
        self.table.say(customer, "statement as CSV", {"opening": rows[0]["balance"], "balance": rows[-1]["balance"]})
        self.table.say(customer, "statement", {"opening": shown["opening"]})

    def _ages(self, customer: str, where: str, row: Shown) -> None:
        """A row of the ageing: the parts are what is due, all but the first what is overdue."""
        say, like = self.table.say, row["total"]
        say(f"{customer} ageing", where, {name: row[name] for name in (*AGES, "total", "unallocated")})
        say(customer, where, {"due": row["total"], "unallocated": row["unallocated"]})
        say(customer, f"{where}: parts", {"due": add((row[name] for name in AGES), like)})
        say(customer, f"{where}: parts", {"overdue": add((row[name] for name in AGES[1:]), like)})

    def _csv(self, subject: str, path: str) -> None:
        *lines, total = read_rows(self.ledger.story.api.get(path).text)
        for place, line in enumerate(lines, 1):
            self.table.say(f"{subject} line {place}", "CSV", {"net": line["net"]})
        self.table.say(subject, "CSV", {"subtotal": total["net"], "tax_total": total["tax"], "total": total["total"]})
        self.table.say(subject, "CSV", {"lines": len(lines)})

    def _parts(self, subject: str, where: str, shown: Shown) -> None:
        self.table.say(subject, where, {"lines": len(shown["lines"])})
        for place, line in enumerate(shown["lines"], 1):
            self.table.say(f"{subject} line {place}", where, {"net": line["net"]})
        for place, tax in enumerate(shown["taxes"]):
            self.table.say(f"{subject} tax {place}", where, {"net": tax["net"], "tax": tax["tax"]})

    def _allocation(self, where: str, row: Shown) -> None:
        self.table.say(row["id"], where, {"amount": row["amount"], "reversed": row["reversed_at"] is not None})

    def _history(self, kind: str, found_id: str, names: Iterable[str]) -> None:
        """Every entry begins where the one before it ended, and the last one ends with what is there now."""
        known: dict[str, str] = {}
        for entry in reversed(self._list(f"/{kind}s/{found_id}/history")):
            if entry["object"] == "allocation" and "amount" in entry["after"]:
                self.table.say(entry["object_id"], "audit log", {"amount": entry["after"]["amount"]})
            if entry["object"] != kind:
                continue
            for name in set(names) & set(entry["before"]):
                self.table.say(f"{found_id} before {entry['id']}", "entry", {name: entry["before"][name]})
                self.table.say(f"{found_id} before {entry['id']}", "entries before", {name: known.get(name)})
            known |= {name: entry["after"][name] for name in set(names) & set(entry["after"])}
        self.table.say(found_id, "audit log", known)

    def _amounts(self, subject: str, where: str, shown: Mapping[str, Any], names: Iterable[str]) -> None:
        self.table.say(subject, where, {name: shown[name] for name in names if name in shown})

    def _list(self, path: str, customer: str | None = None) -> list[Shown]:
        """All pages."""
        found: list[Shown] = []
        cursor: str | None = ""
        while cursor is not None:
            joint = "&" if "?" in path else "?"
            reply = self.ledger.story.api.get(
                f"{path}{joint}limit=20" + (f"&cursor={cursor}" if cursor else ""), customer=customer
            )
            answer = self.ledger.story.done(reply, 200)
            found += answer["items"]
            cursor = answer["next_cursor"]
        return found

    def _get(self, path: str) -> Shown:
        return self.ledger.story.done(self.ledger.story.api.get(path), 200)


TAX_SUMS = (("subtotal", "net"), ("tax_total", "tax"))
PLACES_OF_DOCUMENTS: tuple[Callable[[Walk, Shown], None], ...] = (
    *(Walk.detail, Walk.revisions, Walk.lines_csv, Walk.xml, Walk.allocations, Walk.credit_notes, Walk.history),
)
PLACES_OF_PAYMENTS: tuple[Callable[[Walk, Shown], None], ...] = (Walk.payment, Walk.payment_history)
PLACES_OF_CUSTOMERS: tuple[Callable[[Walk, str, list[Shown], list[Shown]], None], ...] = (Walk.account, Walk.statement)


def _printed(move: Shown) -> tuple[str, str]:
    """A row of the statement as paper has it: what did not move is left empty."""
    moved = move["debit"] if Decimal(move["debit"]) else move["credit"]
    return (moved if Decimal(moved) else "", move["balance"])


def _fetch(url: str) -> bytes:
    """What a presigned link leads to."""
    key = unquote(urlsplit(url).path).lstrip("/")
    found = objects.find_object(key)
    assert found is not None, key
    return found


def _ids(rows: Iterable[Shown]) -> set[str]:
    return {row["id"] for row in rows}
