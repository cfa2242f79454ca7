"""Whom entries of a statement may be of: customers that owe something, and those that a number, account or name leads to.

Read once per statement, from indexes that may lag: proposals are for people to confirm, and confirming reads everything anew.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from chalicelib.domain.allocation import OpenInvoice
from chalicelib.domain.bank_entry import BankEntry
from chalicelib.domain.bank_matching import Debtor, OpenBill
from chalicelib.domain.invoice import InvoiceKind, InvoiceStatus
from chalicelib.domain.invoice_search import InvoiceSummary
from chalicelib.services.deps import Deps
from chalicelib.services.number_search import find_numbered
from chalicelib.store import keys
from chalicelib.store.customers import list_customers, load_customers
from chalicelib.store.invoice_batches import load_summaries
from chalicelib.store.invoice_list import list_owing
from chalicelib.store.payer_accounts import find_payers

MAX_OWING = 5_000
"""Open invoices that are compared with every entry. Beyond, customers are found by number, account and name alone."""
NAMESAKES = 3
LONGEST_NAME = 200
"""Characters of a name that the index of customers knows."""
WORDS = 4
"""Words of a text that are looked up as numbers."""
NUMBERED = re.compile(r"[A-Za-z0-9/-]*[0-9]{3,}[A-Za-z0-9/-]*")


class Debtors:
    """The debtors known so far; looks up more as entries ask for them."""

    def __init__(self, deps: Deps, most: int = MAX_OWING) -> None:
        """Read who owes, `most` open invoices of them."""
        self._shards = deps.settings.list_shards
        owing, self._is_complete = list_owing(self._shards, most)
        self._debtors: dict[str, Debtor] = {}
        self._add(_by_customer(owing))
        self._whole = set(self._debtors) if self._is_complete else set()

    def of_entry(self, entry: BankEntry) -> Collection[Debtor]:
        """Everybody that the entry may be of."""
        payers = find_payers(entry.account) if entry.account else frozenset()
        self._look_up({*payers, *self._numbered(entry), *self._namesakes(entry)})
        for customer_id in payers & self._debtors.keys():
            known = self._debtors[customer_id]
            self._debtors[customer_id] = replace(known, accounts=known.accounts | {entry.account})
        return self._debtors.values()

    def _numbered(self, entry: BankEntry) -> set[str]:
        """Customers whose documents carry a number of the text; needed where not every open invoice was read."""
        if self._is_complete:
            return set()
        words = NUMBERED.findall(f"{entry.remittance} {entry.reference}")[:WORDS]
        return {keys.parse_invoice_id(name)[0] for word in words for name in find_numbered(word)}

    def _namesakes(self, entry: BankEntry) -> set[str]:
        if not entry.name:
            return set()
        found, _ = list_customers(entry.name[:LONGEST_NAME], NAMESAKES, None, self._shards)
        return {customer.id for customer in found}

    def _look_up(self, customer_ids: Iterable[str]) -> None:
        missing = [customer_id for customer_id in customer_ids if customer_id not in self._whole]
        self._add({customer_id: load_summaries(customer_id) for customer_id in missing})
        self._whole.update(missing)

    def _add(self, owing: dict[str, list[InvoiceSummary]]) -> None:
        for customer in load_customers(list(owing)):
            self._debtors[customer.id] = Debtor(
                customer_id=customer.id,
                name=customer.name,
                currency=customer.currency,
                tax_id=customer.tax_id,
                external_id=customer.external_id,
                brings_invoice=customer.create_invoice_on_payment,
                bills=tuple(_bill(row) for row in owing[customer.id] if _is_open(row)),
            )


def _by_customer(rows: Iterable[InvoiceSummary]) -> dict[str, list[InvoiceSummary]]:
    found: dict[str, list[InvoiceSummary]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(row)
    return found


def _is_open(row: InvoiceSummary) -> bool:
    return row.kind is InvoiceKind.INVOICE and row.status is InvoiceStatus.ISSUED and row.amount_due > 0


def _bill(row: InvoiceSummary) -> OpenBill:
    terms = OpenInvoice(invoice_id=row.id, invoice_date=row.invoice_date, due_date=row.due_date, amount_due=row.amount_due)
    return OpenBill(number=row.number or "", terms=terms)
