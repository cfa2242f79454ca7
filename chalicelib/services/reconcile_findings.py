"""What a reconciliation can find: a code for each rule of the books that does not hold, where, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass

CODES = {
    "number_missing": "A number was taken and no document carries it.",
    "number_twice": "Two documents carry the same number.",
    "number_unaccounted": "A document carries a number that was not taken for it.",
    "blocks_broken": "The blocks of a series do not follow each other up to its counter.",
    "number_order": "Date order is strict, and a higher number has an earlier date.",
    "number_state": "An issued or void document has no number, or a draft has one.",
    "day_unclaimed": "A live document bills a day that the day ledger does not give it.",
    "day_orphaned": "A day is claimed by a document that is not live, and no run has it in hand.",
    "day_forgotten": "A day is unbilled, and the billing clock has passed it: no run will look at it.",
    "day_twice": "Two live documents bill the same day.",
    "usage_differs": "The usage lines of a document are not the usage of its days.",
    "usage_skipped": "Days billed without an invoice carry usage worth money.",
    "usage_ahead": "A day bills calls of a later day.",
    "usage_count": "What a batch accepted for the customer is not what lies in its roll-ups.",
    "call_twice": "The same call was accepted twice.",
    "line_net": "The net of a line, or of the usage lines of a tax group, is not its rounded amount.",
    "tax_group": "A tax group is not the sum of its lines, or its tax not the rounded share.",
    "totals": "Subtotal, tax or total do not add up.",
    "amounts_differ": "The amounts on a document's item are not those of its body.",
    "due": "Amount due is not total − paid − credited + refunded, or is negative.",
    "list_state": "The lists show a document in another state than it is in.",
    "paid": "What is paid on a document is not the sum of its allocations.",
    "payment": "A payment's allocations and refunds do not fit what is left of it.",
    "allocation": "An allocation has no payment or no issued document in its currency.",
    "credited": "What is credited on an invoice is not what its credit notes take back.",
    "over_credited": "Credit notes take back more than a line or tax group of their invoice has.",
    "credit": "The customer's credit is not what credit notes took back beyond what was due.",
    "document_missing": "A document was issued and its frozen JSON is not there.",
    "document_differs": "The frozen JSON says something else than the tables.",
    "unreadable": "The books of a customer, or documents, cannot be read, so nothing can be said about them.",
    "revision_missing": "An earlier revision or its frozen JSON is not there.",
}
"""Every code and the rule that is broken."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: its code, the id of what it is about (customer, document, payment, batch, series), and what was seen."""

    code: str
    where: str
    detail: str

    def __post_init__(self) -> None:
        """Refuse a code that is not documented."""
        if self.code not in CODES:
            raise ValueError(f"unknown code {self.code}")
